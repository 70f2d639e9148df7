"""Knowing the law, on demand: topics, what there is on one, and one notice with its source."""

from dataclasses import replace

from handlers import turns
from handlers.messages import Choice, Reply, control
from handlers.turns import Turn
from handlers.visit import Visit
from regulations.notices import TOPICS, Notice
from storage import conversations, law_counts, readings

RULES = "registration"  # the topic that begins with the rules of the place's own pack, so that it is there everywhere
NEXT = "next"


def read(visit: Visit, wanted: str) -> Turn:
    """Some reading beside the talk: an open question is not asked again with each page, but can be gone back to."""
    reply = _shown(visit, wanted)
    back = (control("continue"),) if visit.is_talking else ()
    return Turn(visit.conversation, (replace(reply, choices=(*reply.choices, *back)),))


def _shown(visit: Visit, wanted: str) -> Reply:
    """The notice or topic of that name; the topics, where there is none here. `next` follows the notice shown last."""
    if wanted == NEXT:
        wanted = _after(visit, _last(visit))
    notice = visit.office.notices.notices.get(wanted.removeprefix(f"{NEXT}:"))
    if notice is not None and notice.header.place in visit.office.places:
        return _notice(visit, notice)
    if wanted in TOPICS:
        law_counts.count(visit.unit, visit.context.today, "topic", wanted)
    if wanted == RULES:
        return Reply("say/law", {}, (*_titles(visit, RULES), control("law")))
    titles = _titles(visit, wanted) if wanted in TOPICS else ()
    return Reply("say/law_topic", {"topic": wanted}, (*titles, control("law"))) if titles else _topics(visit)


def _topics(visit: Visit) -> Reply:
    there = {RULES, *visit.office.notices.topics(visit.office.places)}
    return Reply("say/law_topics", {}, (*(_choice(topic) for topic in TOPICS if topic in there), control("quiz")))


def _titles(visit: Visit, topic: str) -> tuple[Choice, ...]:
    return tuple(_choice(notice.name) for notice in visit.office.notices.here(visit.office.places, topic))


def _notice(visit: Visit, notice: Notice) -> Reply:
    """With the way to the next one of its topic, to the topic and to all topics."""
    if visit.conversation.consent:
        readings.open_notice(visit.unit, visit.conversation.id, notice.name, visit.now)
    law_counts.count(visit.unit, visit.context.today, "notice", notice.name)
    following = _after(visit, notice.name)
    onward = (_choice(f"{NEXT}:{following}"),) if following else ()
    overdue = notice.is_overdue(visit.context.today)
    controls = (*onward, _choice(notice.header.topic), control("law"))
    return Reply("say/notice", {"notice": notice.name, "overdue": overdue}, controls)


def _after(visit: Visit, name: str) -> str:
    """The name of the notice that follows in the topic; empty after the last."""
    notice = visit.office.notices.notices.get(name)
    if notice is None:
        return ""
    names = [one.name for one in visit.office.notices.here(visit.office.places, notice.header.topic)]
    return next(iter(names[names.index(name) + 1 :]), "") if name in names else ""


def _last(visit: Visit) -> str:
    """The notice in the answer before this message; empty if there was none."""
    last = conversations.answered(visit.unit, visit.conversation.last_message)
    said = () if last is None else turns.unpacked(b"", visit.conversation.id, last).replies
    return next((str(reply.data["notice"]) for reply in said if reply.template == "say/notice"), "")


def _choice(name: str) -> Choice:
    return Choice(f"law:{name}", codes="commands", role="control")
