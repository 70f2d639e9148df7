"""What people answer to a reminder: remind me tomorrow, in a week, or it is done."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from handlers.messages import Reply, control
from handlers.office import talks
from handlers.reminders import planning
from handlers.reminders.entries import BY_NAME
from handlers.reminders.entry import Cause
from handlers.turns import Turn
from handlers.visit import Visit
from storage import reminders
from storage.reminders import Reminder

LATER = {"tomorrow": timedelta(days=1), "week": timedelta(days=7)}
MOST_DIGITS = 16
MOST_SHOWN = 8


def answer(visit: Visit, argument: str) -> Turn:
    """A word about a reminder (`tomorrow:12`, `done`): about that one, or about what was told last."""
    word, _, rest = argument.partition(":")
    found = _meant(visit, rest) if word in {*LATER, "done"} else ()
    if not found:
        return talks.present(visit, _coming(visit))
    return talks.present(visit, _done(visit, found) if word == "done" else _later(visit, found, LATER[word]))


def _coming(visit: Visit) -> Reply:
    """What the person will be reminded of, and when."""
    planned = reminders.coming(visit.unit, _whoms(visit), MOST_SHOWN)
    lines = [{"name": one.entry, "on": one.remind_on.isoformat()} for one in planned]
    return Reply("say/reminders", {"lines": lines}, (control("my_data"), control("person")))


def _meant(visit: Visit, rest: str) -> tuple[Reminder, ...]:
    """The reminders that are meant, of this person's: by their message's number, by the name of one thing, or both."""
    name, _, number = rest.rpartition(":") if rest.rpartition(":")[2].isdecimal() else (rest, "", "")
    found = _of_message(visit, number) if number else _last(visit)
    return tuple(one for one in found if name in {"", one.entry})


def _last(visit: Visit) -> tuple[Reminder, ...]:
    return reminders.latest_told(visit.unit, _whoms(visit))


def _of_message(visit: Visit, number: str) -> tuple[Reminder, ...]:
    one = reminders.get(visit.unit, int(number)) if len(number) < MOST_DIGITS else None
    if one is None or one.whom not in _whoms(visit) or not one.message_key:
        return ()
    return reminders.of_message(visit.unit, one.message_key)


def _whoms(visit: Visit) -> tuple[tuple[str, int], ...]:
    account = ("", visit.conversation.id)
    holder = visit.conversation.holder_id
    return ((holder, 0), account) if holder else (account,)


def _done(visit: Visit, found: Sequence[Reminder]) -> Reply:
    """Nobody is reminded of these things any more, as long as their day stays; the law's day stays."""
    for one in found:
        reminders.dismiss(visit.unit, one, visit.now)
    return Reply(
        "say/reminder_done",
        {"names": list(dict.fromkeys(one.entry for one in found))},
        (control("my_data"), control("person")),
    )


def _later(visit: Visit, found: Sequence[Reminder], after: timedelta) -> Reply:
    """Again in so many days, but not past a day that is still to come."""
    today = visit.context.today
    days = [day for one in found if (day := _again(visit, one, today, after)) is not None]
    if not days:
        return Reply("say/reminder_settled", {}, (control("my_data"),))
    data = {"on": min(days).isoformat(), "sooner": min(days) < today + after}
    return Reply("say/reminder_later", data, (control("my_data"),))


def _again(visit: Visit, one: Reminder, today: date, after: timedelta) -> date | None:
    """The day on which this thing comes again; None where it is settled."""
    entry = BY_NAME.get(one.entry)
    causes = {} if entry is None else entry.causes(visit.unit, visit.office, (one.subject,), visit.now)
    cause = causes.get(one.subject)
    if cause is None:
        return None
    on = _until_due(cause, today, today + after)
    if on == today:
        return today
    reminders.ask_again(visit.unit, _asked(visit, one, cause, on), visit.now)
    return on


def _until_due(cause: Cause, today: date, on: date) -> date:
    """Not past the due day, while that is to come; what counts from a day that was has none."""
    return min(on, cause.due_on) if today <= cause.due_on and cause.due_on > cause.event_on else on


def _asked(visit: Visit, one: Reminder, cause: Cause, on: date) -> Reminder:
    return replace(
        one,
        origin="asked",
        state="planned",
        reason="",
        made_up="",
        message_key="",
        tells=0,
        due_on=cause.due_on,
        remind_on=on,
        offset_days=(on - cause.due_on).days,
        due_at=planning.moment(on, visit.office),
    )
