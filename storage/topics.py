"""Kinds of message that a person may turn off and on."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, CompoundSelect, and_, delete, exists, select, union

from storage import conversations, tables
from storage.unit import Unit


def turn_off(unit: Unit, conversation_id: int, topic: str) -> bool:
    """The person doesn't want this kind of message; whether that is news."""
    return unit.insert_once(tables.topics_off, {"conversation_id": conversation_id, "topic": topic})


def turn_on(unit: Unit, conversation_id: int, topic: str) -> None:
    """The person wants it again."""
    columns = tables.topics_off.c
    off = and_(columns.conversation_id == conversation_id, columns.topic == topic)
    unit.execute(delete(tables.topics_off).where(off))


def off(unit: Unit, conversation_id: int) -> frozenset[str]:
    """What the person doesn't want."""
    columns = tables.topics_off.c
    found = unit.execute(select(columns.topic).where(columns.conversation_id == conversation_id))
    return frozenset(found.scalars())


def is_off(unit: Unit, conversation_id: int, topic: str) -> bool:
    """Whether the topic is off on this or a linked account of the person."""
    holder = conversations.holder_of(unit, conversation_id)
    accounts: Iterable[int] = [conversation_id]
    if holder:
        accounts = [account.conversation_id for account in conversations.of_holder(unit, holder)]
    columns = tables.topics_off.c
    off = exists().where(columns.conversation_id.in_(accounts), columns.topic == topic)
    return bool(unit.execute(select(off)).scalar_one())


def off_of(unit: Unit, wanted: Collection[tuple[int, str]]) -> frozenset[tuple[int, str]]:
    """Of accounts with a topic each, those whose person turned it off on this or a linked account."""
    if not wanted:
        return frozenset()
    holders = conversations.holders_of(unit, {account for account, _ in wanted})
    theirs = conversations.accounts_of(unit, {holder for holder in holders.values() if holder})
    columns = tables.topics_off.c
    accounts = {*theirs, *(account for account, _ in wanted)}
    rows = unit.execute(select(columns.conversation_id, columns.topic).where(columns.conversation_id.in_(accounts)))
    off = {(theirs.get(row.conversation_id) or row.conversation_id, row.topic) for row in rows}
    return frozenset((one, topic) for one, topic in wanted if (holders.get(one) or one, topic) in off)


def accounts_off(topic: ColumnElement[str]) -> CompoundSelect[tuple[int]]:
    """The accounts of everybody who doesn't want a topic, whichever of their accounts they said so on."""
    owners, unwanted = tables.conversations.c, tables.topics_off.c
    own = select(unwanted.conversation_id).where(unwanted.topic == topic)
    said = select(owners.holder_id).where(owners.holder_id != "", owners.id.in_(own))
    return union(own, select(owners.id).where(owners.holder_id.in_(said)))
