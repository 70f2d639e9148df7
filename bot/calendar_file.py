"""“My matters” as a calendar file (RFC 5545) that a telephone's calendar takes: whole days, a reminder the day before.

An event keeps its UID, so that a file loaded again moves what is there instead of doubling it.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from handlers.office.matter import Item

if TYPE_CHECKING:
    from icalendar import Alarm, Event

PRODUCT = "-//Anju//My matters//"
BEFORE = timedelta(hours=-15)  # 9 o'clock of the day before

Say = Callable[[str, Item], str]


def calendar(found: Iterable[Item], say: Say, name: str, now: datetime) -> bytes:
    """The file. say: the words of an item, by what they are for (`title`, `long`); items without a day are left out."""
    from icalendar import Calendar  # a second's tenth at start, and seldom asked for

    whole = Calendar()
    whole.add("prodid", PRODUCT)
    whole.add("version", "2.0")
    whole.add("method", "PUBLISH")
    whole.add("x-wr-calname", name)
    for one in found:
        if one.on is not None:
            whole.add_component(_event(one, one.on, say, now))
    return bytes(whole.to_ical())


def _event(one: Item, on: date, say: Say, now: datetime) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{sha256(one.key.encode()).hexdigest()[:32]}@anju")
    event.add("dtstamp", now)
    event.add("dtstart", on)
    event.add("dtend", (one.until or on) + timedelta(days=1))  # the day after the last one
    event.add("summary", say("title", one))
    event.add("description", say("long", one))
    event.add("transp", "TRANSPARENT")
    event.add_component(_alarm(say("title", one)))
    return event


def _alarm(words: str) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", words)
    alarm.add("trigger", BEFORE)
    return alarm
