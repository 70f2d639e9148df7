"""The recount: what people said and saw against what is stored. Nothing but the seals is read by the program's code."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bench.city.evidence import Books, Evidence
from bench.city.people import Person
from bench.city.recount_office import chain, decisions, lists, log_of_acts, logs_
from bench.city.recount_sending import broadcasts_, gone, outbox, platform, pushes, quiet, reminders


def recount(evidence: Evidence) -> list[str]:
    """What is wrong; nothing, if all went well."""
    books = Books(evidence.url)
    checks = (
        talks, answers, persons, decisions, unfinished, pushes, theirs, quiet, broadcasts_, gone, outbox, reminders,
        lists, logs_, platform, log_of_acts, chain,
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
