"""Talks put aside: another matter comes first, and then goes on what was under way."""

from dataclasses import replace

from storage.records import Conversation, Matter, Talk

NOTHING = Matter()


def put_aside(conversation: Conversation) -> Conversation:
    """The talk under way waits, as it stands; nothing of it is lost."""
    if not conversation.draft:
        return replace(conversation, answers={}, asked="", matter=NOTHING)
    waiting = Talk(
        form=conversation.form,
        asked=conversation.asked,
        status=conversation.status,
        answers=conversation.answers,
        draft=conversation.draft,
        scene=conversation.scene,
        matter=conversation.matter,
    )
    blank = replace(conversation, answers={}, asked="", draft="", scene="", matter=NOTHING)
    return replace(blank, aside=(*conversation.aside, waiting))


def take_up(conversation: Conversation) -> Conversation:
    """This talk is over; the one put aside last goes on, if there is one."""
    ended = replace(conversation, answers={}, asked="", draft="", status="ended", scene="", matter=NOTHING)
    if not conversation.aside:
        return ended
    *others, last = conversation.aside
    return replace(
        ended,
        form=last.form,
        asked=last.asked,
        status=last.status,
        answers=last.answers,
        draft=last.draft,
        scene=last.scene,
        matter=last.matter,
        aside=tuple(others),
    )
