"""Telling what is due: each person hears all of a day in one message, written with its rows in one transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.messages import Choice, Reply, control
from handlers.office import letters
from handlers.office.letters import Letter
from handlers.reminders import planning
from handlers.reminders.entries import BY_NAME
from handlers.reminders.entry import Cause, Entry
from handlers.reminders.planning import Matter
from handlers.visit import Office
from storage import deliveries, reminders
from storage.deliveries import Terms
from storage.reminders import Reminder
from storage.unit import Unit

TOGETHER = "remind/together"
NOBODY = "no account"
ANEW = "said anew"
MOST_DONE = 4  # a message with many lines offers `done` for the first of them


Causes = Mapping[Matter, Cause]
Whom = tuple[str, int]  # a holder, or else a conversation of somebody not known yet


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing to tell: the reminder, its entry, how the matter stands, what was done about its being late."""

    reminder: Reminder
    entry: Entry
    cause: Cause
    made_up: str = ""


def tell_due(unit: Unit, office: Office, now: datetime, limit: int = 50, but: Collection[int] = ()) -> int:
    """Write the messages of some people whose reminders are due, those who wait longest first; how many reminders.

    but: the numbers of those that are passed over.
    """
    return tell(unit, reminders.people_due(unit, now, limit, but), office, now)


def tell(unit: Unit, people: Sequence[Whom], office: Office, now: datetime) -> int:
    """Write these people's messages; how many reminders.

    Everything is looked at again first, so that nothing settled or moved is told. What is read is read for all of
    them at once.
    """
    due = reminders.due(unit, people, now)
    causes = planning.plan_matters(unit, [one.matter for one in due], office, now)
    due_still = _by_person(reminders.due(unit, people, now))
    handed = _by_person(reminders.handed_to(unit, list(due_still)))
    told: dict[tuple[str, int], tuple[_Line, ...]] = {}
    for whom, mine in due_still.items():
        lines = _lines(unit, _one_each(unit, mine, now), causes, office, now)
        if lines:
            told[whom] = (*lines, *_said_anew(unit, handed.get(whom, []), lines, office, now))
    _write(unit, told, office, now)
    return len(due)


def _by_person(found: Sequence[Reminder]) -> dict[tuple[str, int], list[Reminder]]:
    by_person: dict[tuple[str, int], list[Reminder]] = {}
    for one in found:
        by_person.setdefault(one.whom, []).append(one)
    return by_person


def _one_each(unit: Unit, due: Sequence[Reminder], now: datetime) -> list[Reminder]:
    """Of what was missed about one thing the last is told; the earlier ones are replaced by it."""
    last: dict[tuple[str, int], Reminder] = {}
    for one in sorted(due, key=lambda one: (one.remind_on, one.offset_days, one.id)):
        last[one.matter] = one
    kept = {one.id for one in last.values()}
    reminders.end(unit, [one.id for one in due if one.id not in kept], "replaced", "a later one came", now)
    return list(last.values())


def _lines(unit: Unit, due: Sequence[Reminder], causes: Causes, office: Office, now: datetime) -> tuple[_Line, ...]:
    """What is to be said, by the due day; what is too late by its entry's own policy is skipped."""
    today = now.astimezone(office.zone).date()
    found = []
    for one in due:
        entry = BY_NAME[one.entry]
        missed = one.remind_on < today
        if missed and entry.late == "skip":
            reminders.skip(unit, one.id, now)
        elif one.matter in causes:
            found.append(_Line(one, entry, causes[one.matter], entry.late if missed else ""))
    return tuple(sorted(found, key=lambda line: (line.cause.due_on, line.reminder.id)))


def _causes(unit: Unit, due: Sequence[Reminder], office: Office, now: datetime) -> Causes:
    found: dict[tuple[str, int], Cause] = {}
    for name in dict.fromkeys(one.entry for one in due):
        causes = BY_NAME[name].causes(unit, office, [one.subject for one in due if one.entry == name], now)
        found |= {(name, subject): cause for subject, cause in causes.items()}
    return found


def _said_anew(
    unit: Unit, handed: Sequence[Reminder], lines: Sequence[_Line], office: Office, now: datetime
) -> tuple[_Line, ...]:
    """What still waits in the outbox for this person is taken out of it and said with the new."""
    taken = {key for key in {one.message_key for one in handed} if deliveries.take_away(unit, key, ANEW, now)}
    told_now = {line.reminder.matter for line in lines}
    waiting = [one for one in handed if one.message_key in taken]
    reminders.end(unit, [one.id for one in waiting if one.matter in told_now], "replaced", "a later one came", now)
    others = [one for one in waiting if one.matter not in told_now and one.entry in BY_NAME]
    causes = _causes(unit, others, office, now)
    settled = [one.id for one in others if one.matter not in causes]
    reminders.end(unit, settled, "cancelled", planning.SETTLED, now)
    return tuple(
        _Line(one, BY_NAME[one.entry], causes[one.matter], one.made_up) for one in others if one.matter in causes
    )


def _write(unit: Unit, told: Mapping[tuple[str, int], tuple[_Line, ...]], office: Office, now: datetime) -> None:
    """Each person's message with every line, and its rows handed to it; where nobody can hear it that is their end."""
    written = [(_letter(whom, lines, office, now), lines) for whom, lines in told.items()]
    kept = letters.tell_all(unit, [letter for letter, _ in written], now)
    heard = [(line, letter.key) for letter, lines in written for line in lines if letter.key in kept]
    reminders.hand(unit, ((line.reminder, line.made_up, key) for line, key in heard))
    unheard = [line.reminder.id for letter, lines in written for line in lines if letter.key not in kept]
    reminders.end(unit, unheard, "untold", NOBODY, now)


def _letter(whom: tuple[str, int], lines: tuple[_Line, ...], office: Office, now: datetime) -> Letter:
    spoken = _spoken(lines)
    lead = spoken[0].reminder
    terms = Terms(kind=spoken[0].entry.kind, not_after=max(_of_use_until(line, office, now) for line in lines))
    return Letter(f"remind:{lead.id}:{lead.tells + 1}", *whom, _reply(spoken), terms)


def _spoken(lines: Sequence[_Line]) -> list[_Line]:
    """The lines that need words of their own: one thing isn't said in two ways."""
    said = {line.reminder.matter for line in lines}
    return [line for line in lines if (line.entry.yields_to, line.reminder.subject) not in said]


def _of_use_until(line: _Line, office: Office, now: datetime) -> datetime:
    """Until the end of the due day; what reminds of something past, or has no due day, for some days."""
    on = line.reminder.remind_on
    last = line.cause.due_on if on <= line.cause.due_on else on + timedelta(days=line.entry.useful)
    today = now.astimezone(office.zone).date()
    if last < today:
        last = today + timedelta(days=line.entry.useful)
    return datetime.combine(last + timedelta(days=1), datetime.min.time(), office.zone)


def _reply(lines: Sequence[_Line]) -> Reply:
    """One thing in its own words, several as lines; what can be done about it comes before being reminded again."""
    said = [{**line.cause.data, "name": line.entry.name, "on": line.cause.due_on.isoformat()} for line in lines]
    offered = dict.fromkeys(name for line in lines for name in line.entry.controls)
    again = (*_done(lines), *(_choice(word, lines[0].reminder.id) for word in ("tomorrow", "week")))
    controls = (*(control(name) for name in offered), *again)
    if len(lines) == 1:
        return Reply(f"remind/{lines[0].entry.name}", {"it": said[0]}, controls)
    return Reply(TOGETHER, {"lines": said}, controls)


def _done(lines: Sequence[_Line]) -> Iterable[Choice]:
    """`done` for each thing, named where there are several."""
    if len(lines) == 1:
        return (_choice("done", lines[0].reminder.id),)
    return tuple(
        Choice(f"remind:done:{line.entry.name}:{line.reminder.id}", codes="commands", role="control")
        for line in lines[:MOST_DONE]
    )


def _choice(word: str, number: int) -> Choice:
    return Choice(f"remind:{word}:{number}", codes="commands", role="control")
