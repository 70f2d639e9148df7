"""Who is asked what: the conditions that steps share."""

from collections.abc import Callable
from datetime import date
from typing import Any

from handlers.answers.identity import age
from handlers.steps import Context
from storage.records import Answers, Value

Condition = Callable[[Answers, Context], bool]


def value(answers: Answers, step: str) -> Value:
    """The answer's value; None where there is none or it was skipped."""
    answer = answers.get(step)
    return None if answer is None else answer.value


def answered(step: str, *values: Any) -> Condition:
    """The step's answer is one of these."""
    return lambda answers, context: value(answers, step) in values


def both(*conditions: Condition) -> Condition:
    """All of them."""
    return lambda answers, context: all(condition(answers, context) for condition in conditions)


def acts_for_another(answers: Answers, context: Context) -> bool:
    """Somebody registers a child, or an old or disabled relative."""
    return value(answers, "subject") not in {None, "self"}


def has_id_number(answers: Answers, context: Context) -> bool:
    """The person has an ID number; without one the office takes over."""
    return value(answers, "id_number") not in {None, "none"}


def lacks_id_number(answers: Answers, context: Context) -> bool:
    """The person has no ID number or paper at hand."""
    return value(answers, "id_number") == "none"


def years_old(answers: Answers, context: Context) -> int | None:
    """The person's age in full years, once the birth date is known."""
    birth = value(answers, "birth_date")
    return None if birth is None else age(date.fromisoformat(birth), context.today)


def is_under(rule: str) -> Condition:
    """The person is younger than the pack's age (PIPL art. 31: 14; registration by the guardian: 16)."""

    def holds(answers: Answers, context: Context) -> bool:
        years = years_old(answers, context)
        return years is not None and years < context.pack.rule(rule).value

    return holds


def comes_back(answers: Answers, context: Context) -> bool:
    """Somebody who has registered before tells what has changed."""
    return "again" in answers
