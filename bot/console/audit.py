"""The audit log, read only: who did what, when and why."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from starlette.responses import Response

from bot.console.errand import Errand
from bot.console.queue import digits
from handlers.office.rights import EVERYWHERE
from storage import audit, audit_search
from storage.audit import Head
from storage.audit_search import Line, Wanted
from storage.unit import Unit

ROWS = 50
CHECKED = 1000  # what one request can check without anybody waiting for it
LENGTH = 64
EARLIEST, LATEST = 1900, 3000
FIELDS = ("staff", "action", "kind", "subject", "since", "until")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the log, its head, and whether its newest rows hold together (None where nobody asked)."""

    lines: tuple[Line, ...]
    head: Head | None
    fits: bool | None


async def show(errand: Errand) -> Response:
    """A page of the log. It has no areas, so it is only for those who answer for the whole office."""
    errand.require("see_audit", EVERYWHERE)
    labels = errand.desk.pages.tables[errand.language].labels
    typed = {name: errand.request.query_params.get(name, "").strip()[:LENGTH] for name in FIELDS}
    wrong = [name for name in ("since", "until") if typed[name] and _day(typed[name]) is None]
    before, check = digits(errand.request.query_params.get("before", "")), "check" in errand.request.query_params
    wanted = _wanted(errand, typed)
    found = await errand.read(lambda unit: _found(unit, wanted, before, check))
    more = found.lines[ROWS - 1].number if len(found.lines) > ROWS else 0
    shown = {"found": found, "lines": found.lines[:ROWS], "more": more, "typed": typed, "wrong": wrong}
    words = {"actions": labels["audit_actions"], "kinds": labels["audit_subjects"]}
    return errand.page("audit", 422 if wrong else 200, **shown, **words, checked=CHECKED)


def _found(unit: Unit, wanted: Wanted, before: int, check: bool) -> Found:
    lines = audit_search.search(unit, wanted, before, ROWS + 1)
    return Found(lines, audit.head(unit), audit_search.newest_fit(unit, CHECKED) if check else None)


def _wanted(errand: Errand, typed: dict[str, str]) -> Wanted:
    since, until = (_day(typed[name]) for name in ("since", "until"))
    return Wanted(
        typed["staff"].upper(),
        typed["action"],
        typed["kind"],
        typed["subject"],
        _midnight(errand, since) if since else None,
        _midnight(errand, until + timedelta(days=1)) if until else None,
    )


def _midnight(errand: Errand, day: date) -> datetime:
    return datetime.combine(day, time(), errand.desk.pages.zone)


def _day(text: str) -> date | None:
    """A day of a year that people write; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST < day.year < LATEST else None
