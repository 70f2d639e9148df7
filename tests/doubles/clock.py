"""The time as a platform's double sees it: tests move it, nobody waits."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class Clock:
    """`start`: where the clock stands until it is moved; None: it goes with real time."""

    start: datetime | None = None
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return (self.start or datetime.now(UTC)) + self.ahead

    def forward(self, by: timedelta) -> datetime:
        """Move on; the new moment. Time doesn't go back: ValueError."""
        if by < timedelta():
            raise ValueError("a clock goes forward only")
        self.ahead += by
        return self.now()
