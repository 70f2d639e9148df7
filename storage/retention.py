"""What is no longer needed, kind by kind: how much of it there is, and erasing it some at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, select

from storage import broadcasts, conversations, deliveries, hand_overs, imports, papers, quotas, tables
from storage.unit import Unit

SOME = 1_000

Some = int | Sequence[int]
Condition = Callable[[datetime], ColumnElement[bool]]
Erase = Callable[[Unit, datetime, Some], int]  # so many of them, or those that were found; how many went
Find = Callable[[Unit, datetime, int], Sequence[int]]

_conversations = tables.conversations.c
_files = tables.files.c


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data: its table, what of it is older than an instant, and how it goes.

    find: where looking for it takes long, so that readers do it, and the writer only erases what was found.
    """

    name: str
    table: Table
    is_old: Condition
    erase: Erase
    find: Find | None = None

    def count(self, unit: Unit, before: datetime) -> int:
        """How many would go."""
        old = select(func.count()).select_from(self.table).where(self.is_old(before))
        return int(unit.execute(old).scalar_one())


def _plain(name: str, table: Table, is_old: Condition) -> Kind:
    """Rows that simply go."""
    key = table.primary_key.columns[0]

    def erase(unit: Unit, before: datetime, some: Some) -> int:
        old = select(key).where(is_old(before)).limit(_number(some))
        return int(unit.execute(delete(table).where(key.in_(old))).rowcount)

    return Kind(name, table, is_old, erase)


def _by_number(erase: Callable[[Unit, datetime, int], int]) -> Erase:
    return lambda unit, before, some: erase(unit, before, _number(some))


def _number(some: Some) -> int:
    return some if isinstance(some, int) else len(some)


def _drop_drafts(unit: Unit, before: datetime, some: Some) -> int:
    """The draft goes, the account stays; each is locked as a message of the person locks it, and looked at again."""
    found = _old_drafts(unit, before, some) if isinstance(some, int) else some
    for number in found:
        address = conversations.address_of(unit, number)
        talk = conversations.lock(unit, *address) if address else None
        if talk is not None and talk.updated_at is not None and talk.updated_at < before:
            conversations.save(
                unit, replace(talk, answers={}, draft="", asked="", scene="", status="ended", aside=()), talk.updated_at
            )
    return len(found)


def _drop_accounts(unit: Unit, before: datetime, some: Some) -> int:
    """An account is looked at again under its lock: its person may have written since it was found."""
    found = _old_accounts(unit, before, some) if isinstance(some, int) else some
    still = _conversations.id.in_(found) & _is_old_account(before)
    locked = unit.execute(select(_conversations.id).where(still).with_for_update()).scalars().all()
    for number in locked:
        deliveries.wipe(unit, number, "account erased", before)
        conversations.erase(unit, number)
    return len(found)


def _ids(unit: Unit, condition: ColumnElement[bool], limit: int) -> list[int]:
    return list(
        unit.execute(select(_conversations.id).where(condition).order_by(_conversations.id).limit(limit)).scalars()
    )


def _old_drafts(unit: Unit, before: datetime, limit: int) -> Sequence[int]:
    return _ids(unit, _is_old_draft(before), limit)


def _old_accounts(unit: Unit, before: datetime, limit: int) -> Sequence[int]:
    return _ids(unit, _is_old_account(before), limit)


def _is_old_draft(before: datetime) -> ColumnElement[bool]:
    return and_(_conversations.status.in_(("active", "paused")), _conversations.updated_at < before)


def _is_old_account(before: datetime) -> ColumnElement[bool]:
    """Somebody who never sent anything and has no draft."""
    idle = _conversations.status.in_(("new", "ended"))
    return and_(idle, _conversations.holder_id == "", _conversations.updated_at < before)


def _column(table: Table, name: str) -> Condition:
    column: Any = table.c[name]
    return lambda before: column < before


PAPERS = Kind("papers", tables.files, papers.is_decided, _by_number(papers.erase_decided))
LOOSE_PAPERS = _plain(
    "loose_papers", tables.files, lambda before: and_(_files.submission_id.is_(None), _files.created_at < before)
)
MESSAGES = Kind("messages", tables.messages, _column(tables.messages, "received_at"), _by_number(conversations.prune))
DELIVERIES = Kind("deliveries", tables.outbox, _column(tables.outbox, "ended_at"), _by_number(deliveries.prune))
DRAFTS = Kind("drafts", tables.conversations, _is_old_draft, _drop_drafts, _old_drafts)
ACCOUNTS = Kind("accounts", tables.conversations, _is_old_account, _drop_accounts, _old_accounts)
HAND_OVERS = Kind("hand_overs", tables.hand_overs, hand_overs.is_old, _by_number(hand_overs.prune))
PRIVACY_REQUESTS = _plain("privacy_requests", tables.privacy_requests, _column(tables.privacy_requests, "answered_at"))
SEARCHES = _plain("missed_searches", tables.missed_searches, _column(tables.missed_searches, "last_at"))
TRIES = _plain("link_tries", tables.link_tries, _column(tables.link_tries, "tried_at"))
CODES = _plain("link_codes", tables.link_codes, _column(tables.link_codes, "expires_at"))
QUOTAS = Kind("quotas", tables.quotas, quotas.is_over, lambda unit, before, limit: quotas.prune(unit, before))
REMINDERS = _plain("reminders", tables.reminders, _column(tables.reminders, "ended_at"))
BROADCASTS = Kind("broadcasts", tables.broadcasts, broadcasts.is_old, _by_number(broadcasts.prune))
CERTIFICATES = _plain("ended_certificates", tables.certificates, _column(tables.certificates, "ended_at"))
IMPORTS = Kind("imports", tables.imports, imports.is_old, _by_number(imports.prune))
INVITATIONS = _plain("invitations", tables.invitations, _column(tables.invitations, "expires_at"))
