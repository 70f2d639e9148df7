"""A question's reply: its words' data, its options, the commands that make sense, and the answer that stands."""

from typing import Any

from handlers import reasons
from handlers.messages import Choice, Reply, control
from handlers.steps import Context, Step
from storage.records import Answer, Answers, Conversation

SHARE = {"contact": "share_contact", "place": "share_location"}


def question(step: Step, conversation: Conversation, context: Context) -> Reply:
    """The question's reply, with its options and the commands that make sense here."""
    answers = conversation.answers
    old = _standing(step, answers)
    data = dict(step.data(answers, context)) if step.data else {}
    data |= {"step": step.name, "codes": step.codes, "subject": _given(answers, "subject", "self")}
    data["old"] = None if old is None else old.value
    data |= {"why": _why(step, conversation), "may_keep": may_stand(step, conversation)}
    choices = tuple(choice.of(conversation.form, step.name) for choice in step.choices(answers, context))
    return Reply(f"ask/{step.name}", data, choices + _controls(step, conversation, context), step.short)


def is_open(step: Step, answers: Answers) -> bool:
    """Whether the step has no answer yet, one that wants more, or one that the office questions."""
    answer = answers.get(step.name)
    return answer is None or answer.kind == "questioned" or step.unfinished(answer.value)


def is_questioned(step: Step, answers: Answers) -> bool:
    """Whether the office asks for this answer again and it was neither given anew nor kept yet."""
    answer = answers.get(step.name)
    return answer is not None and answer.kind == "questioned"


def may_stand(step: Step, conversation: Conversation) -> bool:
    """An answer that stands may be kept; a questioned one where the office only doubts it."""
    if _standing(step, conversation.answers) is None:
        return False
    ask = conversation.matter.asks.get(step.name)
    return ask is None or not is_questioned(step, conversation.answers) or reasons.may_keep(ask)


def _controls(step: Step, conversation: Conversation, context: Context) -> tuple[Choice, ...]:
    """Keep (where an answer may stand), share buttons, skip (where allowed), back, help."""
    names = ["keep"] if may_stand(step, conversation) else []
    names += [SHARE[what] for what in sorted(step.accepts & SHARE.keys())]
    if step.skippable(conversation.answers, context):
        names.append("skip")
    names += ["back", "help"] if conversation.answers else []
    return tuple(control(name) for name in names)


def _standing(step: Step, answers: Answers) -> Answer | None:
    """The answer that is shown with its question: one that is whole."""
    answer = answers.get(step.name)
    return None if answer is None or step.unfinished(answer.value) else answer


def _why(step: Step, conversation: Conversation) -> dict[str, str] | None:
    """The office's reason for asking again, if it asks."""
    ask = conversation.matter.asks.get(step.name)
    return None if ask is None else {"reason": ask.reason, "words": ask.words}


def _given(answers: Answers, name: str, default: Any) -> Any:
    answer = answers.get(name)
    return default if answer is None else answer.value
