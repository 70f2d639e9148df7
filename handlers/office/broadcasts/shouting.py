"""A short broadcast from a publisher's own linked chat: seen as people will see it, and approved by a colleague."""

import unicodedata

from handlers.messages import Choice, Reply
from handlers.office.broadcasts import deciding, saying
from handlers.office.broadcasts.deciding import Publisher, Wish
from handlers.office.rights import can
from handlers.turns import Turn
from handlers.visit import Visit
from storage import staff_chats
from storage.broadcasts import Content
from storage.staff import Member

SHORT = 300
TITLE = 24
NUMBERS = 3  # propose, number, version


def is_meant(visit: Visit) -> bool:
    """Whether it begins with the word for a broadcast."""
    words = visit.incoming.text.split(maxsplit=1)
    first = unicodedata.normalize("NFKC", words[0]).casefold().rstrip(":") if words else ""
    return visit.context.vocabulary.desk.get(first) == "cast"


def short(visit: Visit) -> Reply | None:
    """A draft to the whole of the member's area, in the language they write; None for everybody else."""
    member = _member(visit)
    if member is None:
        return None
    if not can(member, "publish"):
        return Reply("say/desk_not_yours")
    words = visit.incoming.text.split(maxsplit=1)[1:]
    text = words[0].strip() if words else ""
    if not 0 < len(text) <= SHORT or "{" in text:
        return Reply("say/desk_cast_how", {"most": SHORT})
    return _drafted(visit, member, text)


def decided(visit: Visit, argument: str) -> Turn | None:
    """The buttons below such a draft."""
    member = _member(visit)
    parts = argument.split(":")
    if member is None or len(parts) != NUMBERS or not all(part.isdecimal() for part in parts[1:]):
        return None
    act = {"propose": "propose", "drop": "discard"}.get(parts[0], "")
    by, wish = Publisher(member, visit.context.areas), Wish(act, int(parts[2]))
    outcome = deciding.act(visit.unit, by, int(parts[1]), wish, visit.now)
    data = {"act": act, "done": outcome == "done", "number": int(parts[1])}
    return Turn(visit.conversation, (Reply("say/desk_cast_done", data),))


def _drafted(visit: Visit, member: Member, text: str) -> Reply:
    """Whoever wrote it sees it as people will: that is the test."""
    language = visit.conversation.language
    by, content = Publisher(member, visit.context.areas), Content(text[:TITLE].partition("\n")[0], {language: text})
    draft = deciding.begin(visit.unit, by, content, visit.now)
    deciding.tested(visit.unit, by, draft.id, draft.version, visit.now)
    shown = saying.reply(content, draft.id, text, personal=False)
    missing = [other for other in visit.office.vocabularies if other != language]
    data = {"text": shown.data["text"], "area": member.area, "number": draft.id, "missing": missing}
    words = tuple(
        Choice(f"cast:{word}:{draft.id}:{draft.version}", codes="commands", role="control")
        for word in ("propose", "drop")
    )
    return Reply("say/desk_cast", data, words)


def _member(visit: Visit) -> Member | None:
    return staff_chats.member_of(visit.unit, visit.conversation.id, visit.now)
