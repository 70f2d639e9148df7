"""One update: decided, put into words, and what doesn't leave at once kept for later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

import structlog

from bot.channels.channel import Message, SendFailed
from bot.channels.telegram import compose, presses
from bot.channels.telegram.errors import Moved
from bot.channels.telegram.incoming import CHANNEL, PRIVATE, to_incoming
from bot.channels.telegram.updates import Update
from bot.chat import Chat
from bot.fairness import TooFast
from handlers.messages import Incoming
from handlers.turns import Answered
from storage.errors import Busy, Unavailable

if TYPE_CHECKING:
    from bot.channels.telegram.api import Api

log = structlog.get_logger(__name__)

SAYING = "sendMessage"


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said: calls of `sendMessage`, and the answer they are made of (None: none was decided)."""

    calls: tuple[compose.Call, ...] = ()
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers updates, whichever way they come."""

    chat: Chat
    api: "Api"
    presses: presses.Presses

    async def answer(self, update: Update) -> Said:
        """The committed answer. Raises Busy or Unavailable: then the update must come again."""
        try:
            await self._move(update)
            await self._note_membership(update)
            incoming = to_incoming(update, datetime.now(UTC))
            return Said() if incoming is None else await self._decide(update, incoming)
        except (Busy, Unavailable):
            raise
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the person gets a sentence and the log its place
            log_fault(fault)
            return self._trouble(update)

    async def say(self, said: Said, calls: Sequence[compose.Call]) -> bool:
        """Make some of its calls; False where one failed: what may pass is said later, the rest is given up."""
        try:
            for call in calls:
                await self.send(call)
        except SendFailed as failed:
            log.info("telegram_answer", outcome=failed.reason, retryable=failed.retryable)
            if failed.retryable and said.answered is not None:
                await self.chat.deliver_later(said.answered)
            return False
        return True

    async def send(self, call: compose.Call, method: str = SAYING) -> Any:
        """One message, to the chat's new id where it has moved, as the platform shows it; SendFailed."""
        try:
            return await self.api.call(method, call)
        except Moved as moved:
            await self.chat.moved(CHANNEL, str(call["chat_id"]), moved.address)
            return await self.api.call(method, {**call, "chat_id": int(moved.address)})

    async def _decide(self, update: Update, incoming: Incoming) -> Said:
        answered = await self._answered(incoming)
        self._show_press(update, incoming, answered)
        more = self.chat.words.label(answered.language, "commands", "more")
        calls = compose.compose(incoming.address, self.chat.messages(answered), answered.page, more)
        return Said(calls, answered)

    async def _answered(self, incoming: Incoming) -> Answered:
        """The answer; to a flood what is told once, and then nothing, or the platform would deliver all of it again."""
        try:
            return await self.chat.answer(incoming)
        except TooFast as refusal:
            return refusal.answered

    def _show_press(self, update: Update, incoming: Incoming, answered: Answered) -> None:
        press = update.callback_query
        if press is None or incoming.choice is None:
            return
        label = presses.label(press) if presses.is_taken(incoming.choice, answered.replies) else ""
        chosen = self.chat.words.phrase(answered.language, "chosen", label=label) if label else ""
        self.presses.show(press, chosen)

    def _trouble(self, update: Update) -> Said:
        if update.chat is None or update.chat.type != PRIVATE:
            return Said()
        words = self.chat.words.say(update.language, "say/trouble")
        return Said(compose.unasked(str(update.chat.id), [Message(words)]))

    async def _move(self, update: Update) -> None:
        """A chat tells its new id."""
        note = update.message
        if note is not None and note.migrate_to_chat_id is not None:
            await self.chat.moved(CHANNEL, str(note.chat.id), str(note.migrate_to_chat_id))

    async def _note_membership(self, update: Update) -> None:
        """Whoever blocks the bot isn't written to any more, until they let it in again."""
        told = update.my_chat_member
        if told is not None and told.chat.type == PRIVATE:
            await self.chat.reached(CHANNEL, str(told.chat.id), "blocked" if told.is_blocked else "reachable")


def log_fault(fault: Exception) -> None:
    """The kind and place of a fault, never its text, which may hold an answer."""
    frame = extract_tb(fault.__traceback__)[-1]
    log.error("telegram_fault", fault=type(fault).__name__, at=f"{Path(frame.filename).name}:{frame.lineno}")
