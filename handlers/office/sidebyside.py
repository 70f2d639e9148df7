"""What differs between two submissions, or two states of one, side by side."""

from dataclasses import dataclass
from typing import Any

from handlers.forms.entries import FORMS
from storage.matters import packed_answer
from storage.records import Answer, Answers, Submission

ASKED_EACH_TIME = frozenset({"consent", "changed", "home"})


@dataclass(frozen=True, slots=True)
class Difference:
    """An answer before and after; None where there was, or is, none. `codes` labels its values."""

    step: str
    codes: str
    before: Answer | None
    after: Answer | None


def differences(before: Answers, after: Answers, form: str = "migrant") -> tuple[Difference, ...]:
    """The answers that differ, in the form's order."""
    found = (
        Difference(step.name, step.codes, before.get(step.name), after.get(step.name)) for step in FORMS[form].steps
    )
    return tuple(one for one in found if one.step not in ASKED_EACH_TIME and _differs(one))


def against_former(former: Submission, submission: Submission) -> tuple[Difference, ...]:
    """What a change, a leaving or a withdrawal alters of the former registration."""
    changed = differences(former.answers, submission.answers)
    if submission.form == former.form:
        return changed
    return (*changed, *differences({}, submission.answers, submission.form))


def packed(found: tuple[Difference, ...]) -> list[list[Any]]:
    """Differences as JSON values, for the history's note."""
    return [[one.step, one.codes, _packed(one.before), _packed(one.after)] for one in found]


def unpacked(data: list[list[Any]]) -> tuple[Difference, ...]:
    """Differences from a history's note."""
    return tuple(Difference(step, codes, _unpacked(old), _unpacked(new)) for step, codes, old, new in data)


def _differs(one: Difference) -> bool:
    """Papers that are on file already are no change."""
    if one.after is not None and isinstance(one.after.value, dict) and one.after.value.get("plan") == "on_file":
        return False
    return bool(_value(one.before) != _value(one.after))


def _value(answer: Answer | None) -> Any:
    return None if answer is None or answer.kind == "skipped" else answer.value


def _packed(answer: Answer | None) -> list[Any] | None:
    return None if answer is None else packed_answer(answer)


def _unpacked(parts: list[Any] | None) -> Answer | None:
    return None if parts is None else Answer(*parts)
