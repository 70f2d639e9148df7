"""Causes about permits: who may apply, a card to fetch, an endorsement that is due, a permit that is suspended."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from handlers.reminders.entry import After, Candidates, Cause, Page
from handlers.visit import Office
from storage import permit_reminders
from storage.permit_reminders import Begins, Column, PermitDays
from storage.unit import Unit

_DAY = timedelta(days=1)


def may_apply(unit: Unit, office: Office, people: Sequence[int], now: datetime) -> Mapping[int, Cause]:
    """Who is registered and has no permit: from which day they may apply."""
    return {
        one.person_id: Cause(
            one.eligible_on, one.residence_from, one.eligible_on, one.holder_id, 0, one.area,
            {"from_on": one.eligible_on.isoformat(), "number": one.number},
        )
        for one in permit_reminders.prospects(unit, people)
    }  # fmt: skip


def to_fetch(unit: Unit, office: Office, ids: Sequence[int], now: datetime) -> Mapping[int, Cause]:
    """Cards that are ready: counted from the day they were."""
    return {
        one.id: _about(one, one.ready_on, one.ready_on, {"pick_up": one.pick_up})
        for one in permit_reminders.permits(unit, ids)
        if one.card == "ready" and one.ready_on is not None
    }


def to_endorse(unit: Unit, office: Office, ids: Sequence[int], now: datetime) -> Mapping[int, Cause]:
    """Permits in use: the last day of the window of their next endorsement."""
    found: dict[int, Cause] = {}
    for one in permit_reminders.permits(unit, ids):
        if (
            one.state == "issued"
            and not one.asked
            and one.endorse_by_on is not None
            and one.endorse_from_on is not None
        ):
            data = {"from_on": one.endorse_from_on.isoformat(), "by_on": one.endorse_by_on.isoformat()}
            found[one.id] = _about(one, one.endorse_by_on, one.endorse_from_on - _DAY, data)
    return found


def suspended(unit: Unit, office: Office, ids: Sequence[int], now: datetime) -> Mapping[int, Cause]:
    """Permits whose endorsement is late: counted from the day they were suspended."""
    return {
        one.id: _about(one, one.suspended_on, one.suspended_on, {"on": one.suspended_on.isoformat()})
        for one in permit_reminders.permits(unit, ids)
        if one.state == "suspended" and not one.asked and one.suspended_on is not None
    }


def prospects(unit: Unit, after: After, limit: int, until: date) -> Page:
    """Who may apply by then and has no reminder of it."""
    return _page(permit_reminders.unplanned_prospects(unit, "permit_may_apply", until, limit, _behind(after)))


def unplanned(entry: str, begins: Begins, day: Column, due_on: Column) -> Candidates:
    """Permits whose day comes by then and that no reminder of an entry stands for."""

    def candidates(unit: Unit, after: After, limit: int, until: date) -> Page:
        return _page(permit_reminders.unplanned(unit, entry, begins, (day, due_on), until, limit, _behind(after)))

    return candidates


def _behind(after: After) -> tuple[date, int] | None:
    return (after[0], after[1]) if after else None


def _page(found: Sequence[tuple[date, int]]) -> Page:
    return [number for _, number in found], found[-1] if found else ()


def _about(one: PermitDays, due_on: date, event_on: date, data: Mapping[str, Any]) -> Cause:
    return Cause(due_on, event_on, due_on, one.holder_id, 0, one.area, data)
