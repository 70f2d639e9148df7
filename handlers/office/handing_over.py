"""A hand-over from the person's side: asking for a person, being heard by them, calling the bot back."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from handlers.messages import Reply, control
from handlers.office import papers, talks
from handlers.turns import Turn
from handlers.visit import Visit
from storage import conversations, hand_overs, submissions
from storage.hand_overs import HandOver, Line

MINUTE = timedelta(minutes=1)


def ask(visit: Visit) -> Turn:
    """Begin a hand-over: the person is told what happens now and when the office is open; the open question waits."""
    conversation, until = visit.conversation, visit.now + visit.office.silence.answer
    number = hand_overs.begin(visit.unit, conversation.id, area_of(visit), conversation.asked, visit.now, until)
    told = Reply("say/person", {"minutes": visit.office.silence.answer // MINUTE}, (control("bot"),))
    return Turn(replace(conversation, hand_over=number), (told,))


def heard(visit: Visit) -> Turn:
    """What the person says goes to the staff, and the bot says nothing; a first word after an answer waits anew."""
    talk = _open(visit)
    if talk is None:
        return brought_back(visit)
    message = visit.incoming
    key = conversations.message_key(visit.unit, message.channel, message.address, message.message_id).hex()
    for number, (kind, said) in enumerate(_said(visit)):
        hand_overs.add_line(visit.unit, talk.id, Line("person", kind, said, visit.now), f"{key}:{number}")
    if talk.waits_since is None:
        until = visit.now + visit.office.silence.answer
        hand_overs.save(visit.unit, replace(talk, waits_since=visit.now, silent_until=until))
    return Turn(visit.conversation, ())


def reminded(visit: Visit) -> Turn:
    """Who opens the talk or presses a button is told why the bot doesn't act, and how to call it."""
    return Turn(visit.conversation, (Reply("say/with_person", {}, (control("bot"),)),))


def brought_back(visit: Visit) -> Turn:
    """The bot speaks again at the person's word, and the question that was open is asked again."""
    talk = _open(visit)
    if talk is not None:
        hand_overs.save(visit.unit, replace(talk, ended_at=visit.now, why="bot"))
    back = visit.with_conversation(replace(visit.conversation, hand_over=None))
    return talks.present(back, went_on(back, "say/bot_back"))


def went_on(visit: Visit, template: str, **data: Any) -> Reply:
    """A sentence that ends the silence; it knows whether a question follows, else it offers what one may do."""
    asks = visit.is_talking and visit.conversation.status == "active"
    offered = () if asks else tuple(control(name) for name in ("start", "my_data", "person"))
    return Reply(template, {"asks": asks, **data}, offered)


def _open(visit: Visit) -> HandOver | None:
    number = visit.conversation.hand_over
    talk = hand_overs.get(visit.unit, number) if number is not None else None
    return talk if talk is not None and talk.is_open else None


def _said(visit: Visit) -> Iterator[tuple[str, Any]]:
    """Everything a message holds, each as a kind and its JSON value."""
    message = visit.incoming
    for file in message.files:
        kept = papers.kept(visit, file, papers.TALK)
        yield kept.kind, kept.reference if kept.kind in papers.TAKEN else ""
    if message.place is not None:
        yield "place", asdict(message.place)
    if message.contact is not None:
        yield "contact", message.contact.phone
    if message.text:
        yield "words", message.text


def area_of(visit: Visit) -> str:
    """Whose staff answer: where the person's last registration or draft lies; empty where nothing tells."""
    holder, draft = visit.conversation.holder_id, visit.conversation.answers.get("area")
    sent = submissions.of_holder(visit.unit, holder, 1) if holder else ()
    if sent:
        return sent[0].area
    if draft is not None and draft.value:
        return str(draft.value)
    return visit.context.home.area if visit.context.home is not None else ""
