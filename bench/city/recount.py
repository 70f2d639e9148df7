"""The recount: what people said and saw against what is stored. Nothing but the seals is read by the program's code."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import create_engine, text

from bench.city.office import Office
from bench.city.people import ZONE, Person
from bench.city.ways import Mail
from storage.secrets import Keyring, Vault
from tests import house as houses
from tests.doubles.witness import Seen

NIGHT_BEGINS, NIGHT_ENDS = time(21), time(8)
ENDS = frozenset({"sent", "failed", "expired", "suppressed", "replaced"})
NINE = 9
BEGUN = timedelta(seconds=10)
PUSHED = frozenset({"message", "customer", "mass", "template", "notification"})
JUST_SAID = timedelta(seconds=90)


@dataclass(frozen=True)
class Evidence:
    """What there is to go by."""

    url: str
    people: Sequence[Person]
    landlords: Sequence[Person]
    mail: Mail
    office: Office
    broadcasts: Mapping[str, int]
    paused: tuple[datetime, datetime] | None
    violations: Counter[str]
    logged: str
    metrics: str
    statuses: Counter[int]
    undelivered: Sequence[Any] = ()
    failed: Sequence[str] = ()

    @cached_property
    def everybody(self) -> list[Person]:
        """Residents and landlords."""
        return [*self.people, *self.landlords]


class Books:
    """The database, by plain SQL."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        self._vault = Vault(Keyring.parse(houses.KEYS))

    def rows(self, sql: str) -> list[Any]:
        """What a query finds."""
        with self._engine.connect() as connection:
            return list(connection.execute(text(sql)).all())

    def opened(self, sealed: bytes, place: str) -> Any:
        """A sealed value."""
        return self._vault.open_json(bytes(sealed), place)

    def address(self, sealed: bytes) -> str:
        """A sealed address."""
        return self._vault.open(bytes(sealed), "conversations.address").decode()


def recount(evidence: Evidence) -> list[str]:
    """What is wrong; nothing, if all went well."""
    books = Books(evidence.url)
    checks = (
        talks, answers, persons, decisions, unfinished, pushes, theirs, quiet, broadcasts_, outbox, reminders, logs_,
        platform, log_of_acts,
    )  # fmt: skip
    return [f"{check.__name__.strip('_')}: {finding}" for check in checks for finding in check(evidence, books)]


def talks(evidence: Evidence, books: Books) -> Iterator[str]:
    """Each answer was the one that follows; a message delivered again had the same answer."""
    yield from evidence.failed
    for person in evidence.everybody:
        for what in person.strayed:
            yield f"{person.number} {person.way.channel} {person.role}: {what}"


def _sent(books: Books) -> dict[str, Any]:
    return {row.number: row for row in books.rows("SELECT * FROM submissions")}


def answers(evidence: Evidence, books: Books) -> Iterator[str]:
    """Whoever has a receipt has every acknowledged answer stored with its value."""
    sent = _sent(books)
    for person in evidence.people:
        if not person.receipt:
            continue
        row = sent.pop(person.receipt, None)
        if row is None:
            yield f"{person.number}: receipt {person.receipt} is not stored"
            continue
        yield from _compared(person, books.opened(row.answers_sealed, "submissions.answers"))
    for number in sent:
        yield f"submission {number} is nobody's"


def _compared(person: Person, stored: Mapping[str, Any]) -> Iterator[str]:
    for step, value in person.expected.items():
        held = stored.get(step)
        if held is None or held[1] != value:
            yield f"{person.number}: {step} is stored as {'another' if held else 'missing'}"


def unfinished(evidence: Evidence, books: Books) -> Iterator[str]:
    """Whoever broke off has every acknowledged answer in their talk."""
    held = {
        books.address(row.address_sealed): books.opened(row.state_sealed, "conversations.state")["answers"]
        for row in books.rows("SELECT address_sealed, state_sealed FROM conversations WHERE channel <> 'web'")
    }
    for person in evidence.people:
        if person.way.channel != "web" and not person.receipt and person.expected:
            yield from _compared(person, held.get(person.way.address, {}))


def persons(evidence: Evidence, books: Books) -> Iterator[str]:
    """Everybody who sent is one person with one registration."""
    number = sum(bool(person.receipt) for person in evidence.people)
    kept = books.rows("SELECT count(*) AS people, count(DISTINCT person_id) AS theirs FROM submissions")[0]
    if not number == kept.people == kept.theirs:
        yield f"{number} receipts, {kept.people} submissions, {kept.theirs} people"


def decisions(evidence: Evidence, books: Books) -> Iterator[str]:
    """What the office approved is registered, and nothing else is."""
    registered = {row.number for row in books.rows("SELECT number FROM submissions WHERE status = 'registered'")}
    for number in registered ^ evidence.office.approved:
        yield f"{number}: approved and registered differ"


def _is_night(at: datetime) -> bool:
    local = at.astimezone(ZONE).time()
    return local >= NIGHT_BEGINS or local < NIGHT_ENDS


def pushes(evidence: Evidence, books: Books) -> Iterator[str]:
    """What people saw unasked is theirs, once but for attempts of unknown outcome; what is recorded was seen."""
    sent, unknown = _by_address(books)
    for person in evidence.everybody:
        seen = [one for one in evidence.mail.of[person.way.address] if one.way in PUSHED]
        texts = Counter(one.text for one in seen)
        twice, address = sum(number - 1 for number in texts.values()), person.way.address
        if twice > unknown[address]:
            which = next(text for text, number in texts.items() if number > 1)
            yield f"{person.number} saw {twice} twice, {unknown[address]} of unknown outcome: {which[:80]}"
        if len(seen) < sent[address] and person.way.channel != "web":
            yield f"{person.number} saw {len(seen)} messages, {sent[address]} are recorded as sent"


def theirs(evidence: Evidence, books: Books) -> Iterator[str]:
    """Nobody reads another's name or number; landlords read those of their tenants."""
    names = {one.facts.name: one for one in evidence.people}
    receipts = {one.receipt: one for one in evidence.people if one.receipt}
    for person in evidence.people:
        for one in evidence.mail.of[person.way.address]:
            named = {names[name] for name in re.findall(r"(?=([\u4e00-\u9fff]{3}))", one.text) if name in names}
            numbered = {receipts[word] for word in re.findall(r"[A-Z0-9-]{8,}", one.text) if word in receipts}
            if (named | numbered) - {person}:
                yield f"{person.number} read something of another: {one.way}"


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
    words = {"water": "停水", "storm": "台风"}
    for name, number in evidence.broadcasts.items():
        (row,) = books.rows(f"SELECT total, state FROM broadcasts WHERE id = {number}")  # noqa: S608 -- a number
        of = f"FROM broadcast_rows WHERE broadcast_id = {number}"
        audience = books.rows(f"SELECT state, channel {of}")
        seen = [
            one for mails in evidence.mail.of.values() for one in mails if words[name] in one.text and one.way in PUSHED
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


def logs_(evidence: Evidence, books: Books) -> Iterator[str]:
    """Nothing that identifies anybody stands in a log or a metric."""
    for name, written in (("logs", evidence.logged), ("metrics", evidence.metrics)):
        for person in evidence.everybody:
            for secret in (*person.facts.secrets, person.way.address):
                if secret in written:
                    yield f"{name} hold something of {person.number}"
                    break


def platform(evidence: Evidence, books: Books) -> Iterator[str]:
    """No limit was overstepped; no request had an answer but 200 and, to be repeated, 503."""
    for kind, number in evidence.violations.items():
        yield f"limit {kind} overstepped {number} times"
    for status, number in evidence.statuses.items():
        if status not in {200, 503}:
            yield f"{number} answers with {status}"
    if evidence.undelivered:
        yield f"{len(evidence.undelivered)} updates were never taken"


def log_of_acts(evidence: Evidence, books: Books) -> Iterator[str]:
    """What the staff did is in the audit log, as often as they did it, and `anju audit verify` finds it whole."""
    kept = Counter(row.action for row in books.rows("SELECT action FROM audit WHERE who_kind = 'staff'"))
    for action, number in evidence.office.acts.items():
        if kept[action] != number:
            yield f"{action}: done {number} times, logged {kept[action]} times"
    environment = {**os.environ, "ANJU_DATABASE_URL": evidence.url, "ANJU_KEYS": houses.KEYS}
    command = [sys.executable, "-m", "bot", "audit", "verify"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 -- our own
    if done.returncode:
        yield f"audit verify: {done.stdout[-200:]}"
