"""Conversations and the messages answered in them: the hot path, so its statements are built once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from storage import broadcast_people, hand_overs, imports, privacy_requests, tables, talk_rows
from storage.among import among
from storage.errors import AlreadyAnswered, LostUpdate
from storage.records import Account, Conversation
from storage.secrets import Vault
from storage.unit import Unit

ANSWERED = "messages.answered"
PAGES = ("web", "terminal")  # they tell only whoever has them open

_rows = tables.conversations.c
READ = select(
    _rows.id, _rows.language, _rows.status, _rows.form, _rows.asked, _rows.holder_id, _rows.state_sealed, _rows.version,
    _rows.updated_at, _rows.reach, _rows.held, _rows.window_left, _rows.window_until, _rows.hand_over, _rows.channel,
    _rows.address_index,
)  # fmt: skip
_GET = READ.where(_rows.channel == bindparam("channel"), _rows.address_index == bindparam("address_index"))
_SEVERAL = READ.add_columns(_rows.address_sealed).where(_rows.id.in_(bindparam("numbers", expanding=True)))
_LOCK = _GET.with_for_update()
SAVE = update(tables.conversations).where(_rows.id == bindparam("row"), _rows.version == bindparam("read"))
RECORD = insert(tables.messages)
_SPEND = update(tables.conversations).where(
    among(_rows.id),
    _rows.window_until > bindparam("at", type_=tables.Instant()),
    _rows.window_left >= bindparam("messages"),
)
_SPEND = _SPEND.values(window_left=_rows.window_left - bindparam("messages")).returning(_rows.id)
_ANSWERED = select(tables.messages.c.answered_sealed).where(tables.messages.c.key == bindparam("message"))


def address_index(unit: Unit, channel: str, address: str) -> bytes:
    """The keyed index under which an account is found."""
    return index_of(unit.vault, channel, address)


def index_of(vault: Vault, channel: str, address: str) -> bytes:
    """The same without a transaction."""
    return vault.index("address", f"{channel} {address}")


def message_key(unit: Unit, channel: str, address: str, message_id: str) -> bytes:
    """The key of one message of one account; that of its answer, where it was answered before the index key changed.

    Looking for that costs a query, but only while the former key is still there.
    """
    newest, *former = unit.vault.indexes("message", f"{channel} {address} {message_id}")
    before = (carried_over(unit.vault, key) for key in former)
    return next((key for key in before if unit.execute(_ANSWERED, {"message": key}).first() is not None), newest)


def carried_over(vault: Vault, key: bytes) -> bytes:
    """What a message's key becomes when the index key changes; its id isn't kept, so it can't be worked out anew."""
    return vault.index("message before", key.hex())


def lock(unit: Unit, channel: str, address: str) -> Conversation | None:
    """The account's conversation, locked until this transaction ends; None at first contact."""
    if unit.alone is not None:
        return talk_rows.conversation_in(unit, channel, address, unit.alone.row_of((channel, address)))
    index = address_index(unit, channel, address)
    row = unit.execute(_LOCK, {"channel": channel, "address_index": index}).one_or_none()
    return None if row is None else talk_rows.conversation_in(unit, channel, address, row)


def find(unit: Unit, channel: str, address: str) -> Conversation | None:
    """The account's conversation, unlocked."""
    index = address_index(unit, channel, address)
    row = unit.execute(_GET, {"channel": channel, "address_index": index}).one_or_none()
    return None if row is None else talk_rows.conversation_in(unit, channel, address, row)


def begin(unit: Unit, channel: str, address: str, language: str, now: datetime) -> Conversation:
    """A new account's conversation, or the one another message has just begun; locked."""
    fresh = Conversation(0, channel, address, language)
    values = {
        "channel": channel,
        "address_index": address_index(unit, channel, address),
        "address_sealed": unit.vault.seal(address.encode(), talk_rows.ADDRESS),
        "created_at": now,
        "version": 0,
    }
    unit.insert_once(tables.conversations, values | talk_rows.changing(unit, fresh, now))
    begun = lock(unit, channel, address)
    if begun is None:
        raise LostUpdate
    return begun


def save(unit: Unit, conversation: Conversation, now: datetime) -> None:
    """Write the conversation; LostUpdate if its row is no longer the one that was read."""
    values = talk_rows.changing(unit, conversation, now) | {
        "row": conversation.id,
        "read": conversation.version,
        "version": conversation.version + 1,
    }
    if unit.alone is not None:
        unit.alone.saved = values
    elif unit.execute(SAVE, values).rowcount != 1:
        raise LostUpdate


def record(unit: Unit, key: bytes, conversation_id: int, answered: Any, now: datetime) -> None:
    """Remember what was answered to a message; AlreadyAnswered if that has happened before."""
    values = {
        "key": key,
        "conversation_id": conversation_id,
        "answered_sealed": unit.vault.seal_json(answered, ANSWERED),
        "received_at": now,
    }
    if unit.alone is not None:
        unit.alone.recorded = values
        return
    try:
        unit.execute(RECORD, values)
    except IntegrityError:
        raise AlreadyAnswered from None


def answered(unit: Unit, key: bytes) -> Any | None:
    """What was answered to a message, or None if it is new."""
    sealed = unit.execute(_ANSWERED, {"message": key}).scalar_one_or_none()
    return None if sealed is None else unit.vault.open_json(sealed, ANSWERED)


def get(unit: Unit, conversation_id: int) -> Conversation | None:
    """A conversation by its number, unlocked; None when it was erased."""
    return next(iter(several(unit, (conversation_id,))), None)


def several(unit: Unit, conversation_ids: Sequence[int]) -> list[Conversation]:
    """Those of these that were not erased, unlocked, in no order."""
    rows = unit.execute(_SEVERAL, {"numbers": list(conversation_ids)})
    return [talk_rows.conversation_in(unit, row.channel, talk_rows.address_in(unit, row), row) for row in rows]


def under_way(unit: Unit, after: int, limit: int) -> list[int]:
    """Conversations in which a talk may be under way, by number from after one on."""
    talking = select(_rows.id).where(_rows.status.in_(("active", "paused")), _rows.id > after)
    return list(unit.execute(talking.order_by(_rows.id).limit(limit)).scalars())


def address_of(unit: Unit, conversation_id: int) -> tuple[str, str] | None:
    """Channel and address of a conversation, for sending; None when it was erased."""
    row = unit.execute(select(_rows.channel, _rows.address_sealed).where(_rows.id == conversation_id)).one_or_none()
    return None if row is None else (row.channel, talk_rows.address_in(unit, row))


def language_of(unit: Unit, conversation_id: int) -> str | None:
    """The language a conversation is held in."""
    return unit.execute(select(_rows.language).where(_rows.id == conversation_id)).scalar_one_or_none()


def of_holder(unit: Unit, holder_id: str) -> tuple[Account, ...]:
    """The accounts of one person: the one they prefer, then the one used last; pages, which close, come last."""
    prefers = select(tables.holders.c.prefers).where(tables.holders.c.id == holder_id).scalar_subquery()
    order = case((_rows.channel == prefers, 0), (_rows.channel.in_(PAGES), 2), else_=1)
    owned = select(_rows.id, _rows.channel, _rows.reach).where(_rows.holder_id == holder_id)
    found = unit.execute(owned.order_by(order, _rows.updated_at.desc(), _rows.id))
    return tuple(Account(row.id, row.channel, row.reach) for row in found)


def account(unit: Unit, conversation_id: int) -> Account | None:
    """One account; None when it was erased."""
    row = unit.execute(select(_rows.id, _rows.channel, _rows.reach).where(_rows.id == conversation_id)).one_or_none()
    return None if row is None else Account(row.id, row.channel, row.reach)


def holder_of(unit: Unit, conversation_id: int) -> str:
    """Whose account it is; empty for nobody known yet."""
    return unit.execute(select(_rows.holder_id).where(_rows.id == conversation_id)).scalar_one_or_none() or ""


def holders_of(unit: Unit, conversation_ids: Collection[int]) -> dict[int, str]:
    """Whose account each of many is; empty for nobody known yet."""
    found = unit.execute(select(_rows.id, _rows.holder_id).where(_rows.id.in_(conversation_ids)))
    return {row.id: row.holder_id for row in found}


def accounts_of(unit: Unit, holder_ids: Collection[str]) -> dict[int, str]:
    """All accounts of these people: whose each is."""
    found = unit.execute(select(_rows.id, _rows.holder_id).where(_rows.holder_id.in_(holder_ids)))
    return {row.id: row.holder_id for row in found}


def set_reach(unit: Unit, conversation_id: int, reach: str) -> bool:
    """Note that an account can or can't be reached any more; whether that is news."""
    other = (_rows.id == conversation_id) & (_rows.reach != reach)
    return bool(unit.execute(update(tables.conversations).where(other).values(reach=reach)).rowcount)


def note_reach(unit: Unit, channel: str, address: str, reach: str) -> bool:
    """The same by the account's address; False for one that never wrote."""
    found = find(unit, channel, address)
    return found is not None and set_reach(unit, found.id, reach)


def hold(unit: Unit, conversation_id: int) -> None:
    """Note that something waits until the person writes, on this account or another of theirs."""
    own = _rows.id == conversation_id
    theirs = and_(_rows.holder_id != "", _rows.holder_id == holder_of(unit, conversation_id))
    unit.execute(update(tables.conversations).where(or_(own, theirs)).values(held=True))


def hold_all(unit: Unit, conversation_ids: Select[tuple[int]]) -> None:
    """The same for many."""
    holders = select(_rows.holder_id).where(_rows.id.in_(conversation_ids), _rows.holder_id != "")
    theirs = or_(_rows.id.in_(conversation_ids), _rows.holder_id.in_(holders))
    unit.execute(update(tables.conversations).where(theirs).values(held=True))


def hand_over(unit: Unit, conversation_id: int, number: int | None) -> None:
    """Staff talk to the person again; whoever says so holds the row."""
    unit.execute(update(tables.conversations).where(_rows.id == conversation_id).values(hand_over=number))


def spend(unit: Unit, conversation_id: int, messages: int, now: datetime) -> bool:
    """Take messages out of the platform's window; False if it is closed or has too few left."""
    open_window = (_rows.id == conversation_id) & (_rows.window_until > now) & (_rows.window_left >= messages)
    less = update(tables.conversations).where(open_window).values(window_left=_rows.window_left - messages)
    return bool(unit.execute(less).rowcount)


def spend_each(unit: Unit, conversation_ids: Collection[int], messages: int, now: datetime) -> frozenset[int]:
    """The same for many, so many messages of each; those whose window had enough."""
    bound = {"some": conversation_ids, "messages": messages, "at": now}
    return frozenset(unit.execute(_SPEND, bound).scalars())


def rename(unit: Unit, channel: str, old: str, new: str) -> bool:
    """The platform gave the account a new address; False if the old one is unknown or the new one is taken."""
    conversation = lock(unit, channel, old)
    if conversation is None or find(unit, channel, new) is not None:
        return False
    values = {
        "address_index": address_index(unit, channel, new),
        "address_sealed": unit.vault.seal(new.encode(), talk_rows.ADDRESS),
    }
    unit.execute(update(tables.conversations).where(_rows.id == conversation.id).values(values))
    return True


def erase(unit: Unit, conversation_id: int) -> None:
    """Drop the link to the account, its draft, and what was said; submissions stay."""
    loose = tables.files.c.submission_id.is_(None)
    unit.execute(delete(tables.files).where(tables.files.c.conversation_id == conversation_id, loose))
    hand_overs.erase(unit, conversation_id)
    privacy_requests.erase(unit, conversation_id)
    broadcast_people.erase(unit, conversation_id)
    imports.erase_of(unit, conversation_id)
    for table in (tables.messages, tables.grants, tables.link_tries, tables.staff_chats, *tables.READ_BY_ACCOUNT):
        unit.execute(delete(table).where(table.c.conversation_id == conversation_id))
    unit.execute(delete(tables.conversations).where(_rows.id == conversation_id))


def prune(unit: Unit, before: datetime, limit: int = 5_000) -> int:
    """Forget messages answered before that instant, some at a time; how many."""
    old = select(tables.messages.c.key).where(tables.messages.c.received_at < before).limit(limit)
    return int(unit.execute(delete(tables.messages).where(tables.messages.c.key.in_(old))).rowcount)
