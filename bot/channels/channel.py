"""The contract between the house and a channel."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar, runtime_checkable

from starlette.routing import BaseRoute

from handlers.messages import Choice, Reply
from handlers.office.outbox import Failure
from handlers.office.ways import Way
from storage.records import Reach

T = TypeVar("T")

MESSAGE = "message"  # the way of a message in the talk
PLAIN = (Way(MESSAGE),)


@dataclass(frozen=True, slots=True)
class Button:
    """A choice in words. `number` is what may be typed instead (options and summary lines), else None."""

    label: str
    choice: Choice
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A picture (JPEG) or a document (PDF) that goes along: its code, its name, and the line that says where it is."""

    code: str
    name: str
    line: str

    @property
    def is_picture(self) -> bool:
        """Whether it is to be looked at in the talk."""
        return self.name.endswith(".jpg")

    @property
    def path(self) -> str:
        """Where the program itself shows it."""
        return f"/f/{self.code}"


@dataclass(frozen=True, slots=True)
class Message:
    """One reply in words: plain text, and its buttons in order.

    The text doesn't list the options; the channel shows them its own way. `lines` are the summary's lines,
    already listed in the text with their numbers. Of the options the first `short` are shown at first
    (0: all of them), the rest after `more`. `file` goes along; a channel that can't show it says `words`.
    """

    text: str
    options: tuple[Button, ...] = ()
    lines: tuple[Button, ...] = ()
    controls: tuple[Button, ...] = ()
    short: int = 0
    file: Enclosed | None = None

    @property
    def words(self) -> str:
        """The text, and where the file is."""
        return self.text if self.file is None else f"{self.text}\n\n{self.file.line}"

    @property
    def shown(self) -> tuple[Button, ...]:
        """The options to show at first."""
        return self.options[: self.short] if self.short else self.options


@dataclass(frozen=True, slots=True)
class Push:
    """What is said unasked, in the person's language. Of a long one the first `said` parts have gone out before.

    replies: what the messages say, for ways that take values and not our words; kind, topic: as in the outbox;
    number: which message of the outbox it is, 0 for none.
    """

    messages: Sequence[Message]
    language: str = "zh"
    said: int = 0
    replies: Sequence[Reply] = ()
    kind: str = "answer"
    topic: str = ""
    number: int = 0


class SendFailed(Exception):
    """The platform did not take the message."""

    def __init__(
        self,
        reason: str,
        *,
        retryable: bool,
        after: float | None = None,
        reach: Reach | None = None,
        away: bool = False,
        unknown: bool = False,
        closed: bool = False,
    ) -> None:
        """`reason` is for the staff and holds nothing personal; the rest as in `handlers.office.outbox.Failure`."""
        super().__init__(reason)
        self.failure = Failure(reason, retryable, after, reach=reach, away=away, unknown=unknown, closed=closed)

    @property
    def reason(self) -> str:
        """Why, in the staff's words."""
        return self.failure.reason

    @property
    def retryable(self) -> bool:
        """Whether it may work later."""
        return self.failure.retryable


def file_of(messages: Sequence[Message]) -> Enclosed | None:
    """The file that goes along with them, if one does."""
    return next((message.file for message in messages if message.file is not None), None)


def without_file(messages: Sequence[Message]) -> Sequence[Message]:
    """The same without it, for a channel that shows it itself."""
    return [replace(message, file=None) for message in messages]


async def say_in_parts(parts: Sequence[T], said: int, say: Callable[[T], Awaitable[None]]) -> None:
    """Say the parts that have not been said; where one fails, its SendFailed tells how many have."""
    for number, part in enumerate(parts[said:], said):
        try:
            await say(part)
        except SendFailed as failed:
            failed.failure = replace(failed.failure, said=number)
            raise


class FetchFailed(Exception):
    """The platform did not hand over the file."""

    def __init__(self, *, retryable: bool) -> None:
        super().__init__((type(self).__doc__ or "").strip())
        self.retryable = retryable


@runtime_checkable
class SpeaksToMany(Protocol):
    """A channel whose platform takes one message for many people."""

    async def send_to_many(self, addresses: Sequence[str], push: Push, call: str) -> str:
        """Say the same to all; the platform's id of the call, whose result it tells later; else SendFailed.

        The same `call` again is one call to the platform.
        """
        ...


@runtime_checkable
class HasPages(Protocol):
    """A channel whose people hear something only while a page of theirs hangs on a copy of the program."""

    def is_open(self, address: str) -> bool:
        """Whether one hangs on this copy."""
        ...

    def address_of(self, index: str) -> str | None:
        """The address with that keyed index (hex), if a page of it hangs on this copy."""
        ...

    def open_addresses(self) -> Sequence[str]:
        """Whose pages hang on this copy."""
        ...


@runtime_checkable
class Opens(Protocol):
    """A channel that must be opened before it can send, where nothing is received."""

    def open(self) -> None:
        """Be ready to send; `start` does so too."""
        ...


@runtime_checkable
class MakesCodes(Protocol):
    """A channel whose platform makes QR codes that lead to the account."""

    def makes_codes(self) -> bool:
        """Whether the account may."""
        ...

    async def follow(self, scene: str) -> str:
        """The address that a code for this scene leads to; empty if the platform gives none."""
        ...


class Channel(Protocol):
    """One way to talk. Each lives in one file of this folder; `CHANNELS` in `bot/channels/entries.py` lists them."""

    name: str

    def routes(self) -> Sequence[BaseRoute]:
        """The HTTP routes it answers."""
        ...

    async def start(self) -> None:
        """Begin: register commands, set the webhook, poll. A platform that is away must not stop the house."""
        ...

    async def stop(self) -> None:
        """End what `start` began; may be called twice."""
        ...

    def ways(self, push: Push) -> Sequence[Way]:
        """In which ways it could be said, the best first, and what each uses up of what the platform allows."""
        ...

    async def send(self, address: str, push: Push, way: str = MESSAGE) -> str:
        """Say something later, in one of its ways; returns when the platform took it, else raises SendFailed.

        Empty, or the platform's id of the message where it will report later what became of it.
        """
        ...

    async def fetch(self, reference: str) -> bytes:
        """The content of a file that was sent here, or FetchFailed."""
        ...
