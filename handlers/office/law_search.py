"""A question in own words: the notices that fit best, and where to turn to if none does."""

from dataclasses import replace

from handlers import turns
from handlers.answers.choices import numbered
from handlers.messages import Choice, Reply, control
from handlers.office import missed, notices
from handlers.turns import Turn
from handlers.visit import Visit
from regulations.notice_search import LEAST, SURE
from regulations.search_words import is_sentence
from storage import conversations, law_counts

READING = frozenset({"say/law", "say/law_topics", "say/law_topic", "say/notice", "say/law_found", "say/law_none"})


def answer(visit: Visit) -> Turn | None:
    """What the law says to a question asked instead of an answer, or the notice of that number; else None."""
    if not _may_ask(visit):
        return None
    picked = _picked(visit)
    if picked:
        return notices.read(visit, picked)
    said, tells = visit.incoming.text, is_sentence(visit.incoming.text)
    if visit.is_talking:
        asks = tells and visit.office.finder().asks_something(said)
        return _found(visit, SURE) if asks or _was_reading(visit) else None
    asks = visit.office.finder().asks_something(said)
    if not asks and not tells and not _was_reading(visit):
        return None
    found = _found(visit, LEAST)
    return found if found is not None or visit.conversation.status == "new" or not asks else _missed(visit)


def instead(visit: Visit, turn: Turn) -> Turn:
    """The answer to a sentence that the form could make nothing of, if it was about the law; else the form's own."""
    refused = any(reply.template.startswith("invalid/") for reply in turn.replies)
    if not refused or not _may_ask(visit) or not is_sentence(visit.incoming.text):
        return turn
    return _found(visit, SURE) or turn


def asked(visit: Visit, question: str) -> Turn:
    """A question after the word for the law: it is answered in any case."""
    put = visit.with_incoming(replace(visit.incoming, text=question))
    return _found(put, LEAST) or _missed(put)


def none_of_these(visit: Visit) -> Turn:
    """The person says that nothing fits; what they had asked is noted for whoever writes notices."""
    question = _question(visit)
    if question:
        missed.note(visit, question)
        law_counts.count(visit.unit, visit.context.today, "none")
    return Turn(visit.conversation, (_beyond(visit),))


def _may_ask(visit: Visit) -> bool:
    incoming = visit.incoming
    return incoming.kind == "message" and incoming.choice is None and bool(incoming.text.strip()) and not incoming.files


def _found(visit: Visit, least: float) -> Turn | None:
    here = frozenset(notice.name for notice in visit.office.notices.here(visit.office.places))
    question = visit.incoming.text
    names = visit.office.finder().find(question, visit.conversation.language, here, least)
    if not names:
        return None
    law_counts.count(visit.unit, visit.context.today, "search")
    late = [name for name in names if visit.office.notices.notices[name].is_overdue(visit.context.today)]
    data = {"names": list(names), "overdue": late, "question": question}
    titles = tuple(Choice(f"law:{name}", codes="commands", role="control") for name in names)
    return Turn(visit.conversation, (Reply("say/law_found", data, (*titles, control("law:none"), *_back(visit))),))


def _missed(visit: Visit) -> Turn:
    missed.note(visit, visit.incoming.text)
    law_counts.count(visit.unit, visit.context.today, "missed")
    return Turn(visit.conversation, (_beyond(visit),))


def _beyond(visit: Visit) -> Reply:
    """Where to turn to: a person, the topics, and what is certain about free help."""
    ways = tuple(
        Choice(f"law:{name}", codes="commands", role="control")
        for name in ("free-legal-aid", "complain-within-two-years")
        if name in visit.office.notices.notices
    )
    return Reply("say/law_none", {}, (control("person"), *ways, control("law"), *_back(visit)))


def _back(visit: Visit) -> tuple[Choice, ...]:
    return (control("continue"),) if visit.is_talking else ()


def _picked(visit: Visit) -> str:
    """The notice whose number was typed under the list of those found; empty for anything else."""
    if visit.conversation.beside != "say/law_found":
        return ""
    number = numbered(visit.incoming.text)
    names = next((list(reply.data["names"]) for reply in _last(visit) if reply.template == "say/law_found"), [])
    return str(names[number - 1]) if number is not None and 1 <= number <= len(names) else ""


def _was_reading(visit: Visit) -> bool:
    return visit.conversation.beside in READING


def _question(visit: Visit) -> str:
    """What was asked before this message; empty if that was no question."""
    return next((str(reply.data["question"]) for reply in _last(visit) if reply.template == "say/law_found"), "")


def _last(visit: Visit) -> tuple[Reply, ...]:
    last = conversations.answered(visit.unit, visit.conversation.last_message)
    return () if last is None else turns.unpacked(b"", visit.conversation.id, last).replies
