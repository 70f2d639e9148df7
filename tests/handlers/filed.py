"""Submissions for tests of the office: invented people, each with an account that can be told something."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.visit import Office
from regulations.calendar import Calendar
from regulations.pack import load
from storage import conversations, submissions
from storage.records import Answer, Submission
from storage.unit import Unit
from tests.conftest import NOW

HOLDER = "h" * 32
OFFICE = Office(
    pack=load("cn-zj-hangzhou"),
    calendar=Calendar(),
    zone=ZoneInfo("Asia/Shanghai"),
    vocabularies={},
    consent_version="1",
    areas=tuple,
)
ANSWERS: dict[str, Any] = {
    "consent": "agree", "hukou_kind": "elsewhere", "lodging": "ordinary", "stay_length": "longer", "subject": "self",
    "id_number": "11010519491231002X", "name": "李伟", "birth_date": "1949-12-31", "sex": "2", "ethnicity": "01",
    "hukou_region": "110105", "hukou_address": "幸福村1号", "phone": "+8613812345678", "education": "70",
    "area_street": "S01", "area": "S01-01", "address": "幸福路18号3幢502室", "stay_kind": "own",
    "arrived_on": "2026-11-20", "stay_months": "6_to_12", "reason": "family",
    "paper_identity": {"files": [], "plan": "sent"}, "paper_dwelling": {"files": [], "plan": "sent"},
}  # fmt: skip


def account(unit: Unit, who: str = "me", holder: str = HOLDER, language: str = "zh", now: datetime = NOW) -> int:
    """An account of a holder; its conversation's id."""
    begun = conversations.begin(unit, "engine", who, language, now)
    conversations.save(unit, replace(begun, holder_id=holder), now)
    return begun.id


def blank(number: str, holder: str = HOLDER, **answers: Any) -> Submission:
    """A submission that isn't stored yet; `step=None` leaves that answer out."""
    told = {step: value for step, value in (ANSWERS | answers).items() if value is not None}
    return Submission(
        number=number, draft=f"draft {number}", holder_id=holder, form="migrant", form_version="1",
        pack="cn-zj-hangzhou", channel="engine", language="zh", submitted_at=NOW, consent="1", consented_at=NOW,
        answers={step: Answer("given", value) for step, value in told.items()},
    )  # fmt: skip


def file(unit: Unit, number: str, holder: str = HOLDER, **answers: Any) -> Submission:
    """Store one."""
    return submissions.submit(unit, blank(number, holder, **answers))
