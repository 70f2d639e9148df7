"""Options that the last answer offered beyond the question's own (a day that may be two), picked by their number."""

from dataclasses import replace

from handlers import turns
from handlers.answers.choices import numbered
from handlers.messages import Choice, Incoming
from handlers.visit import Visit
from storage import conversations


def with_offer_picked(visit: Visit) -> Incoming:
    """The message, a bare number turned into the tap on the option of that number."""
    incoming, step = visit.incoming, visit.form.step(visit.conversation.asked)
    number = numbered(incoming.text)
    if step is None or number is None or step.choices(visit.conversation.answers, visit.context):
        return incoming
    offered = _offered(visit, step.name)
    if not 1 <= number <= len(offered):
        return incoming
    return replace(incoming, text="", choice=offered[number - 1].tap)


def _offered(visit: Visit, step: str) -> tuple[Choice, ...]:
    """The options of the answer before this message."""
    last = conversations.answered(visit.unit, visit.conversation.last_message)
    replies = () if last is None else turns.unpacked(b"", visit.conversation.id, last).replies
    return tuple(choice for reply in replies for choice in reply.choices if choice.step == step)
