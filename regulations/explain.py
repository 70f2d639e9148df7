"""How a rule comes to its day: the answer, and each step on the way, for whoever wants to check it by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from regulations import eligibility, endorsement
from regulations.calendar import Calendar
from regulations.deadlines import deadline, is_under_age, is_within, last_day, moment, number, reaches
from regulations.errors import CalendarMissing, NotExplained
from regulations.pack import Pack
from regulations.rule import Rule

_FRIDAY = 4
_PERIODS = frozenset({"working_days", "calendar_days", "calendar_months", "years"})
_AGES = (".minor", ".guardian_consent", ".proxy")
_COUNTS = {"registration.min_stay": reaches, "registration.exempt.relatives": is_within}


@dataclass(frozen=True, slots=True)
class Explained:
    """name → value, as the worked cases write them, and the steps in sentences."""

    rule: Rule
    answer: Mapping[str, str]
    steps: tuple[str, ...] = ()


def explain(pack: Pack, key: str, given: Sequence[str], calendar: Calendar) -> Explained:
    """What follows from a rule for these days (2026-03-02, for hours 2026-03-02T20:00).

    The rule is the version in force on the first of them, the day of the event; for an age on the last, today.
    Raises NotExplained for a rule from which no day follows, or with too few days.
    """
    try:
        days = [datetime.fromisoformat(text) for text in given]
    except ValueError:
        raise NotExplained(f"(rule {key}: a day is written 2026-03-02)") from None
    if not days:
        raise NotExplained(f"(rule {key}: give a day, such as 2026-03-02)")
    law = pack.on((days[-1] if key.endswith(_AGES) else days[0]).date())
    rule = law.rule(key)
    return _teller(rule)(law, rule, days, calendar)


def counted(rule: Rule, event_on: date, calendar: Calendar) -> str:
    """The working days of a period one by one, with * at make-up working days; as far as they are known."""
    told: list[str] = []
    try:
        for day in islice(calendar.working_days_after(event_on), number(rule)):
            told.append(f"{day:%m-%d %a}{'*' if day.weekday() > _FRIDAY else ''}")  # noqa: PERF401 -- what came before the edge is kept
    except CalendarMissing as missing:
        told.append(f"then {missing.year}, whose holidays are not known")
    return f"Counted days: {', '.join(told)} (* = make-up working day)."


def _teller(rule: Rule) -> Callable[[Pack, Rule, list[datetime], Calendar], Explained]:
    if rule.key in _TELLERS:
        return _TELLERS[rule.key]
    if rule.unit == "hours":
        return _hours
    if rule.key.endswith(_AGES):
        return _age
    if rule.unit in _PERIODS:
        return _deadline
    raise NotExplained(f"(rule {rule.key}, unit {rule.unit})")


def _deadline(pack: Pack, rule: Rule, days: list[datetime], calendar: Calendar) -> Explained:
    event_on = days[0].date()
    due = deadline(rule, event_on, calendar)
    if due.nominal is None:
        return Explained(rule, {"error": due.problem, "safe": str(due.safe)}, (counted(rule, event_on, calendar),))
    dates = {"nominal": str(due.nominal)} | ({"rolled": str(due.rolled)} if due.rolled else {"error": due.problem})
    if rule.unit == "working_days":
        return Explained(rule, dates, (counted(rule, event_on, calendar),))
    return Explained(rule, dates, (f"Nominal last day {due.nominal} ({_kind(due.nominal, calendar)}).",))


def _kind(day: date, calendar: Calendar) -> str:
    """The weekday, and whether it is a weekly rest day or a holiday."""
    try:
        rests = not calendar.is_working(day)
    except CalendarMissing as missing:
        return f"{day:%a}, holidays of {missing.year} not known"
    return f"{day:%a}, {'holiday' if calendar.is_holiday(day) else 'rest day'}" if rests else f"{day:%a}"


def _hours(pack: Pack, rule: Rule, days: list[datetime], calendar: Calendar) -> Explained:
    end = moment(rule, days[0])
    return Explained(rule, {"until": end.isoformat(timespec="minutes")}, ("Hours run from the moment itself.",))


def _waiting(pack: Pack, rule: Rule, days: list[datetime], calendar: Calendar) -> Explained:
    found = eligibility.waiting(rule, days[0].date())
    answer = {"last_day": str(found.last), "eligible_from": str(found.safe_from)}
    period = f"{rule.value} {rule.unit.replace('_', ' ')}"
    return Explained(
        rule, answer, (f"{period} from {days[0]:%Y-%m-%d}, that day not counted; not moved for holidays.",)
    )


def _window(pack: Pack, rule: Rule, days: list[datetime], calendar: Calendar) -> Explained:
    """The day counted from, then today: the window that is near, or the first one."""
    anchor_on, today = days[0].date(), days[-1].date()
    found = endorsement.next_window(pack, anchor_on, max(today, anchor_on + timedelta(days=1)))
    last = endorsement.last_office_day(found, calendar)
    answer = {
        "year": str(found.year),
        "opens": str(found.opens),
        "last_safe_day": str(found.last_safe),
        "anniversary": str(found.anniversary),
        "last_office_day": str(last.on) if last.on else f"holiday_calendar_missing_{last.missing_year}",
    }
    return Explained(rule, answer, (f"Full years are counted from the {pack.rule('endorse.anchor').value}.",))


def _restore(pack: Pack, rule: Rule, days: list[datetime], calendar: Calendar) -> Explained:
    """The day counted from, then the day of the late endorsement."""
    anchor_on, endorsed_on = _two(rule, days)
    missed = _missed(pack, anchor_on, endorsed_on)
    found = endorsement.restored(pack, anchor_on, missed, endorsed_on)
    answer = {"function": f"restored on {found.on}", "residence_count_from": str(found.count_from)}
    if found.left_out is not None:
        answer["left_out"] = f"{found.left_out.first} to {found.left_out.last} ({found.left_out.days} days)"
    if found.next_anniversary is not None:
        answer["next_anniversary"] = str(found.next_anniversary)
    steps = (f"Suspended from the day after the anniversary {missed.anniversary}, for {found.suspended.days} days.",)
    return Explained(rule, answer, steps)


def _missed(pack: Pack, anchor_on: date, endorsed_on: date) -> endorsement.Window:
    """The last window whose anniversary had passed."""
    coming = endorsement.next_window(pack, anchor_on, endorsed_on)
    if coming.year == 1:
        raise NotExplained("(the endorsement isn't late: no full year had passed)")
    return endorsement.window(pack, anchor_on, coming.year - 1)


def _age(pack: Pack, rule: Rule, days: list[datetime], calendar: Calendar) -> Explained:
    born_on, today = _two(rule, days)
    under = is_under_age(rule, born_on, today)
    reached = last_day(rule, born_on)
    return Explained(rule, {"under_age": "yes" if under else "no"}, (f"{rule.value} years are reached on {reached}.",))


def _length(pack: Pack, rule: Rule, days: list[datetime], calendar: Calendar) -> Explained:
    """How long a stay is: its first day isn't counted, its last one is."""
    first, last = _two(rule, days)
    stay = (last - first).days
    holds = _COUNTS[rule.key](rule, stay) if rule.unit == "calendar_days" else True
    return Explained(rule, {"days": str(stay), "holds": "yes" if holds else "no"}, (f"The rule says {rule.value}.",))


def _two(rule: Rule, days: list[datetime]) -> tuple[date, date]:
    if len(days) < 2:  # noqa: PLR2004 -- from and to
        raise NotExplained(f"(rule {rule.key} needs two days: from, and to or today)")
    return days[0].date(), days[1].date()


_TELLERS: Mapping[str, Callable[[Pack, Rule, list[datetime], Calendar], Explained]] = {
    "permit.eligibility.residence": _waiting,
    "endorse.window": _window,
    "endorse.restore": _restore,
    "registration.min_stay": _length,
    "registration.exempt.relatives": _length,
}
