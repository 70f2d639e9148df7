"""Exports: what a member may take out of the house, noted with its reason before the first row leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from handlers.forms.conditions import value
from handlers.office.certificates import masked
from handlers.office.rights import may
from storage import audit, exports, taken_out
from storage.audit import Act, Subject, Who
from storage.exports import Export, Extent, Filter
from storage.records import Area, Submission
from storage.staff import Member
from storage.unit import Unit

REASON_LENGTH = (2, 200)
STALLED = timedelta(minutes=1)  # an export that hasn't moved for so long was broken off
SHOWN = 5
SHOWN_OF_NUMBERS = 4
NAMES = frozenset({"name", "landlord_name", "agent_name"})
NUMBERS = frozenset({"id_number", "phone", "landlord_phone", "agent_id_number"})
WITHHELD = frozenset({"birth_date", "address", "hukou_address", "employer", "school"})


@dataclass(frozen=True, slots=True)
class Exported:
    """A submission as it leaves: answers as text, codes as codes; days in ISO form, '' for what isn't known."""

    number: str
    kind: str
    status: str
    channel: str
    area: str
    submitted_at: datetime
    decided_at: datetime | None
    due_on: str
    in_time: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Begun:
    """An export that may leave: its id, and how much it holds."""

    id: int
    extent: Extent


@dataclass(frozen=True, slots=True)
class Shown:
    """An export as its member sees it. States: running, done, broken_off."""

    export: Export
    state: str


def begin(
    unit: Unit, member: Member, wanted: Filter, told: Mapping[str, str], reason: str, now: datetime
) -> Begun | None:
    """Note it in the audit log, with filter (`told`), number of rows and reason; None while another one runs."""
    if any(one.state == "running" for one in latest(unit, member, now)):
        return None
    found = exports.extent(unit, wanted)
    begun = exports.begin(unit, member.code, told["format"], found.number, now)
    details = {"rows": found.number, **{name: text for name, text in told.items() if text}}
    details |= {"held": taken_out.terms(wanted, found)}
    act = Act(Who("staff", member.code), "exported", Subject(taken_out.KIND, str(begun)), reason, details)
    audit.append(unit, act, now)
    return Begun(begun, found)


def latest(unit: Unit, member: Member, now: datetime) -> tuple[Shown, ...]:
    """The member's last exports."""
    return tuple(Shown(one, _state(one, now)) for one in exports.of(unit, member.code, SHOWN))


class Rows:
    """Submissions as rows for one member: whole where they may see personal data, else masked."""

    def __init__(self, member: Member, areas: tuple[Area, ...]) -> None:
        self._sees = cache(lambda area: may(member, "see_personal_data", area, areas))

    def row(self, one: Submission) -> Exported:
        """A submission's row."""
        answers = {step: text for step in one.answers if (text := _text(value(one.answers, step)))}
        return Exported(
            number=one.number,
            kind=one.kind,
            status=one.status,
            channel=one.channel,
            area=one.area,
            submitted_at=one.submitted_at,
            decided_at=one.decided_at,
            due_on=_day(one.due_on),
            in_time="" if one.in_time is None else "yes" if one.in_time else "no",
            answers=answers if self._sees(one.area) else without_personal_data(answers),
        )


def without_personal_data(answers: Mapping[str, str]) -> dict[str, str]:
    """The family name, the last digits, nothing of where somebody lives or was born."""
    return {step: _masked(step, text) for step, text in answers.items() if step not in WITHHELD}


def _masked(step: str, text: str) -> str:
    if step in NAMES:
        return masked(text)
    return "*" * 8 + text[-SHOWN_OF_NUMBERS:] if step in NUMBERS else text


def _text(answer: object) -> str:
    """An answer as text; `none` says that there is no number, and papers stay in the house."""
    return "" if not isinstance(answer, str) or answer == "none" else answer


def _state(one: Export, now: datetime) -> str:
    if one.ended_at is not None:
        return "done"
    return "running" if now - one.moved_at < STALLED else "broken_off"


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
