"""How fast a bot may send: about 30 messages a second overall and one a second to a chat (the bots FAQ)."""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SECOND = timedelta(seconds=1)


@dataclass
class Limits:
    """`overall`: messages a second; `chat`: seconds between two to one chat, of which `burst` may come at once."""

    overall: int = 30
    chat: float = 1.0
    burst: int = 1
    _all: deque[datetime] = field(default_factory=deque)
    _chats: dict[int, deque[datetime]] = field(default_factory=dict)

    def count(self, chat: int, now: datetime) -> int:
        """One more message: 0, or the seconds to wait where it is one too many."""
        gap = timedelta(seconds=self.chat) * self.burst
        wait = max(_wait(self._all, self.overall, SECOND, now), _wait(self._of(chat), self.burst, gap, now))
        if not wait:
            self._all.append(now)
            self._of(chat).append(now)
        return math.ceil(wait)

    def _of(self, chat: int) -> deque[datetime]:
        return self._chats.setdefault(chat, deque())


def _wait(recent: deque[datetime], most: int, within: timedelta, now: datetime) -> float:
    """Seconds until there are fewer than `most` within the time."""
    while recent and recent[0] <= now - within:
        recent.popleft()
    return 0.0 if len(recent) < most else (recent[-most] + within - now).total_seconds()
