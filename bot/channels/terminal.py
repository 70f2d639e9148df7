"""The terminal channel: a line in, words out; the same talk for the developer and the operator."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from starlette.routing import BaseRoute

from bot.channels.channel import MESSAGE, PLAIN, Button, FetchFailed, Message, Push
from bot.chat import Chat
from handlers.messages import Attachment, Incoming
from handlers.office.ways import Way
from storage.errors import Busy, Unavailable

FILE_SIGN = "@"


class TerminalChannel:
    """Reads lines of one person and shows the answers by `show`."""

    name = "terminal"

    def __init__(self, chat: Chat, show: Callable[[str], object]) -> None:
        self._chat = chat
        self._show = show

    def routes(self) -> Sequence[BaseRoute]:
        """None: nobody reaches a terminal by HTTP."""
        return ()

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Nothing to end."""

    def ways(self, push: Push) -> Sequence[Way]:
        """One, of which nothing is counted."""
        return PLAIN

    async def send(self, address: str, push: Push, way: str = MESSAGE) -> str:
        """Show what was to be said later."""
        self._show(shown(push.messages, everything=True))
        return ""

    async def fetch(self, reference: str) -> bytes:
        """Files are kept as they are named, so none is ever fetched."""
        raise FetchFailed(retryable=False)

    async def open(self, address: str, language: str, scene: str = "") -> None:
        """The first words of a talk, or the question that was left open."""
        await self.tell(_incoming(address, kind="open", language=language, scene=scene))

    async def line(self, address: str, text: str) -> None:
        """One line that was typed; `@name` sends the file of that name."""
        if text.startswith(FILE_SIGN):
            await self._file(address, Path(text.removeprefix(FILE_SIGN).strip()))
        else:
            await self.tell(_incoming(address, text=text))

    async def tell(self, incoming: Incoming) -> None:
        """Answer a message and show the answer."""
        try:
            answered = await self._chat.decide(incoming)
        except (Busy, Unavailable):
            self._show(self._chat.words.say("zh", "say/not_saved"))
            return
        if answered.replies:  # none while staff talk to the person
            self._show(shown(self._chat.messages(answered), everything=answered.page > 0))

    async def _file(self, address: str, path: Path) -> None:
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            self._show(f"{path}: {error.strerror}.")
            return
        outcome, detail = await self._chat.keep_file(self.name, address, data)
        if outcome == "refused":
            self._show(self._chat.words.say("zh", f"invalid/{detail}"))
            return
        await self.tell(_incoming(address, files=(Attachment("image", f"stored:{detail}", path.name),)))


def shown(messages: Sequence[Message], *, everything: bool = False) -> str:
    """Messages as a terminal shows them: options numbered, commands in brackets."""
    return "\n\n".join(_message(message, everything=everything) for message in messages)


def _message(message: Message, *, everything: bool) -> str:
    options = message.options if everything else message.shown
    parts = [message.words, "\n".join(f"  {button.number}. {button.label}" for button in options)]
    left_out = len(message.options) - len(options)
    controls = " ".join(f"[{button.label}]" for button in message.controls if _is_usable(button))
    parts.append(f"  … +{left_out}" if left_out else "")
    parts.append(controls and f"  {controls}")
    return "\n".join(part for part in parts if part)


def _is_usable(button: Button) -> bool:
    """A terminal has no location and no address book."""
    return not button.choice.value.startswith("share_")


def _incoming(
    address: str,
    *,
    text: str = "",
    kind: str = "message",
    files: tuple[Attachment, ...] = (),
    language: str = "",
    scene: str = "",
) -> Incoming:
    opening = kind == "open"
    return Incoming(
        channel=TerminalChannel.name,
        address=address,
        message_id=secrets.token_hex(8),
        received_at=datetime.now(UTC),
        kind="open" if opening else "message",
        text=text,
        files=files,
        language=language,
        scene=scene,
    )
