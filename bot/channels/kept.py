"""What was worked out for a message that leaves, for its ways and once more when it leaves, and for all who hear it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.channels.channel import Push

T = TypeVar("T")

UNDER_WAY = 200  # messages


@dataclass(slots=True)
class Kept(Generic[T]):
    """Found again by the very same messages; those under way are few."""

    _known: dict[tuple[object, ...], tuple[Push, T]] = field(default_factory=dict)

    def of(self, push: Push, work_out: Callable[[Push], T]) -> T:
        """What was worked out for it, or is now."""
        key = (id(push.messages), id(push.replies), push.language, push.kind, push.topic, push.said)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= UNDER_WAY:
                self._known.clear()
            known = self._known[key] = push, work_out(push)  # which keeps its messages, so that no others get their id
        return known[1]
