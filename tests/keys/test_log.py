"""The audit log through a change of the index key: whole, and closed to whoever knows the former one."""

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select, update

from storage import audit, conversations, tables
from storage.audit_search import newest_fit
from storage.database import open_database
from tests import house as houses
from tests.keys.changing import AFTER, BEFORE, BOTH, NEW, OTHER, SEALING, ask, change, faults, vault
from tests.storage.test_audit import unguard


def test_the_audit_log_stays_whole_and_tells_of_the_change(settled_url: str) -> None:
    before = ask(settled_url, BEFORE, audit.head)
    change(settled_url)
    change_of, at = before.count + 1, datetime.now(UTC)
    act = audit.Act(audit.Who("staff", "S1"), "looked", audit.Subject("person", "1"))
    assert ask(settled_url, AFTER, lambda unit: audit.append(unit, act, at)) == change_of + 1
    for keys in (BOTH, AFTER):
        assert faults(settled_url, keys) == []
        assert ask(settled_url, keys, lambda unit: newest_fit(unit, 100))
    (entry,) = ask(settled_url, AFTER, lambda unit: audit.of_kind(unit, "audit", 5))
    assert (entry.number, entry.act.action) == (change_of, "index_key_changed")
    assert faults(settled_url, BEFORE) != []


ATTACKS = [
    ("entries before the change", -2, lambda last: ("unlinked", last, last)),
    ("the change itself", -1, lambda last: ("changed", last, last)),
    ("the end, with the change", None, lambda last: ("head", 0, 0)),
]


@pytest.mark.parametrize(("place", "told"), [attack[1:] for attack in ATTACKS], ids=[attack[0] for attack in ATTACKS])
def test_who_knows_the_former_key_changes_nothing_unseen(settled_url: str, place: int | None, told: Any) -> None:
    leaked = vault(BEFORE).derive(audit.PURPOSE)
    change(settled_url)
    last = ask(settled_url, AFTER, audit.head).count
    with closing(open_database(settled_url, vault(AFTER))) as database, database.engine.begin() as connection:
        unguard(connection)
        rows = connection.execute(select(tables.audit).order_by(tables.audit.c.id)).all()
        _cut(connection, rows[-2], leaked) if place is None else _rewrite(connection, rows[place], leaked)
    assert told(last) in faults(settled_url, AFTER)


def _rewrite(connection: Connection, row: Any, key: bytes) -> None:
    """An entry says that somebody else did it, with a hash that fits by this key."""
    link = audit.chained(key, bytes(row.previous), {**row._mapping, "who": "s2"})
    connection.execute(update(tables.audit).where(tables.audit.c.id == row.id).values(who="s2", hash=link))


def _cut(connection: Connection, last: Any, key: bytes) -> None:
    """Nothing stands behind an entry any more, with a head that fits by this key."""
    connection.execute(delete(tables.audit).where(tables.audit.c.id > last.id))
    head = {"length": last.id, "hash": bytes(last.hash), "seal": audit.seal(key, last.id, bytes(last.hash))}
    connection.execute(update(tables.audit_head).values(head))


async def test_a_second_change_leaves_the_log_whole(settled_url: str) -> None:
    change(settled_url)
    third = f"{SEALING},{OTHER},{NEW.replace('index:', 'index-old:')}"
    assert change(settled_url, third)
    last = f"{SEALING},{OTHER}"
    assert faults(settled_url, last) == []
    async with houses.opened(houses.settings(settled_url, keys=last)) as house:
        assert await house.database.read(lambda unit: conversations.find(unit, "engine", "half")) is not None
