"""The summary: every answer on a line that can be changed."""

from typing import Any

from handlers.forms.ending import CANDIDATES
from handlers.forms.tenant import HOMES, TENANTS
from handlers.messages import Choice, Reply, control
from handlers.steps import Context, Form, Step
from storage.records import Answer, Answers, Conversation, Matter


def summary(form: Form, conversation: Conversation, context: Context) -> Reply:
    """The numbered lines, each a choice `edit:<step>`, then send.

    Of a talk that asks again only what was asked in it, with what stood there before and what is needed no more.
    """
    answers, matter = conversation.answers, conversation.matter
    steps = [step for step in shown_steps(form, answers, context) if not matter.before or step.name in matter.trail]
    lines = [line(step, answers[step.name]) | {"before": _before(step, matter)} for step in steps]
    choices = tuple(
        Choice(f"edit:{step.name}", codes="steps", label="", role="line", form=form.name, step="confirm")
        for step in steps
    )
    sending = Choice("send", codes="commands", role="control", form=form.name, step="confirm")
    data = {"lines": lines, "gone": _gone(form, conversation, context), "names": _names(answers)}
    names = ("never_mind", "help") if form.may_drop else ("back", "help")
    return Reply(form.summary, data, (*choices, sending, *(control(name) for name in names)))


def _names(answers: Answers) -> dict[str, str]:
    """What can be chosen by a number or code, and its name: registrations, homes, tenants."""
    lists = (answers[name].value for name in (CANDIDATES, HOMES, TENANTS) if name in answers)
    return {str(entry[0]): str(entry[1]) for entries in lists for entry in entries}


def _before(step: Step, matter: Matter) -> dict[str, Any] | None:
    old = matter.before.get(step.name)
    return None if old is None else line(step, old)


def _gone(form: Form, conversation: Conversation, context: Context) -> list[dict[str, Any]]:
    """What was sent before and doesn't apply any more."""
    matter, answers = conversation.matter, conversation.answers
    sent = (step for step in form.steps if step.name in matter.before and not step.hidden)
    return [line(step, matter.before[step.name]) for step in sent if not step.applies(answers, context)]


def shown_steps(form: Form, answers: Answers, context: Context) -> list[Step]:
    """The steps whose answers a person sees: those that apply, are answered, and aren't hidden."""
    return [step for step in form.steps if step.name in answers and not step.hidden and step.applies(answers, context)]


def line(step: Step, answer: Answer) -> dict[str, Any]:
    """One line's data: which step, how its value is labelled, whether it was derived or skipped."""
    return {"step": step.name, "codes": step.codes, "value": answer.value, "kind": answer.kind}
