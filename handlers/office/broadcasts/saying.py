"""A broadcast as one person hears it: their language's text with its places filled, the link, the file, a question."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from handlers import turns
from handlers.messages import Choice, Reply
from handlers.turns import Answered
from storage import broadcast_parts, deliveries, staff_chats
from storage.broadcast_parts import Known
from storage.broadcasts import Broadcast, Content
from storage.deliveries import Terms
from storage.recipients import Recipient, Said
from storage.staff import Member
from storage.unit import Unit

Fill = Callable[[str, str, Known], str | None]  # of a language, a text and a person; None: something is not known
Uses = Callable[[str], frozenset[str]]  # the places in a text: name, area, next_date
NOTHING_TO_FILL = "nothing to fill in"


def reply(content: Content, number: int, text: str, *, personal: bool) -> Reply:
    """What is said; personal: the text is not the same for all, so it can't go to many in one call."""
    data: dict[str, Any] = {
        "broadcast": number,
        "text": text,
        "link": content.link,
        "file": content.file,
        "file_name": content.file_name,
        "ask": content.ask,
        "personal": personal,
    }
    choices = (Choice(f"read:{number}", codes="commands", role="control"),) if content.ask == "read" else ()
    return Reply("say/broadcast", data, choices)


def composer(
    broadcast: Broadcast, fill: Fill, uses: Uses, today_on: date
) -> Callable[[Unit, Sequence[Recipient]], list[Said]]:
    """A way to compose it for some people at a time."""
    places = {language: uses(text) for language, text in broadcast.content.texts.items()}

    def compose(unit: Unit, people: Sequence[Recipient]) -> list[Said]:
        named, personal = any("name" in found for found in places.values()), any(places.values())
        holders = [one.person for one in people if not one.person.startswith("c:")]
        known = broadcast_parts.known(unit, holders, today_on, named=named) if personal else {}
        return [_said(broadcast, one, known, fill, personal=bool(places.get(one.language))) for one in people]

    return compose


def test(unit: Unit, member: Member, broadcast: Broadcast, fill: Fill, uses: Uses, now: datetime) -> int:
    """Send it to the member's own linked accounts, every language of it; how many messages leave."""
    chats = staff_chats.of_member(unit, member.id, now)
    sent = 0
    for chat in chats:
        for language, text in broadcast.content.texts.items():
            filled = fill(language, text, Known(member.name, broadcast.area, now.date())) or text
            said = _packed(chat.conversation_id, language, _tested(broadcast, filled, personal=bool(uses(text))))
            key = (
                f"cast-test:{broadcast.id}:{broadcast.version}:{chat.conversation_id}:{language}:{now.timestamp():.0f}"
            )
            sent += deliveries.enqueue(unit, key[:64], chat.conversation_id, said, now, Terms("notice", urgent=True))
    return sent


def _tested(broadcast: Broadcast, text: str, *, personal: bool) -> Reply:
    """The same, told to be a test; its button leads nowhere."""
    said = reply(broadcast.content, broadcast.id, text, personal=personal)
    return Reply("say/broadcast_test", {**said.data, "title": broadcast.content.title}, said.choices)


def _said(broadcast: Broadcast, one: Recipient, known: Mapping[str, Known], fill: Fill, *, personal: bool) -> Said:
    text = broadcast.content.texts.get(one.language)
    filled = None if text is None else fill(one.language, text, known.get(one.person, Known()))
    if filled is None:
        return Said(one, None, "no text" if text is None else NOTHING_TO_FILL)
    said = reply(broadcast.content, broadcast.id, filled, personal=personal)
    return Said(one, _packed(one.conversation_id, one.language, said))


def _packed(conversation_id: int, language: str, said: Reply) -> Any:
    return turns.packed(Answered(b"", conversation_id, language, (said,)))
