"""What a broadcast says to everybody of one language: put into words once, and not for each of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

import orjson

from bot.channels.channel import Message
from bot.render import Words
from handlers import turns
from handlers.turns import Answered
from storage.records import Delivery

KEPT_SECONDS = 60.0  # words tell the law of the day, and areas may be renamed
MOST = 16  # a few broadcasts in every language


@dataclass(frozen=True, slots=True)
class Wording:
    """A message's replies, and these in words."""

    said: Answered
    messages: Sequence[Message]


@dataclass(slots=True)
class Wordings:
    """Words for messages of the outbox; what is one person's own is never kept."""

    words: Words
    now: Callable[[], float] = monotonic
    _kept: dict[bytes, Wording] = field(default_factory=dict)
    _since: float = 0.0

    def of(self, delivery: Delivery) -> Wording:
        """The message in the person's words."""
        if delivery.kind != "broadcast" or _is_personal(delivery):
            return self._worded(delivery)
        if self.now() - self._since > KEPT_SECONDS or len(self._kept) >= MOST:
            self._kept, self._since = {}, self.now()
        key = orjson.dumps(delivery.message)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._worded(delivery)
        return found

    def _worded(self, delivery: Delivery) -> Wording:
        said = turns.unpacked(b"", delivery.conversation_id, delivery.message)
        return Wording(said, self.words.messages(said))


def _is_personal(delivery: Delivery) -> bool:
    return any(data.get("personal", True) for _, data, *_ in delivery.message["replies"])
