"""The summary: every answer on a line that can be changed."""

from typing import Any

from handlers.messages import Choice, Reply, control
from handlers.steps import Context, Form, Step
from storage.records import Answer, Answers


def summary(form: Form, answers: Answers, context: Context) -> Reply:
    """The numbered lines, each a choice `edit:<step>`, then send."""
    steps = shown_steps(form, answers, context)
    lines = [line(step, answers[step.name]) for step in steps]
    choices = tuple(
        Choice(f"edit:{step.name}", codes="steps", label="", role="line", form=form.name, step="confirm")
        for step in steps
    )
    sending = Choice("send", codes="commands", role="control", form=form.name, step="confirm")
    return Reply("ask/confirm", {"lines": lines}, (*choices, sending, control("back"), control("help")))


def shown_steps(form: Form, answers: Answers, context: Context) -> list[Step]:
    """The steps whose answers a person sees: those that apply, are answered, and aren't hidden."""
    return [step for step in form.steps if step.name in answers and not step.hidden and step.applies(answers, context)]


def line(step: Step, answer: Answer) -> dict[str, Any]:
    """One line's data: which step, how its value is labelled, whether it was derived or skipped."""
    return {"step": step.name, "codes": step.codes, "value": answer.value, "kind": answer.kind}
