"""The talk without any channel: messages go straight to `receive`."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.house import House
from handlers.messages import Attachment, Contact, Incoming, Place, Reply, Tap
from tests.talks import listed

FILES = {
    "photo": "image", "pdf": "document", "voice": "voice", "sticker": "sticker", "video": "video", "file": "other",
}  # fmt: skip


class Engine:
    """Plays with a clock of its own, so that time can pass."""

    can = frozenset({*FILES, "place", "contact", "open", "again", "later", "as", "code", "unfollow", "list"})

    def __init__(self, house: House, language: str, now: datetime, channel: str = "engine") -> None:
        self.house = house
        self.platform = listed.Platform()
        self._language = language
        self._now = now
        self._channel = channel
        self._numbers = itertools.count(1)
        self._last: Incoming | None = None

    @property
    def now(self) -> datetime:
        """The talk's own time."""
        return self._now

    async def type(self, who: str, text: str) -> Sequence[Reply]:
        """Words."""
        return await self._give(who, text=text)

    async def tap(self, who: str, tap: Tap, last: Sequence[Reply]) -> Sequence[Reply]:
        """A button."""
        return await self._give(who, choice=tap)

    async def act(self, who: str, kind: str, argument: str) -> Sequence[Reply]:
        """Anything else."""
        if kind == "again" and self._last is not None:
            return await self._answered(self._last)
        if kind == "later":
            number, unit = argument.split()
            self._now += timedelta(**{unit: int(number)})
            return ()
        if kind == "list":
            reference = f"media-{next(self._numbers)}"
            self.platform.files[reference] = listed.content(argument)
            return await self._give(who, files=(Attachment("document", reference, "list.xlsx"),))
        return await self._give(who, **parts(kind, argument, next(self._numbers)))

    async def _give(self, who: str, **message: Any) -> Sequence[Reply]:
        blank = Incoming(self._channel, who, f"m{next(self._numbers)}", self._now, language=self._language)
        self._last = replace(blank, **message)
        return await self._answered(self._last)

    async def _answered(self, incoming: Incoming) -> Sequence[Reply]:
        self._now += timedelta(seconds=7)
        answered = await self.house.chat.answer(incoming)
        for language in self.house.words.languages:
            assert all(message.text for message in self.house.chat.messages(replace(answered, language=language)))
        return answered.replies


def parts(kind: str, argument: str, number: int) -> dict[str, Any]:
    """An act as the fields of a message."""
    if kind in FILES:
        return {"files": (Attachment(FILES[kind], f"media-{number}"),)}  # type: ignore[arg-type]  # one of the kinds
    if kind == "place":
        latitude, longitude = argument.split(",")
        return {"place": Place(float(latitude), float(longitude))}
    if kind == "contact":
        whose, phone = argument.split()
        return {"contact": Contact(phone, own=whose == "own")}
    if kind == "open":
        return {"kind": "open", "scene": argument}
    return {"kind": kind}
