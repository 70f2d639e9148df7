"""What becomes of a pressed button: the client's waiting sign goes, and the question shows what was chosen."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import structlog

from bot.channels.telegram import compose
from bot.channels.telegram.errors import ApiFailed
from bot.channels.telegram.updates import Note, Press
from handlers.messages import Reply, Tap

if TYPE_CHECKING:
    from bot.channels.telegram.api import Api

log = structlog.get_logger(__name__)

EXPECTED = frozenset({
    "message is not modified", "query is too old", "message to edit not found", "message can't be edited",
})  # fmt: skip


class Presses:
    """Calls besides the answer, after its commit; whether they succeed changes nothing."""

    def __init__(self, api: "Api") -> None:
        self._api = api
        self._tasks: set[asyncio.Task[None]] = set()

    def show(self, press: Press, chosen: str) -> None:
        """Begin to show it. `chosen`: what to write below the question; empty where the press changed nothing."""
        task = asyncio.create_task(self._show(press, chosen))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self, seconds: float) -> None:
        """Wait for the calls under way; what takes longer is given up."""
        running = list(self._tasks)
        if running:
            _, late = await asyncio.wait(running, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _show(self, press: Press, chosen: str) -> None:
        await self._try("answerCallbackQuery", {"callback_query_id": press.id})
        if chosen and press.message is not None and press.message.text:
            await self._try(*edited(press.message, chosen))

    async def _try(self, method: str, values: dict[str, Any]) -> None:
        try:
            await self._api.call(method, values)
        except ApiFailed as failed:
            if failed.reason not in EXPECTED:
                log.info("telegram_press", method=method, outcome=failed.reason)
        except Exception as fault:  # noqa: BLE001 -- nobody awaits it, and the answer has left already
            log.error("telegram_press", method=method, fault=type(fault).__name__)


def edited(note: Note, chosen: str) -> tuple[str, dict[str, Any]]:
    """The call that writes the choice below a question, without buttons; only takes them off where it is too long."""
    place = {"chat_id": note.chat.id, "message_id": note.message_id}
    text = f"{note.text}{compose.GAP}{chosen}"
    if compose.units(text) > compose.LIMIT:
        return "editMessageReplyMarkup", place
    return "editMessageText", {**place, "text": text, **compose.PLAIN}


def label(press: Press) -> str:
    """The words on the pressed button, as the message shows them; empty where they are not known."""
    rows = press.message.reply_markup.get("inline_keyboard") if press.message else None
    keys = (key for row in rows or () if isinstance(row, list) for key in row if isinstance(key, dict))
    return next((str(key.get("text", "")) for key in keys if key.get("callback_data") == press.data), "")


def is_taken(tap: Tap, replies: Sequence[Reply]) -> bool:
    """Whether the answer was accepted: not refused, not asked for again, and no staff talk to the person."""
    refused = any(reply.template.startswith("invalid/") for reply in replies)
    again = bool(tap.step) and any(
        reply.template in {"say/stale_button", "say/with_person", f"ask/{tap.step}"} for reply in replies
    )
    return not refused and not again
