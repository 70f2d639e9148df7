"""What the web and the terminal need of the talk."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from bot.channels.channel import Message
from handlers.messages import Incoming
from handlers.turns import Answered


class PageWords(Protocol):
    """What is said outside a turn, in every language."""

    @property
    def languages(self) -> Mapping[str, Any]:
        """Every language by its code, the first one for those who name none."""
        ...

    def say(self, language: str, template: str, **data: Any) -> str:
        """One template's words."""
        ...

    def label(self, language: str, codes: str, value: str) -> str:
        """One label."""
        ...

    def page(self, language: str) -> Mapping[str, str]:
        """The page's own strings."""
        ...


class Talk(Protocol):
    """`bot.chat.Chat`, as far as these channels use it."""

    @property
    def words(self) -> PageWords:
        """What is said outside a turn."""
        ...

    async def answer(self, incoming: Incoming) -> Answered:
        """Decide and commit; raises storage.errors.Busy or Unavailable when nothing was saved."""
        ...

    def messages(self, answered: Answered) -> Sequence[Message]:
        """The answer in words."""
        ...

    async def keep_file(self, channel: str, address: str, data: bytes) -> tuple[Literal["stored", "refused"], str]:
        """Clean and keep an uploaded file: its id, or the reason why not."""
        ...
