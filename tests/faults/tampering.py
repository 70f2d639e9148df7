"""Ways to spoil what is left of a city's day, each with the part of the recount that must notice."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bench.city.evidence import Books, Evidence
from bench.city.people import Person
from bench.city.recount import answers, persons, talks, theirs, unfinished
from bench.city.recount_office import chain, decisions, lists, log_of_acts, logs_
from bench.city.recount_sending import PUSHED, broadcasts_, gone, outbox, platform, pushes, quiet, reminders
from bench.city.ways import Mail
from bench.city.world import MIDNIGHT, SAYS
from tests.doubles.witness import Seen

Check = Callable[[Evidence, Books], Iterator[str]]

# Statements on the tables, as a fault of the program would leave them.
IN_TABLES: tuple[tuple[str, Check], ...] = (
    ("UPDATE submissions SET number = 'none' WHERE id = (SELECT min(id) FROM submissions)", answers),
    ("UPDATE submissions SET answers_sealed = (SELECT answers_sealed FROM submissions ORDER BY id LIMIT 1)", answers),
    ("UPDATE submissions SET person_id = (SELECT min(person_id) FROM submissions)", persons),
    ("UPDATE submissions SET status = 'received' WHERE id = (SELECT min(id) FROM submissions)", decisions),
    ("UPDATE broadcasts SET total = total + 1", broadcasts_),
    ("DELETE FROM broadcast_rows WHERE id = (SELECT max(id) FROM broadcast_rows)", broadcasts_),
    ("UPDATE outbox SET ended_at = NULL WHERE id = (SELECT min(id) FROM outbox WHERE state = 'sent')", outbox),
    ("UPDATE outbox SET state = 'sent', ended_at = created_at", pushes),
    ("UPDATE attempts SET outcome = 'unknown' WHERE reason = 'no connection'", gone),
    ("UPDATE outbox SET state = 'failed', reason = 'no connection' WHERE id IN (SELECT outbox_id FROM attempts"
     " WHERE reason = 'no connection')", gone),
    ("DELETE FROM attempts", gone),
    ("UPDATE reminders SET ended_at = NULL, state = 'handed', message_key = 'none'", reminders),
    ("UPDATE imports SET taken = taken + 1 WHERE state = 'done'", lists),
    ("DELETE FROM rooms WHERE id = (SELECT max(id) FROM rooms)", lists),
    ("UPDATE homes SET state = 'registered' WHERE holder_id = ''", lists),
    ("DELETE FROM tenancies WHERE id = (SELECT max(id) FROM tenancies WHERE reported_sealed IS NOT NULL)", lists),
    ("UPDATE tenancies SET reported_sealed = (SELECT reported_sealed FROM tenancies WHERE reported_sealed IS NOT NULL"
     " ORDER BY id LIMIT 1) WHERE reported_sealed IS NOT NULL", lists),
    ("DELETE FROM audit WHERE action = 'imported'", log_of_acts),
    ("UPDATE audit SET who = 'another' WHERE id = (SELECT max(id) FROM audit)", chain),
)  # fmt: skip


def of_evidence(seen: Evidence) -> Iterator[tuple[str, Evidence, Check]]:
    """What people might have seen, and what might stand in logs and metrics."""
    somebody, other = [one for one in seen.people if one.receipt and one.way.channel != "web"][:2]
    pushed = next(one for one in seen.mail.of[somebody.way.address] if one.way in PUSHED)
    yield "a message twice", _also(seen, pushed), pushes
    yield "a message of another", _shown(seen, somebody, f"您好，{other.facts.name}。", pushed.at), theirs
    yield "a message at night", _shown(seen, somebody, "您好。", MIDNIGHT + timedelta(hours=3)), quiet
    if seen.paused is not None:
        paused = seen.paused[0] + timedelta(minutes=5)
        yield (
            "a message of a broadcast that is paused",
            _shown(seen, somebody, SAYS["water"], paused),
            broadcasts_,
        )
    assert seen.gone is not None
    away = seen.gone[0] + timedelta(minutes=5)
    yield "a message of a platform that is gone", _shown(seen, somebody, "您好。", away), gone
    yield "an empty phone", replace(seen, mail=Mail()), broadcasts_
    yield "a name in a log", replace(seen, logged=f"{seen.logged} {somebody.facts.name}"), logs_
    listed = seen.lists[0].rows[0].who
    yield "a telephone of a list in a metric", replace(seen, metrics=f"{seen.metrics} {listed.phone}"), logs_
    yield "a request refused", replace(seen, statuses=Counter({500: 1})), platform
    yield "a limit overstepped", replace(seen, violations=Counter({"rate": 1})), platform
    yield "an update never taken", replace(seen, undelivered=({},)), platform
    yield "no platform gone", replace(seen, gone=None), gone
    yield "no list", replace(seen, lists=()), lists
    yield "a life that failed", replace(seen, failed=("ValueError()",)), talks
    yield "an answer that was lost", replace(seen, people=[_unheard(seen.people)]), unfinished


def of_tables(seen: Evidence, folder: Path) -> Iterator[tuple[str, Evidence, Check]]:
    """Each on a copy of the database of its own."""
    for number, (statement, check) in enumerate(IN_TABLES):
        copy = folder / f"{number}.db"
        whole = sqlite3.connect(seen.url.removeprefix("sqlite:///"))
        with closing(whole), closing(sqlite3.connect(copy)) as books, books:
            whole.backup(books)
            for (trigger,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                books.execute(f"DROP TRIGGER {trigger}")
            books.execute(statement)
        yield statement, replace(seen, url=f"sqlite:///{copy}"), check


def _shown(seen: Evidence, person: Person, text: str, at: datetime) -> Evidence:
    return _also(seen, Seen(person.way.address, at, text, "message"))


def _also(seen: Evidence, more: Seen) -> Evidence:
    mail = Mail()
    mail.of.update({who: list(mails) for who, mails in seen.mail.of.items()})
    mail.of[more.person].append(more)
    return replace(seen, mail=mail)


def _unheard(people: Sequence[Person]) -> Person:
    """Somebody who broke off, and of whose talk nothing is stored."""
    one = next(one for one in people if one.way.channel != "web" and not one.receipt)
    return replace(one, expected={"name": one.facts.name})
