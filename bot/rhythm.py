"""When a rhythm comes round, by APScheduler's clock; weekdays go to it by name."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from handlers.office.rhythm import Rhythm

MOMENT = timedelta(microseconds=1)


def trigger(rhythm: Rhythm, zone: ZoneInfo) -> CronTrigger:
    """The rhythm as APScheduler's trigger."""
    return CronTrigger(
        minute=rhythm.minute,
        hour=rhythm.hour,
        day=",".join(map(str, rhythm.days)) or "*",
        day_of_week=",".join(rhythm.names) or "*",
        timezone=zone,
    )


def next_times(rhythm: Rhythm, zone: ZoneInfo, after: datetime, number: int) -> Sequence[datetime]:
    """The next times it comes round."""
    clock, found, moment = trigger(rhythm, zone), [], after
    for _ in range(number):
        upcoming = clock.get_next_fire_time(None, moment)
        if upcoming is None:
            break
        found.append(upcoming)
        moment = upcoming + MOMENT
    return found


def last_time(rhythm: Rhythm, zone: ZoneInfo, since: datetime, now: datetime) -> datetime | None:
    """The last time it came round, after `since` and until now; None where it didn't."""
    found = None
    while (upcoming := trigger(rhythm, zone).get_next_fire_time(None, since)) is not None and upcoming <= now:
        found, since = upcoming, upcoming + MOMENT
    return found
