"""Whole talks over the webhook: what a transcript says becomes updates, what was decided is read at the talk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.chat import Chat
from bot.house import House
from handlers.messages import Incoming, Reply, Tap
from handlers.turns import Answered
from tests.channels.telegram_house import Office, data, keys

FILE = {"file_id": "file", "file_unique_id": "unique"}
SENT: dict[str, dict[str, Any]] = {
    "photo": {"photo": [FILE]},
    "pdf": {"document": FILE | {"file_name": "a.pdf"}},
    "voice": {"voice": FILE},
    "sticker": {"sticker": FILE},
    "video": {"video": FILE},
    "file": {"dice": {"value": 6}},
}


@dataclass(frozen=True, slots=True)
class Watched(Chat):
    """A talk whose decisions are seen."""

    seen: list[Answered]

    async def answer(self, incoming: Incoming) -> Answered:
        """Answer, and remember it."""
        answered = await super(Watched, self).answer(incoming)
        self.seen.append(answered)
        return answered


class Webhook:
    """A way in for transcripts."""

    can = frozenset({*SENT, "place", "contact", "open", "again", "as", "code"})

    def __init__(self, there: Office, seen: list[Answered]) -> None:
        self.house: House = there.house
        self._there = there
        self._seen = seen
        self._people = {"me": there.person.id}
        self._troubles = {there.house.words.say(language, "say/trouble") for language in there.house.words.languages}
        self._last: dict[str, Any] = {}

    async def type(self, who: str, text: str) -> Sequence[Reply]:
        """Words."""
        return await self._send(who, text=text)

    async def tap(self, who: str, tap: Tap, last: Sequence[Reply]) -> Sequence[Reply]:
        """A button, or the words of one on a reply keyboard."""
        person = self._as(who)
        shown = self._there.api.messages[person.replies[-1]["message_id"]]
        if "keyboard" in shown.get("reply_markup", {}):
            return await self._send(who, text=self._words(tap, last))
        assert data(tap) in {key["callback_data"] for key in keys(shown)} or not is_shown(tap, last)
        return await self._give(person.press(data(tap)))

    async def act(self, who: str, kind: str, argument: str) -> Sequence[Reply]:
        """Anything else."""
        if kind == "again":
            return await self._give(self._last)
        if kind == "open":
            return await self._send(who, text=f"/start {argument}".strip())
        return await self._send(who, **self._fields(kind, argument))

    def _fields(self, kind: str, argument: str) -> dict[str, Any]:
        if kind == "place":
            latitude, longitude = argument.split(",")
            return {"location": {"latitude": float(latitude), "longitude": float(longitude)}}
        if kind == "contact":
            whose, phone = argument.split()
            return {"contact": {"phone_number": phone, "user_id": self._there.person.id if whose == "own" else 5}}
        return SENT[kind]

    def _words(self, tap: Tap, last: Sequence[Reply]) -> str:
        """What a reply keyboard's button says."""
        messages = self._there.house.chat.messages(self._seen[-1])
        buttons = [button for message in messages for button in (*message.options, *message.controls)]
        return next(button.label for button in buttons if button.choice.tap == tap)

    def _as(self, who: str) -> Any:
        self._there.person.id = self._people.setdefault(who, 7000001 + len(self._people))
        return self._there.person

    async def _send(self, who: str, **fields: Any) -> Sequence[Reply]:
        return await self._give(self._as(who).message(**fields))

    async def _give(self, update: dict[str, Any]) -> Sequence[Reply]:
        self._last = update
        response = await self._there.person.deliver(update)
        assert response.status_code == 200
        assert self._there.person.replies[-1]["text"] not in self._troubles
        return self._seen[-1].replies


def is_shown(tap: Tap, replies: Sequence[Reply]) -> bool:
    """Whether an answer offers it at first: it is no old button, and not among the rest of a long list."""
    if not replies:
        return False
    options = [choice.tap for choice in replies[-1].choices if choice.role == "option"]
    others = [choice.tap for choice in replies[-1].choices if choice.role != "option"]
    return tap in (*options[: replies[-1].short or None], *others)
