"""The recount of the office's work: decisions, the audit log, lists; and that no log or metric tells of anybody."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bench.city.evidence import Books, Evidence
from bench.city.lists import ROOMS, Listed
from tests import house as houses


def decisions(evidence: Evidence, books: Books) -> Iterator[str]:
    """What the office approved is registered, and nothing else is."""
    registered = {row.number for row in books.rows("SELECT number FROM submissions WHERE status = 'registered'")}
    for number in registered ^ evidence.office.approved:
        yield f"{number}: approved and registered differ"


def log_of_acts(evidence: Evidence, books: Books) -> Iterator[str]:
    """What the staff did is in the audit log, as often as they did it."""
    kept = Counter(row.action for row in books.rows("SELECT action FROM audit WHERE who_kind = 'staff'"))
    ledger = evidence.office.ledger
    for action, number in ledger.acts.items():
        if not number <= kept[action] <= number + ledger.maybes[action]:
            yield f"{action}: done {number} times, logged {kept[action]} times"


def chain(evidence: Evidence, books: Books) -> Iterator[str]:
    """`anju audit verify` finds the audit log whole."""
    environment = {**os.environ, "ANJU_DATABASE_URL": evidence.url, "ANJU_KEYS": houses.KEYS}
    command = [sys.executable, "-m", "bot", "audit", "verify"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 -- our own
    if done.returncode:
        yield f"audit verify: {done.stdout[-200:]}"


def logs_(evidence: Evidence, books: Books) -> Iterator[str]:
    """Nothing that identifies anybody stands in a log or a metric."""
    secrets: list[tuple[object, tuple[str, ...]]] = []
    secrets += [(one.number, (*one.facts.secrets, one.way.address)) for one in evidence.everybody]
    secrets += [(row.address, (*row.who.secrets, row.address)) for one in evidence.lists for row in one.rows]
    for name, written in (("logs", evidence.logged), ("metrics", evidence.metrics)):
        for who, theirs in secrets:
            if any(secret in written for secret in theirs):
                yield f"{name} hold something of {who}"


def lists(evidence: Evidence, books: Books) -> Iterator[str]:
    """Every good row is there once, no wrong one is, and the list tells so; handed in again it changes nothing."""
    if not evidence.lists:
        yield "no list was handed in"
    homes = books.rows("SELECT code, state, address_sealed FROM homes")
    addresses = [(books.words(row.address_sealed, "homes.address"), row) for row in homes]
    by_code = {row.code: address for address, row in addresses}
    for one in evidence.lists:
        (kept,) = books.rows(f"SELECT state, total, good, bad, taken FROM imports WHERE id = {one.number}")  # noqa: S608 -- a number
        wanted = ("done", len(one.rows), len(one.good), len(one.rows) - len(one.good), len(one.good))
        if tuple(kept) != wanted:
            yield f"list of {one.kind}: {tuple(kept)} instead of {wanted}"
        yield from _homes(one, addresses, books) if one.kind == "homes" else _tenants(one, by_code, books)


def _homes(one: Listed, addresses: Sequence[tuple[str, Any]], books: Books) -> Iterator[str]:
    rooms = Counter(
        (row.home, books.words(row.name_sealed, "rooms.name"))
        for row in books.rows("SELECT home, name_sealed FROM rooms")
    )
    for row in one.rows:
        found = [home for address, home in addresses if address == row.address]
        if len(found) != row.is_good:
            yield f"home {row.address}: {len(found)} times, good {row.is_good}"
        for home in found:
            named = {name: number for (code, name), number in rooms.items() if code == home.code}
            if home.state != "confirmed" or named != dict.fromkeys(ROOMS, 1):
                yield f"home {row.address}: {home.state}, rooms {named}"


def _tenants(one: Listed, homes: Mapping[str, str], books: Books) -> Iterator[str]:
    found = Counter[tuple[str, str, str]]()
    for row in books.rows("SELECT home, reported_sealed FROM tenancies WHERE reported_sealed IS NOT NULL"):
        told = books.opened(row.reported_sealed, "tenancies.reported")
        found[homes[row.home], told["name"], told["phone"].removeprefix("+86")] += 1
    for row in one.rows:
        number = found.pop((row.address, row.who.name, row.who.phone), 0)
        if number != row.is_good:
            yield f"tenant of {row.address} {row.room}: {number} times, good {row.is_good}"
    if found:
        yield f"{len(found)} tenants are nobody's"
