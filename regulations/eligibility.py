"""Who may apply for a residence permit, and from when: the waiting period and the pack's conditions."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta

from regulations.deadlines import last_day
from regulations.pack import Pack
from regulations.rule import Rule


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting period. last: its last day by the calendar, not moved for holidays; safe_from: the day after it."""

    last: date
    safe_from: date
    rule: Rule


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether somebody may apply. met: the conditions they fulfil; waiting: None where no half-year is needed."""

    may_apply: bool
    met: tuple[str, ...]
    waiting: Waiting | None


def waiting(rule: Rule, start_on: date) -> Waiting:
    """Half a year as the pack counts it, six months or so many days; the first day isn't counted."""
    last = last_day(rule, start_on)
    return Waiting(last, last + timedelta(days=1), rule)


def residence_from(pack: Pack, arrived_on: date, registered_on: date) -> date:
    """The day that residence counts from; unless the pack says otherwise it is the registration, the safe side."""
    rule = pack.find("permit.residence_start")
    return arrived_on if rule is not None and rule.value == "arrival" else registered_on


def conditions_met(pack: Pack, facts: Set[str]) -> tuple[str, ...]:
    """Which of the pack's conditions somebody fulfils.

    facts: names of the alternatives of `permit.condition.*` (`renting`, `social_insurance` …). In an alternative,
    names joined with + must all be true. Where the pack has no details, the condition's own name is the fact.
    """
    return tuple(name for name in pack.rule("permit.eligibility.condition").names if _is_met(pack, name, facts))


def facts_asked(pack: Pack) -> tuple[str, ...]:
    """Every fact that decides about a condition here, each once."""
    names = pack.rule("permit.eligibility.condition").names
    found = (fact for name in names for way in _ways(pack, name) for fact in way)
    return tuple(dict.fromkeys(found))


def is_waived(pack: Pack, reasons: Set[str]) -> bool:
    """Whether somebody needs no half-year of residence (`permit.waiver`)."""
    rule = pack.find("permit.waiver")
    return rule is not None and not reasons.isdisjoint(rule.names)


def eligibility(
    pack: Pack, start_on: date, today: date, facts: Set[str], reasons: Set[str] = frozenset()
) -> Eligibility:
    """Whether somebody may apply today.

    start_on: where the uninterrupted, registered residence begins; reasons: what may waive the half-year.
    """
    met = conditions_met(pack, facts)
    wait = None if is_waived(pack, reasons) else waiting(pack.rule("permit.eligibility.residence"), start_on)
    return Eligibility(bool(met) and (wait is None or today >= wait.safe_from), met, wait)


def _is_met(pack: Pack, condition: str, facts: Set[str]) -> bool:
    return any(facts >= set(way) for way in _ways(pack, condition))


def _ways(pack: Pack, condition: str) -> tuple[tuple[str, ...], ...]:
    """The alternatives of a condition, each the facts that it needs."""
    rule = pack.find(f"permit.condition.{condition}")
    return ((condition,),) if rule is None else tuple(tuple(name.split("+")) for name in rule.names)
