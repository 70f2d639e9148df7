"""The pure engine: from a conversation and what came in to the conversation and what goes out."""

from collections.abc import Mapping

from handlers.answers.choices import pick
from handlers.messages import Choice, Incoming, Reply, control
from handlers.questions import is_open, is_questioned, may_stand, question
from handlers.steps import Context, Form, InvalidAnswer, Step
from handlers.summary import summary
from handlers.turns import Turn
from storage.changed import changed
from storage.records import Answer, Answers, Conversation, Matter, Value

CONFIRM = "confirm"
NO_MATTER = Matter()


def start(
    conversation: Conversation, form: Form, draft: str, answers: Answers, context: Context, matter: Matter = NO_MATTER
) -> Turn:
    """Begin a talk, with what is known already, and what it is about if that was sent before."""
    begun = changed(
        conversation, form=form.name, draft=draft, answers=dict(answers), asked="", status="active", matter=matter
    )
    return proceed(begun, form, context)


def advance(conversation: Conversation, form: Form, incoming: Incoming, context: Context) -> Turn:
    """Read an answer for the step that was asked last, or for the one whose button was pressed."""
    if _is_stale(conversation, form, incoming):
        return _stale(conversation, form, incoming, context)
    if conversation.asked == CONFIRM:
        return _confirm(conversation, form, incoming, context)
    step = _asked(conversation, form, context)
    if step is None:
        return proceed(conversation, form, context)
    parsed = step.parse(incoming, conversation.answers, context)
    if isinstance(parsed, InvalidAnswer):
        return _not_taken(conversation, step, parsed, context)
    return proceed(_accept(conversation, form, step, parsed, context), form, context)


def proceed(conversation: Conversation, form: Form, context: Context, *before: Reply) -> Turn:
    """Ask what is missing: the first step that applies and lacks an answer, else show the summary."""
    ending = form.ends(conversation.answers, context)
    if ending is not None:
        ended = changed(conversation, status="ended", asked="", answers={}, draft="", matter=NO_MATTER)
        return Turn(ended, (*before, ending))
    missing = next_step(form, conversation.answers, context)
    if missing is None:
        if not form.confirms:
            return _send(conversation, form, context)
        confirming = changed(conversation, asked=CONFIRM)
        return Turn(confirming, (*before, summary(form, confirming, context)))
    return ask(conversation, missing, context, *before)


def ask(conversation: Conversation, step: Step, context: Context, *before: Reply) -> Turn:
    """Ask one question; where an old answer stands, it is shown and can be kept."""
    asked = changed(conversation, asked=step.name, status="active", matter=_noted(conversation.matter, step))
    return Turn(asked, (*before, question(step, conversation, context)))


def back(conversation: Conversation, form: Form, context: Context) -> Turn:
    """Ask the question before this one again; its answer stays until a new one is accepted."""
    before = _previous(conversation, form, context)
    if before is None:
        return again(conversation, form, context, Reply("say/nothing_before"))
    return ask(conversation, before, context)


def skip(conversation: Conversation, form: Form, context: Context) -> Turn:
    """Leave the question out, where that is allowed; an earlier answer to it is dropped."""
    step = form.step(conversation.asked)
    if step is None or not step.skippable(conversation.answers, context):
        return again(conversation, form, context, Reply("invalid/cannot_skip"))
    answers = {**conversation.answers, step.name: Answer("skipped")}
    return proceed(changed(conversation, answers=answers, asked=""), form, context)


def keep(conversation: Conversation, form: Form, context: Context) -> Turn:
    """Leave an old answer as it stands and go on; one that the office can't use has to be given anew."""
    step = _asked(conversation, form, context)
    if step is None or not is_questioned(step, conversation.answers):
        return proceed(changed(conversation, asked=""), form, context)
    if not may_stand(step, conversation):
        return again(conversation, form, context, Reply("invalid/cannot_keep"))
    answers = {**conversation.answers, step.name: conversation.matter.before[step.name]}
    return proceed(changed(conversation, answers=answers, asked=""), form, context)


def edit(conversation: Conversation, form: Form, name: str, context: Context) -> Turn:
    """Ask a question of choice again."""
    step = form.step(name)
    if step is None or not step.applies(conversation.answers, context):
        return again(conversation, form, context, Reply("say/not_part_any_more"))
    return ask(conversation, step, context)


def again(conversation: Conversation, form: Form, context: Context, *before: Reply) -> Turn:
    """The present question once more: after help, a greeting, a pause, a form that has changed."""
    step = _asked(conversation, form, context)
    if step is None:
        return proceed(changed(conversation, status="active"), form, context, *before)
    return ask(conversation, step, context, *before)


def explain(conversation: Conversation, form: Form, context: Context) -> Turn:
    """Help on the present question, and the question again."""
    step = _asked(conversation, form, context)
    said = Reply("help/confirm") if step is None else _help(step, conversation, context)
    return again(conversation, form, context, said)


def _help(step: Step, conversation: Conversation, context: Context) -> Reply:
    """An explanation with an example; it knows what its question knows."""
    return Reply(f"help/{step.name}", question(step, conversation, context).data)


def next_step(form: Form, answers: Answers, context: Context) -> Step | None:
    """The first step that applies and lacks an answer."""
    return next((step for step in form.steps if is_open(step, answers) and step.applies(answers, context)), None)


def applying(form: Form, answers: Answers, context: Context) -> dict[str, Answer]:
    """Only the answers whose step still applies: what is submitted."""
    return {
        step.name: answers[step.name] for step in form.steps if step.name in answers and step.applies(answers, context)
    }


def _asked(conversation: Conversation, form: Form, context: Context) -> Step | None:
    """The step asked last, if the form still has it and it still applies."""
    step = form.step(conversation.asked)
    return step if step is not None and step.applies(conversation.answers, context) else None


def _confirm(conversation: Conversation, form: Form, incoming: Incoming, context: Context) -> Turn:
    """The summary's answer: send it, or change a line by number or name."""
    shown = summary(form, conversation, context)
    wanted = pick_line(shown, incoming, context)
    if wanted == "send":
        return _send(conversation, form, context)
    if wanted.startswith("edit:"):
        return edit(conversation, form, wanted.removeprefix("edit:"), context)
    lines = sum(choice.role == "line" for choice in shown.choices)
    return Turn(conversation, (Reply("invalid/confirm", {"max": lines}), shown))


def pick_line(shown: Reply, incoming: Incoming, context: Context) -> str:
    """The value of the summary's line or button that was meant; empty if none was."""
    if incoming.choice is not None:
        return incoming.choice.value
    labels = context.vocabulary.labels
    lines = tuple(
        changed(choice, role="option", label=labels["steps"].get(choice.value.removeprefix("edit:"), choice.value))
        for choice in shown.choices
        if choice.role == "line"
    )
    sending = Choice("send", codes="commands")
    picked = pick((*lines, sending), incoming, context.vocabulary)
    return picked if isinstance(picked, str) else ""


def _send(conversation: Conversation, form: Form, context: Context) -> Turn:
    """Everything is answered and confirmed; what no longer applies is left behind."""
    if next_step(form, conversation.answers, context) is not None:
        return proceed(conversation, form, context)
    answers = applying(form, conversation.answers, context)
    return Turn(changed(conversation, answers=answers, status="ended"), (), finished=True)


def _accept(conversation: Conversation, form: Form, step: Step, value: Value, context: Context) -> Conversation:
    """Take the answer, recompute what follows from it, and forget what it makes doubtful."""
    answers = dict(conversation.answers)
    old = answers.get(step.name)
    answers[step.name] = Answer("given", value)
    if old is None or old.value != value:
        doubtful = step.resets(value)
        answers = {name: kept for name, kept in answers.items() if name not in doubtful}
    derived = step.derives(value, answers, context)
    answers = _rederive(answers, step.name, derived)
    return changed(conversation, answers=answers, asked="")


def _rederive(answers: Answers, source: str, derived: Mapping[str, Value]) -> dict[str, Answer]:
    """Replace what was derived from this source; what the person gave over it stands."""
    kept = {name: a for name, a in answers.items() if not (a.kind == "derived" and a.source == source)}
    fresh = {name: Answer("derived", value, source) for name, value in derived.items() if name not in kept}
    return kept | fresh


def _not_taken(conversation: Conversation, step: Step, invalid: InvalidAnswer, context: Context) -> Turn:
    """Say what was wrong and ask again; options that the parser found are offered as buttons."""
    asked = question(step, conversation, context)
    offered = tuple(
        Choice(value, codes=step.codes, label=label, form=conversation.form, step=step.name)
        for value, label in invalid.data.get("options", ())
    )
    reply = Reply(f"invalid/{invalid.reason}", {**invalid.data, "step": step.name, "codes": step.codes})
    if "edit" in invalid.data:
        asked = changed(asked, choices=(*asked.choices, change(invalid.data["edit"])))
    if offered:
        others = tuple(choice for choice in asked.choices if choice.role == "control")
        asked = changed(asked, choices=offered + others, short=0)
    return Turn(conversation, (reply, asked))


def change(step: str) -> Choice:
    """The offer to answer another question anew."""
    return Choice(f"edit:{step}", codes="commands", role="control")


def _is_stale(conversation: Conversation, form: Form, incoming: Incoming) -> bool:
    """Whether a button of another question (or another talk's form) was pressed."""
    tap = incoming.choice
    return tap is not None and bool(tap.step) and (tap.step != conversation.asked or tap.form != form.name)


def _stale(conversation: Conversation, form: Form, incoming: Incoming, context: Context) -> Turn:
    """An old button: the same answer again changes nothing, another one is offered as a change."""
    tap = incoming.choice
    old = conversation.answers.get(tap.step) if tap else None
    if tap is None or tap.form != form.name or old is None or old.value == tap.value:
        return again(conversation, form, context)
    step = form.step(tap.step)
    if step is None or not step.applies(conversation.answers, context):
        return again(conversation, form, context)
    data = {"step": tap.step, "codes": step.codes, "old": old.value}
    return Turn(conversation, (Reply("say/stale_button", data, (change(tap.step), control("continue"))),))


def _previous(conversation: Conversation, form: Form, context: Context) -> Step | None:
    """The nearest earlier step that applies and that the person answered or skipped."""
    answers = conversation.answers
    names = [step.name for step in form.steps]
    until = names.index(conversation.asked) if conversation.asked in names else len(names)
    answered = [
        step
        for step in form.steps[:until]
        if step.name in answers and answers[step.name].kind != "derived" and step.applies(answers, context)
    ]
    if conversation.matter.before:
        answered = [step for step in answered if step.name in conversation.matter.trail]
    return answered[-1] if answered else None


def _noted(matter: Matter, step: Step) -> Matter:
    """A talk that asks again remembers what it asked."""
    if not matter.before or step.name in matter.trail:
        return matter
    return changed(matter, trail=(*matter.trail, step.name))
