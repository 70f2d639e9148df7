"""The audit log: nothing can be changed, taken out, put in or cut off without being found."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage import audit
from storage.audit import PROGRAM, Act, Subject, Who
from storage.audit_check import Anchor, Finding, verify
from storage.database import Database, open_database
from tests.conftest import NOW

ROWS = 7
THREADS, EACH = 8, 15


def act(number: int) -> Act:
    """Somebody looks at something, with a reason."""
    return Act(Who("staff", "s1"), "looked", Subject("submission", str(number)), f"来电询问{number}", {"n": number})


def fill(database: Database, rows: int = ROWS) -> None:
    """A log of so many acts."""
    for number in range(1, rows + 1):
        moment = NOW + timedelta(seconds=number, microseconds=number)
        database.run_now(partial(audit.append, act=act(number), now=moment))


def tampered(database: Database, *statements: str) -> None:
    """Somebody with all rights on the database takes the guards away and writes what they like."""
    with database.engine.begin() as connection:
        unguard(connection)
        for statement in statements:
            connection.execute(text(statement))


def unguard(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for trigger in ("audit_no_update", "audit_no_delete", "audit_head_stays"):
        connection.execute(text(f"DROP TRIGGER {trigger}"))


def findings(database: Database) -> list[tuple[str, int, int]]:
    return [(finding.kind, finding.first, finding.last) for finding in verify(database)]


def test_an_untouched_log_is_whole(database: Database) -> None:
    assert findings(database) == []
    fill(database)
    assert findings(database) == []


COPY = (
    "INSERT INTO audit (id, at, who_kind, who, action, subject_kind, subject, reason_sealed, details_sealed, previous,"
    " hash) SELECT {id}, at, who_kind, who, action, subject_kind, subject, reason_sealed, details_sealed, {previous},"
    " hash FROM audit WHERE id = {of}"
)
SHIFT = ("UPDATE audit SET id = -id WHERE id > 3", "UPDATE audit SET id = 1 - id WHERE id < 0")
TAMPERINGS = [
    ("who", ["UPDATE audit SET who = 's2' WHERE id = 3"], [("changed", 3, 3)]),
    ("when", ["UPDATE audit SET at = (SELECT at FROM audit WHERE id = 1) WHERE id = 3"], [("changed", 3, 3)]),
    ("what", ["UPDATE audit SET action = 'exported' WHERE id = 1"], [("changed", 1, 1)]),
    ("whose", ["UPDATE audit SET subject = '99' WHERE id = 7"], [("changed", 7, 7)]),
    (
        "the reason",
        ["UPDATE audit SET reason_sealed = (SELECT reason_sealed FROM audit WHERE id = 2) WHERE id = 4"],
        [("changed", 4, 4)],
    ),
    (
        "the details",
        ["UPDATE audit SET details_sealed = (SELECT details_sealed FROM audit WHERE id = 2) WHERE id = 4"],
        [("changed", 4, 4)],
    ),
    ("the hash", ["UPDATE audit SET hash = previous WHERE id = 4"], [("changed", 4, 4)]),
    ("the link", ["UPDATE audit SET previous = hash WHERE id = 4"], [("changed", 4, 4)]),
    ("one is gone", ["DELETE FROM audit WHERE id = 4"], [("missing", 4, 4)]),
    ("several are gone", ["DELETE FROM audit WHERE id IN (2, 3, 6)"], [("missing", 2, 3), ("missing", 6, 6)]),
    ("the first is gone", ["DELETE FROM audit WHERE id = 1"], [("missing", 1, 1)]),
    ("the end is cut off", ["DELETE FROM audit WHERE id > 5"], [("truncated", 6, 7)]),
    ("all are gone", ["DELETE FROM audit"], [("truncated", 1, 7)]),
    (
        "cut off, and the head with it",
        [
            "DELETE FROM audit WHERE id > 5",
            "UPDATE audit_head SET length = 5, hash = (SELECT hash FROM audit WHERE id = 5)",
        ],
        [("head", 0, 0)],
    ),
    ("the head is gone", ["DELETE FROM audit_head"], [("head", 0, 0), *(("inserted", n, n) for n in range(1, 8))]),
    ("one more at the end", [COPY.format(id=8, previous="hash", of=7)], [("inserted", 8, 8)]),
    ("one more before the first", [COPY.format(id=0, previous="hash", of=7)], [("inserted", 0, 0)]),
    (
        "one taken out and another put in",
        ["DELETE FROM audit WHERE id = 4", COPY.format(id=4, previous="previous", of=5)],
        [("changed", 4, 4)],
    ),
    (
        "one put between, the others moved on",
        [*SHIFT, COPY.format(id=4, previous="previous", of=3)],
        [("changed", 4, 4), ("changed", 5, 5), ("changed", 6, 6), ("changed", 7, 7), ("inserted", 8, 8)],
    ),
    (
        "two have changed places",
        [
            "UPDATE audit SET id = 100 WHERE id = 2",
            "UPDATE audit SET id = 2 WHERE id = 3",
            "UPDATE audit SET id = 3 WHERE id = 100",
        ],
        [("changed", 2, 2), ("changed", 3, 3)],
    ),
]


@pytest.mark.parametrize(("what", "statements", "found"), TAMPERINGS, ids=[case[0] for case in TAMPERINGS])
def test_every_tampering_is_found_and_named(
    what: str, statements: list[str], found: list[tuple[str, int, int]], database: Database
) -> None:
    fill(database)
    tampered(database, *statements)
    assert findings(database) == found


def test_a_log_put_back_to_an_old_state_is_found_by_what_was_written_down(database: Database) -> None:
    fill(database, 5)
    database_head = database.run_now(audit.head)
    assert database_head is not None
    fill(database, 2)
    later = database.run_now(audit.head)
    assert later is not None
    old = {"hash": database_head.hash, "seal": database_head.seal}
    with database.engine.begin() as connection:
        unguard(connection)
        connection.execute(text("DELETE FROM audit WHERE id > 5"))
        connection.execute(text("UPDATE audit_head SET length = 5, hash = :hash, seal = :seal"), old)
    assert findings(database) == []
    kept = Anchor(later.count, later.hash.hex()[:16])
    assert list(verify(database, kept)) == [Finding("unknown_past", 7, 7)]
    assert list(verify(database, Anchor(5, database_head.hash.hex()))) == []


def test_a_row_of_another_past_does_not_fit(database: Database) -> None:
    fill(database, 1)
    begun = database.run_now(audit.head)
    assert begun is not None
    fill(database, 2)
    head = {"hash": begun.hash, "seal": begun.seal}
    with database.engine.begin() as connection:
        unguard(connection)
        other = connection.execute(text("SELECT reason_sealed, details_sealed, previous, hash, at FROM audit")).all()[2]
        connection.execute(text("DELETE FROM audit WHERE id > 1"))
        connection.execute(text("UPDATE audit_head SET length = 1, hash = :hash, seal = :seal"), head)
    for number in (1, 2):
        moment = NOW + timedelta(seconds=number, microseconds=number)
        database.run_now(partial(audit.append, act=act(number), now=moment))
    changes = "reason_sealed = :reason_sealed, details_sealed = :details_sealed, previous = :previous, hash = :hash"
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            unguard(connection)
        connection.execute(text(f"UPDATE audit SET {changes} WHERE id = 3"), dict(other._mapping))  # noqa: S608 -- names above
    assert findings(database) == [("unlinked", 3, 3), ("head", 0, 0)]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET who = 'x'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 1", "DELETE FROM audit_head"],
)
def test_the_database_itself_refuses_changes(statement: str, database: Database) -> None:
    fill(database, 2)
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(text(statement))
    assert findings(database) == []


def test_the_log_is_not_truncated_on_a_server(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    fill(database, 2)
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(text("TRUNCATE audit"))


def together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_eight_at_once_make_one_chain(database: Database, database_url: str) -> None:
    others = [open_database(database_url, database.vault) for _ in range(THREADS)]
    numbers: list[int] = []

    def write(other: Database) -> Callable[[], None]:
        def work() -> None:
            acts = [act(number) for number in range(EACH)]
            numbers.extend(other.run_now(partial(audit.append, act=one, now=NOW)) for one in acts)

        return work

    together([write(other) for other in others])
    for other in others:
        other.close()
    assert sorted(numbers) == list(range(1, THREADS * EACH + 1))
    assert findings(database) == []


def test_work_that_fails_leaves_no_hole(database: Database) -> None:
    class Refused(Exception):
        """It was meant to fail."""

    def fail(unit: object) -> None:
        audit.append(unit, act(1), NOW)  # type: ignore[arg-type]
        raise Refused

    fill(database, 2)
    with pytest.raises(Refused):
        database.run_now(fail)
    fill(database, 2)
    assert findings(database) == []
    assert [entry.number for entry in database.run_now(audit.newest)] == [4, 3, 2, 1]


def test_who_looked_is_found_by_subject_with_the_reason(database: Database) -> None:
    fill(database)
    database.run_now(lambda unit: audit.append(unit, Act(PROGRAM, "issued", Subject("submission", "3")), NOW))
    found = database.run_now(lambda unit: audit.about(unit, [Subject("submission", "3"), Subject("person", "3")]))
    assert [(entry.number, entry.act.who.kind, entry.act.reason) for entry in found] == [
        (8, "program", ""),
        (3, "staff", "来电询问3"),
    ]
    assert found[1].act == act(3)
    assert database.run_now(lambda unit: audit.about(unit, [])) == ()


def test_reasons_are_sealed(database: Database) -> None:
    fill(database, 1)
    with database.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM audit")).one()
    assert not any("来电".encode() in bytes(value) for value in row if isinstance(value, bytes | memoryview))
