"""Who is asked what: the conditions that steps share."""

from collections.abc import Callable
from datetime import date
from typing import Any

from handlers.steps import Context
from regulations.deadlines import is_under_age
from storage.records import Answers, Value

Condition = Callable[[Answers, Context], bool]


def value(answers: Answers, step: str) -> Value:
    """The answer's value; None where there is none or it was skipped."""
    answer = answers.get(step)
    return None if answer is None else answer.value


def answered(step: str, *values: Any) -> Condition:
    """The step's answer is one of these."""
    return lambda answers, context: bool(value(answers, step) in values)


def both(*conditions: Condition) -> Condition:
    """All of them."""
    return lambda answers, context: all(condition(answers, context) for condition in conditions)


def acts_for_another(answers: Answers, context: Context) -> bool:
    """Somebody registers a child, or an old or disabled relative."""
    return bool(value(answers, "subject") not in {None, "self"})


def has_id_number(answers: Answers, context: Context) -> bool:
    """The person has an ID number; without one the office takes over."""
    return bool(value(answers, "id_number") not in {None, "none"})


def lacks_id_number(answers: Answers, context: Context) -> bool:
    """The person has no ID number or paper at hand."""
    return bool(value(answers, "id_number") == "none")


def is_under(rule: str) -> Condition:
    """The person is younger than the pack's age (PIPL art. 31: 14; registration by the guardian: 16)."""

    def holds(answers: Answers, context: Context) -> bool:
        birth, found = value(answers, "birth_date"), context.pack.find(rule)
        if birth is None or found is None:
            return False
        return is_under_age(found, date.fromisoformat(birth), context.today)

    return holds


def is_listed(information: str) -> Condition:
    """The law here lists this among what people help to tell (data.information_set); nothing else is asked."""

    def holds(answers: Answers, context: Context) -> bool:
        rule = context.pack.find("data.information_set")
        return rule is not None and information in rule.names

    return holds


def comes_back(answers: Answers, context: Context) -> bool:
    """Somebody who has registered before tells what has changed."""
    return "again" in answers
