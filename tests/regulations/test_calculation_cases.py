"""The worked cases for the rules that registering needs, read from calculation-cases.csv."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from regulations.calendar import Calendar
from regulations.deadlines import Deadline, deadline, is_under_age, is_within, reaches
from regulations.pack import Pack, load

JURISDICTIONS = {"cn", "cn-zj", "cn-zj-hangzhou"}
RECORDERS = {
    "operator": "operator",
    "medical_institution": "medical institution",
    "school": "school or training body",
    "relief_body": "relief management body",
}
# Words of a case that tell that the exemption's own situation isn't met.
NOT_EXEMPT = ("off campus",)

Answer = dict[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    line: int
    jurisdiction: str
    key: str
    dates: tuple[date, ...]
    inputs: str
    expected: Answer

    def __str__(self) -> str:
        return f"line {self.line} {self.jurisdiction} {self.key}"


def read_cases() -> list[Case]:
    with Path(__file__).with_name("calculation-cases.csv").open(encoding="utf-8", newline="") as file:
        rows = [read_case(line, row) for line, row in enumerate(csv.DictReader(file), start=2)]
    return [case for case in rows if case.jurisdiction in JURISDICTIONS and answering(case.key)]


def read_case(line: int, row: dict[str, str]) -> Case:
    return Case(
        line,
        row["jurisdiction"],
        row["rule_key"],
        tuple(date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d(?!T)", row["input_date(s)"])),
        row["other_inputs"],
        pairs(row["expected_date_or_answer"]),
    )


def pairs(text: str) -> Answer:
    named = (part.partition("=") for part in text.split("; "))
    return {name: value if sign else "" for name, sign, value in named}


def told(due: Deadline) -> Answer:
    if due.nominal is None:
        return {"error": due.problem}
    dates = {str(due.nominal): "", "nominal": str(due.nominal)}
    return dates | ({"rolled": str(due.rolled)} if due.rolled else {"error": due.problem})


def answer_deadline(pack: Pack, case: Case) -> Answer:
    return told(deadline(pack.rule(case.key), case.dates[0], Calendar()))


def answer_min_stay(pack: Pack, case: Case) -> Answer:
    days = int(re.findall(r"(\d+) days", case.inputs)[0])
    if not reaches(pack.rule(case.key), days):
        return {"duty": "no"}
    due = deadline(pack.rule("registration.deadline"), case.dates[0], Calendar())
    return {"duty": "yes", "deadline": str(due.nominal)}


def answer_after_exempt(pack: Pack, case: Case) -> Answer:
    first, last, _moved_in = case.dates
    event = {"exempt_stay_ends": last, "arrival": first}[str(pack.rule(case.key).value)]
    return told(deadline(pack.rule("registration.deadline"), event, Calendar()))


def answer_exempt(pack: Pack, case: Case) -> Answer:
    rule = pack.rule(case.key)
    if rule.value is not True or any(words in case.inputs for words in NOT_EXEMPT):
        return {"self_declaration": "required"}
    return {"self_declaration": "not required", "who_records": RECORDERS[rule.who]}


def answer_relatives(pack: Pack, case: Case) -> Answer:
    days = (case.dates[1] - case.dates[0]).days
    exempt = "close relative" in case.inputs and is_within(pack.rule(case.key), days)
    return {"days": str(days), "self_declaration": "not required" if exempt else "required"}


def answer_minor(pack: Pack, case: Case) -> Answer:
    rule = pack.rule(case.key)
    under = is_under_age(rule, *case.dates)
    return {"who_declares": f"{rule.who} (must)" if under else "the child personally"}


def answer_elderly(pack: Pack, case: Case) -> Answer:
    if pack.rule(case.key).value is not True or "mobile" in case.inputs:
        return {"proxy": "not provided for"}
    both = pack.rule("registration.proxy.docs").value == ("identity", "agent_identity")
    return {"proxy": "allowed", "papers": "valid ID of both" if both else "other"}


ANSWERS: dict[str, Callable[[Pack, Case], Answer]] = {
    "registration.deadline": answer_deadline,
    "change.registration": answer_deadline,
    "registration.min_stay": answer_min_stay,
    "registration.trigger_after_exempt": answer_after_exempt,
    "registration.exempt.relatives": answer_relatives,
    "registration.proxy.minor": answer_minor,
    "registration.proxy.elderly_disabled": answer_elderly,
}


def answering(key: str) -> Callable[[Pack, Case], Answer] | None:
    return ANSWERS.get(key) or (answer_exempt if key.startswith("registration.exempt.") else None)


CASES = read_cases()


def test_no_case_for_registering_is_left_out() -> None:
    assert len(CASES) == 35


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_worked_case_comes_out_as_written(case: Case) -> None:
    answer = answering(case.key)
    assert answer is not None
    found = answer(load(case.jurisdiction), case)
    assert found | case.expected == found
