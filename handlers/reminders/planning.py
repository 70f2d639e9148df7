"""Planning: the rows that a cause calls for, made, moved and cancelled. Doing it twice changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from handlers.reminders import talks
from handlers.reminders.again import sent_before
from handlers.reminders.entries import BY_NAME, OF_TALKS, REMINDERS, about
from handlers.reminders.entry import After, Cause, Entry, Subject
from handlers.visit import Office
from regulations.reminder_days import reminder_days
from storage import permit_reminders, reminders
from storage.records import Conversation, Submission
from storage.reminders import Reminder
from storage.unit import Unit

Place = tuple[int, After]  # an entry of the table, and where its page ended
Matter = tuple[str, int]  # an entry by its name, and one of its subjects
AHEAD = timedelta(days=35)  # what nobody's message was the cause of is planned so far ahead, day by day
NOT_AGAIN = frozenset({"handed", "told", "joined", "untold", "skipped", "put_off"})
BEGINNING: Place = (0, ())
FIRST: Matter = ("", 0)  # before all that is planned
SETTLED = "settled"
NO_ENTRY = "no such entry"
MOVED = "the day moved"


@dataclass(frozen=True, slots=True)
class _Day:
    """One reminder that a cause calls for."""

    offset: int
    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A talk as it was just written, and by whose law and clock it is looked at."""

    talk: Conversation
    office: Office
    now: datetime


@dataclass(frozen=True, slots=True)
class _Days:
    """The days of an entry's causes, worked out once for all those of one day."""

    entry: Entry
    office: Office
    known: dict[tuple[date, date, date | None], Mapping[int, _Day]] = field(default_factory=dict)

    def of(self, cause: Cause) -> Mapping[int, _Day]:
        """By offset."""
        key = (cause.due_on, cause.event_on, cause.late_after)
        if key not in self.known:
            found = reminder_days(key[0], key[1], self.entry.offsets, self.office.calendar, key[2])
            self.known[key] = {
                offset: _Day(offset, on, moment(on, self.office).astimezone(UTC)) for offset, on in found.items()
            }
        return self.known[key]


def plan(unit: Unit, subject: Subject, number: int, office: Office, now: datetime) -> None:
    """Plan everything about one subject anew; called where something about it is written, in the same transaction."""
    for entry in about(subject):
        planned(unit, entry, (number,), office, now)


def plan_talks(unit: Unit, said: Sequence[Said]) -> None:
    """The same about talks that were just written, without reading them again; their latest moment counts."""
    office, now = said[0].office, max(one.now for one in said)
    talks_of = {one.talk.id: one.talk for one in said}
    for entry, of_talk in OF_TALKS:
        causes = talks.among(of_talk, talks_of.values(), office, now)
        _plan(unit, _Days(entry, office), causes, sorted(talks_of), now)


def plan_permits(unit: Unit, person_id: int, office: Office, now: datetime) -> None:
    """The same for what one person may apply for, and for the permit that they have."""
    plan(unit, "prospect", person_id, office, now)
    number = permit_reminders.open_of(unit, person_id)
    if number:
        plan(unit, "permit", number, office, now)


def plan_over(unit: Unit, submission: Submission, office: Office, now: datetime) -> None:
    """The same after something sent was refused or taken back: what it asked for is to be asked for again."""
    plan(unit, "submission", submission.id, office, now)
    plan_permits(unit, submission.person_id, office, now)


def plan_sent(unit: Unit, submission: Submission, office: Office, now: datetime) -> None:
    """The same after something was sent: what was refused of the person before is settled by it."""
    plan(unit, "submission", submission.id, office, now)
    before = sent_before(unit, submission)
    if before:
        planned(unit, BY_NAME["registration_again"], before, office, now)


def planned(
    unit: Unit, entry: Entry, subjects: Sequence[int], office: Office, now: datetime, *, catches_up: bool = False
) -> Mapping[int, Cause]:
    """Plan an entry's reminders for several subjects; how each stands.

    What would have come before now is over, and nobody is reminded of it. catches_up: where nobody planned when the
    day moved, that of today is told all the same.
    """
    causes = entry.causes(unit, office, subjects, now)
    _plan(unit, _Days(entry, office), causes, subjects, now, catches_up=catches_up)
    return causes


def _plan(
    unit: Unit, days_of: _Days, causes: Mapping[int, Cause], subjects: Sequence[int], now: datetime, *,
    catches_up: bool = False,
) -> None:  # fmt: skip
    entry, office = days_of.entry, days_of.office
    rows: dict[int, list[Reminder]] = {number: [] for number in subjects}
    for row in reminders.of(unit, entry.name, subjects):
        rows[row.subject].append(row)
    new: list[Reminder] = []
    midnight = _midnight(office, now)
    for number in subjects:
        days, moved = _reconciled(unit, days_of, causes.get(number), rows[number], now)
        since = midnight if moved and catches_up else now
        new += [_row(entry, number, causes[number], day) for day in days if day.at > since]
    reminders.plan(unit, new, now)


def ahead(unit: Unit, place: Place, now: datetime, office: Office, limit: int) -> tuple[Sequence[Matter], Place | None]:
    """What may come due soon, about so many matters from a place on; where to go on, None at the end."""
    until = now.astimezone(office.zone).date() + AHEAD
    number, after = place
    matters: list[Matter] = []
    while number < len(REMINDERS) and len(matters) < limit:
        entry = REMINDERS[number]
        found, after = entry.candidates(unit, after, limit, until)
        matters += [(entry.name, subject) for subject in found]
        number = number if after else number + 1
    return matters, (number, after) if number < len(REMINDERS) else None


def open_ahead(unit: Unit, after: Matter, now: datetime) -> tuple[Sequence[Matter], Matter | None]:
    """What is planned for the coming weeks, some at a time; where to go on, None at the end."""
    found = reminders.open_matters(unit, after, now + AHEAD)
    return found, found[-1] if found else None


def plan_matters(unit: Unit, matters: Sequence[Matter], office: Office, now: datetime) -> Mapping[Matter, Cause]:
    """Plan these anew, and how each stands; what this version of the program has no entry for has ended."""
    found: dict[Matter, Cause] = {}
    for name in dict.fromkeys(entry for entry, _ in matters):
        subjects = list(dict.fromkeys(subject for entry, subject in matters if entry == name))
        if name in BY_NAME:
            causes = planned(unit, BY_NAME[name], subjects, office, now, catches_up=True)
            found |= {(name, subject): cause for subject, cause in causes.items()}
        else:
            reminders.cancel(unit, [(name, subject) for subject in subjects], NO_ENTRY, now)
    return found


def _reconciled(
    unit: Unit, days_of: _Days, cause: Cause | None, rows: Sequence[Reminder], now: datetime
) -> tuple[list[_Day], bool]:
    """What of one subject's days has no row, and whether rows that don't fit any more were ended."""
    still_open = [row for row in rows if row.is_open]
    if cause is None:
        reminders.withdraw(unit, still_open, "cancelled", SETTLED, now)
        return [], False
    days = days_of.of(cause)
    stale = {row.id: row for row in still_open if not _stands(row, days, cause)}
    reminders.withdraw(unit, tuple(stale.values()), "replaced", MOVED, now)
    reminders.readdress(unit, [row for row in still_open if row.whom != cause.whom], cause.whom, cause.area)
    if _is_dismissed(rows, cause):
        return [], False
    taken = {row.offset_days for row in rows if row.id not in stale and _blocks(row, cause)}
    return [day for day in days.values() if day.offset not in taken], bool(stale)


def _midnight(office: Office, now: datetime) -> datetime:
    return datetime.combine(now.astimezone(office.zone).date(), datetime.min.time(), office.zone)


def moment(on: date, office: Office) -> datetime:
    """When people are reminded on a day."""
    return datetime.combine(on, office.remind_at, office.zone)


def _stands(row: Reminder, days: Mapping[int, _Day], cause: Cause) -> bool:
    """Whether an open row is as it would be planned now; one that the person asked for only needs its cause."""
    if row.origin == "asked":
        return True
    day = days.get(row.offset_days)
    return row.due_on == cause.due_on and day is not None and (row.state == "handed" or day.on == row.remind_on)


def _blocks(row: Reminder, cause: Cause) -> bool:
    """Whether a row keeps another from being planned for the same offset."""
    if row.origin == "asked":
        return False
    return row.state == "planned" or (row.state in NOT_AGAIN and row.due_on == cause.due_on)


def _is_dismissed(rows: Sequence[Reminder], cause: Cause) -> bool:
    """Whether the person said, about this very due day, that it is done."""
    return any(row.state == "dismissed" and row.due_on == cause.due_on for row in rows)


def _row(entry: Entry, number: int, cause: Cause, day: _Day) -> Reminder:
    holder_id, conversation_id = cause.whom
    return Reminder(
        entry=entry.name,
        subject=number,
        offset_days=day.offset,
        due_on=cause.due_on,
        remind_on=day.on,
        due_at=day.at,
        holder_id=holder_id,
        conversation_id=conversation_id,
        area=cause.area,
    )
