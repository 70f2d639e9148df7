"""Hints: what the records say, and what of it looks odd."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.render import Words
from bot.tongue import OfficeFacts
from handlers.office.hints import LOOKS, Hint, Limits, hints
from handlers.office.timing import late_after
from handlers.reasons import ASK_REASONS, REFUSAL_REASONS
from regulations.calendar import Calendar
from regulations.pack import load
from storage import findings, submissions, tables
from storage.database import Database
from storage.findings import Findings
from storage.records import Submission
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import HOLDER, blank, file
from tests.regulations.test_pack import HEAD, RULE, write

OTHER = "o" * 32
ZONE = ZoneInfo("Asia/Shanghai")
LIMITS = Limits(on_phone=3, in_home=4)


def found(database: Database, submission: Submission) -> Findings:
    return database.run_now(lambda unit: findings.of(unit, submission))


def filed(database: Database, number: str, holder: str = HOLDER, **answers: Any) -> Submission:
    return database.run_now(lambda unit: file(unit, number, holder, **answers))


def test_a_first_registration_has_nothing_odd(database: Database) -> None:
    sent = filed(database, "N1")
    assert found(database, sent) == Findings(on_phone=1, in_home=1)
    assert hints(sent, found(database, sent)) == ()


def test_the_same_person_from_another_account_is_seen_with_the_other_name(database: Database) -> None:
    filed(database, "N1")
    second = filed(database, "N2", OTHER, name="王芳")
    seen = found(database, second)
    assert (seen.others, seen.names) == (("N1",), ("李伟",))


def test_ones_own_change_is_no_second_registration(database: Database) -> None:
    first = filed(database, "N1")
    change = replace(blank("N2", changed="phone"), kind="change", former_id=first.id)
    sent = database.run_now(lambda unit: submissions.submit(unit, change))
    assert found(database, sent).others == ()


@pytest.mark.parametrize("state", ["refused", "withdrawn", "changed", "moved", "left"])
def test_what_is_over_counts_no_more(database: Database, state: str) -> None:
    first = filed(database, "N1", id_number="341225199003071233")
    filed(database, "N3")

    def end(unit: Unit) -> None:
        unit.execute(update(tables.submissions).where(tables.submissions.c.id == first.id).values(status=state))

    database.run_now(end)
    second = filed(database, "N2", OTHER, id_number="341225199003071233")
    assert found(database, second) == Findings(on_phone=2, in_home=2)


def test_people_are_counted_and_not_their_submissions(database: Database) -> None:
    filed(database, "N1")
    filed(database, "N2")
    filed(database, "N3", id_number="341225199003071233", address="幸福路 18号 3幢502室", phone="+8613700001111")
    last = filed(database, "N4", id_number="none", area="S01-02")
    seen = found(database, last)
    assert (seen.on_phone, seen.in_home) == (2, 1)
    assert found(database, filed(database, "N5", id_number="none")).in_home == 3


SENT = {"files": ["a"], "plan": "sent"}
COUNTER = {"files": [], "plan": "counter"}
SEEN: list[tuple[str, Findings, dict[str, Any], dict[str, Any], list[Hint]]] = [
    ("another name", Findings(names=("王芳",)), {}, {}, [Hint("other_name", {"names": ["王芳"]})]),
    ("twice", Findings(others=("N1",)), {}, {}, [Hint("registered_twice", {"numbers": ["N1"]})]),
    ("few on the phone", Findings(on_phone=2), {}, {}, []),
    ("many on the phone", Findings(on_phone=3), {}, {}, [Hint("same_phone", {"people": 3})]),
    ("a home with room", Findings(in_home=3), {}, {}, []),
    ("a full home", Findings(in_home=4), {}, {}, [Hint("crowded_home", {"people": 4})]),
    ("papers sent", Findings(), {"paper_identity": SENT}, {}, []),
    ("a paper missing", Findings(), {"paper_identity": COUNTER}, {}, [
        Hint("papers_missing", {"steps": ["paper_identity"]})]),
    ("in time", Findings(), {}, {"in_time": True, "due_on": date(2026, 11, 20)}, []),
    ("not known yet", Findings(), {}, {"in_time": None, "due_on": None}, []),
    ("late", Findings(), {}, {"in_time": False, "due_on": date(2026, 11, 20)}, [
        Hint("late", {"due_on": "2026-11-20"})]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "answers", "facts", "expected"), [case[1:] for case in SEEN], ids=[case[0] for case in SEEN]
)
def test_a_hint_is_given_for(
    seen: Findings, answers: dict[str, Any], facts: dict[str, Any], expected: list[Hint]
) -> None:
    assert list(hints(replace(blank("N", **answers), **facts), seen, LIMITS)) == expected


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_hint_reason_and_state_has_its_words(language: str) -> None:
    words = Words(load("cn-zj-hangzhou"), OfficeFacts(), tuple)
    labels = words.vocabularies[language].labels
    assert set(labels["hints"]) == set(labels["hint_actions"]) == set(LOOKS)
    assert set(labels["ask_reasons"]) == set(ASK_REASONS)
    assert set(labels["refusal_reasons"]) >= set(REFUSAL_REASONS)
    assert set(labels["kinds"]) == {
        "registration", "change", "leaving", "withdrawal", "permit", "endorsement", "replacement",
    }  # fmt: skip


def test_where_the_law_sets_the_office_no_limit_it_is_never_late() -> None:
    for name in ("cn", "cn-zj", "cn-zj-hangzhou"):
        assert late_after(load(name), blank("N"), Calendar(), ZONE) is None


LIMITED = RULE.replace("registration.deadline", "registration.review")


@pytest.mark.parametrize(("sent", "last"), [(NOW, date(2026, 11, 26)), (NOW + timedelta(hours=15), date(2026, 11, 27))])
def test_where_it_sets_one_it_is_counted_from_the_local_day_it_came(tmp_path: Path, sent: Any, last: date) -> None:
    pack = load("x", write(tmp_path, x=HEAD + LIMITED))
    assert late_after(pack, replace(blank("N"), submitted_at=sent), Calendar(), ZONE) == last
