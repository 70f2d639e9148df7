"""At which hour somebody tends to write: nothing is looked at but the times of their messages."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

WAKING = range(9, 21)  # an hour is the one that begins then; the last one ends at 21:00
USUALLY = 19  # where too little is known
FEWEST = 3
BESIDE = 0.5  # how much a message counts for the hours before and after its own


def usual_hour(written_at: Iterable[datetime], zone: ZoneInfo) -> int:
    """The waking hour in which most was written; the evening's for whoever hardly wrote. Local."""
    hours = Counter(instant.astimezone(zone).hour for instant in written_at)
    if sum(hours[hour] for hour in WAKING) < FEWEST:
        return USUALLY
    near = {hour: hours[hour] + BESIDE * (hours[hour - 1] + hours[hour + 1]) for hour in WAKING}
    return max(WAKING, key=lambda hour: (near[hour], hour))


def next_at(hour: int, now: datetime, zone: ZoneInfo, whose: str) -> datetime:
    """The next time that hour begins, and some minutes: not everybody's in the same one."""
    local = now.astimezone(zone)
    minute = int.from_bytes(sha256(whose.encode()).digest()[:2]) % 60
    due = datetime.combine(_day(local, hour, minute), time(hour, minute), zone)
    return due.astimezone(now.tzinfo)


def _day(local: datetime, hour: int, minute: int) -> date:
    return local.date() + timedelta(days=(local.hour, local.minute) >= (hour, minute))
