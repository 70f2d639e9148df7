"""The recount of what left: seen once and by its own people, at the right hour, with an end for every message."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta

from bench.city.evidence import Books, Evidence
from bench.city.people import ZONE
from bench.city.world import SAYS
from tests.doubles.witness import Seen

NIGHT_BEGINS, NIGHT_ENDS = time(21), time(8)
ENDS = frozenset({"sent", "failed", "expired", "suppressed", "replaced"})
NINE = 9
BEGUN = timedelta(seconds=10)
PUSHED = frozenset({"message", "customer", "mass", "template", "notification"})
JUST_SAID = timedelta(seconds=90)


def _is_night(at: datetime) -> bool:
    local = at.astimezone(ZONE).time()
    return local >= NIGHT_BEGINS or local < NIGHT_ENDS


def pushes(evidence: Evidence, books: Books) -> Iterator[str]:
    """What people saw unasked is theirs, once but for attempts of unknown outcome; what is recorded was seen."""
    sent, unknown = _by_address(books)
    for person in evidence.everybody:
        seen = [one for one in evidence.mail.of[person.way.address] if one.way in PUSHED]
        texts = Counter((one.text, one.buttons) for one in seen)
        twice, address = sum(number - 1 for number in texts.values()), person.way.address
        if twice > unknown[address]:
            which = next(text for (text, _), number in texts.items() if number > 1)
            yield f"{person.number} saw {twice} twice, {unknown[address]} of unknown outcome: {which[:80]}"
        if len(seen) < sent[address] and person.way.channel != "web":
            yield f"{person.number} saw {len(seen)} messages, {sent[address]} are recorded as sent"


def _by_address(books: Books) -> tuple[Counter[str], Counter[str]]:
    found = books.rows(
        "SELECT c.address_sealed, o.state, (SELECT count(*) FROM attempts a WHERE a.outbox_id = o.id"
        " AND a.outcome = 'unknown') AS unknown FROM outbox o JOIN conversations c ON c.id = o.conversation_id"
    )
    sent: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for row in found:
        address = books.address(row.address_sealed)
        sent[address] += row.state == "sent"
        unknown[address] += row.unknown
    return sent, unknown


def quiet(evidence: Evidence, books: Books) -> Iterator[str]:
    """At night nothing comes unasked but the emergency, and answers to what was just said."""
    for person in evidence.everybody:
        for one in evidence.mail.of[person.way.address]:
            asked = any(timedelta() <= one.at - said <= JUST_SAID for said in person.said)
            if one.way != "reply" and _is_night(one.at) and "台风" not in one.text and not asked:
                yield f"{person.number} at {one.at.astimezone(ZONE):%H:%M}: {one.way}"


def broadcasts_(evidence: Evidence, books: Books) -> Iterator[str]:
    """Each sum equals the audience that was written down; who is recorded has seen it; a pause holds."""
    for name, number in evidence.broadcasts.items():
        (row,) = books.rows(f"SELECT total, state FROM broadcasts WHERE id = {number}")  # noqa: S608 -- a number
        of = f"FROM broadcast_rows WHERE broadcast_id = {number}"
        audience = books.rows(f"SELECT state, channel {of}")
        seen = [
            one for mails in evidence.mail.of.values() for one in mails if SAYS[name] in one.text and one.way in PUSHED
        ]
        sent = sum(one.state == "sent" and one.channel != "web" for one in audience)
        people = {one.person for one in seen}
        if not row.total == len(audience) > 0 or len(people) < sent:
            yield f"{name}: frozen {row.total}, people {len(audience)}, recorded {sent}, seen by {len(people)}"
        late = _while_paused(evidence, seen) if name == "water" else 0
        if late:
            yield f"{name}: {late} came while it was paused"


def _while_paused(evidence: Evidence, seen: Sequence[Seen]) -> int:
    """Messages that left later than those that had begun."""
    if evidence.paused is None:
        return 0
    begun, ended = evidence.paused
    return sum(begun + BEGUN < one.at < ended for one in seen)


def gone(evidence: Evidence, books: Books) -> Iterator[str]:
    """While the platforms are gone nobody sees anything unasked; what was tried meanwhile came later."""
    if evidence.gone is None:
        yield "the platforms were never gone"
        return
    begun, ended = evidence.gone
    for person, mails in evidence.mail.of.items():
        if any(one.way in PUSHED and begun + BEGUN < one.at < ended for one in mails):
            yield f"{person} saw something while the platforms were gone"
    yield from _came_later(begun, ended, books)


def _came_later(begun: datetime, ended: datetime, books: Books) -> Iterator[str]:
    attempts = books.rows(
        "SELECT a.outbox_id, a.outcome, a.started_at FROM attempts a JOIN outbox o ON o.id = a.outbox_id"
        " WHERE o.channel <> 'web'"
    )
    meanwhile = {one.outbox_id for one in attempts if begun <= books.instant(one.started_at) < ended - BEGUN}
    unknown = {one.outbox_id: books.instant(one.started_at) for one in attempts if one.outcome == "unknown"}
    if not meanwhile:
        yield "nothing was tried while the platforms were gone"
    if any(begun + BEGUN < at < ended - BEGUN for at in unknown.values()):
        yield "an attempt at a platform where nobody listens is of unknown outcome"
    for row in books.rows("SELECT id, channel, kind, state, reason, ended_at FROM outbox WHERE channel <> 'web'"):
        came = row.state == "sent" and books.instant(row.ended_at) >= ended
        is_lost = row.reason == "unknown" and row.id in unknown  # by the illness afterwards
        if row.id in meanwhile and not (came or is_lost or (row.state, row.reason) == ("waiting", "no window")):
            yield f"tried while the platforms were gone: {row.channel} {row.kind} {row.state} {row.reason}"


def outbox(evidence: Evidence, books: Books) -> Iterator[str]:
    """Every message has one end with its instant, or a next time."""
    for row in books.rows("SELECT state, reason, due_at, ended_at, channel, kind FROM outbox"):
        ended = row.state in ENDS and row.ended_at is not None
        waits = row.state == "waiting" and row.due_at is not None and row.ended_at is None
        if not ended and not waits:
            yield f"{row.channel} {row.kind} {row.state} {row.reason}"


def reminders(evidence: Evidence, books: Books) -> Iterator[str]:
    """Every reminder has one end, or a time to come; who broke off yesterday was reminded at nine."""
    waiting = {row.once_key for row in books.rows("SELECT once_key FROM outbox WHERE state = 'waiting'")}
    for row in books.rows("SELECT entry, state, reason, due_at, message_key, ended_at FROM reminders"):
        is_open = row.ended_at is None
        if is_open and not (row.state == "planned" or (row.state == "handed" and row.message_key in waiting)):
            yield f"{row.entry} {row.state} {row.reason}"
    for person in evidence.people:
        if person.role == "broke off yesterday" and person.way.channel != "web" and "consent" in person.expected:
            told = [
                one
                for one in evidence.mail.of[person.way.address]
                if one.way != "reply" and "还没填完" in one.text and one.at.astimezone(ZONE).hour == NINE
            ]
            if len(told) != 1:
                yield f"{person.number} {person.way.channel} was reminded {len(told)} times at nine"


def platform(evidence: Evidence, books: Books) -> Iterator[str]:
    """No limit was overstepped; no message had an answer but 200 and, to be repeated, 503; no page a failure."""
    for kind, number in evidence.violations.items():
        yield f"limit {kind} overstepped {number} times"
    for status, number in evidence.statuses.items():
        if status not in {200, 503}:
            yield f"{number} answers with {status}"
    for status, number in evidence.office.ledger.statuses.items():
        if status not in {200, 303, 503}:
            yield f"{number} pages of the console with {status}"
    if evidence.undelivered:
        yield f"{len(evidence.undelivered)} updates were never taken"
