"""Everything that a keyed index leads to, and what becomes of it when the index key changes.

What was indexed is mostly kept sealed beside its index, which is worked out anew. One-time codes, sign-ins and counted
tries are kept nowhere: they end, and people ask for new ones. A message's key is carried over under the new key, so
that one that comes again is known.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, FromClause, Row, Table, select

from storage import (
    certificates,
    conversations,
    helps,
    homes,
    imports,
    missed_searches,
    people,
    permits,
    postponed,
    staff,
    submissions,
    tables,
    talk_rows,
    tenancies,
)
from storage.conversations import carried_over
from storage.matters import unpacked
from storage.unit import Unit

ANSWER = "answer:"  # in front of a message's key, where the outbox holds what answers it

Renew = Callable[[Unit, Row[Any]], Mapping[str, Any]]

_talks = tables.conversations.c


@dataclass(frozen=True, slots=True)
class Indexed:
    """A table, the columns that are worked out anew (`columns`), from which others, and how.

    source: where these are read, if not from the table alone; rows: so many in a transaction.
    """

    table: Table
    columns: tuple[str, ...]
    needs: Sequence[Column[Any]]
    renew: Renew
    source: FromClause | None = None
    rows: int = 500


def _conversation(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    state = unit.vault.open_json(row.state_sealed, talk_rows.STATE)
    if state["last"]:
        state["last"] = carried_over(unit.vault, bytes.fromhex(state["last"])).hex()
    return {
        "address_index": conversations.index_of(unit.vault, row.channel, talk_rows.address_in(unit, row)),
        "state_sealed": unit.vault.seal_json(state, talk_rows.STATE),
    }


def _person(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    """Whom nobody could find by a number stays so: another row may be the one with it."""
    facts = unit.vault.open_json(row.person_sealed, people.PERSON)
    number = facts.get("id_number") if row.id_number_index is not None else None
    return {
        "id_number_index": people.id_number_index(unit, number) if number else None,
        "name_index": people.name_index(unit, str(facts.get("name") or "")),
    }


def _submission(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    answers = unpacked(unit.vault.open_json(row.answers_sealed, submissions.ANSWERS))
    phone, address = (answers[name].value if name in answers else None for name in ("phone", "address"))
    return {
        "phone_index": submissions.phone_index(unit, str(phone)) if phone else None,
        "home_index": submissions.home_index(unit, row.area, str(address)) if address else None,
    }


def _home(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    address = unit.vault.open(row.address_sealed, homes.ADDRESS).decode()
    return {"home_index": submissions.home_index(unit, row.area, address)}


def _room(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    name = unit.vault.open(row.name_sealed, homes.ROOM).decode()
    return {"name_index": homes.room_index(unit, row.home, name)}


def _tenancy(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    """One that is over has none, so that somebody may come back."""
    if row.open_report is None:
        return {"open_report": None}
    return {"open_report": tenancies.report_index(unit, tenancies.tenancy_in(unit, row))}


def _permit(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    number = "" if row.number_sealed is None else unit.vault.open_json(row.number_sealed, permits.NUMBER)
    return {"number_index": permits.number_index(unit, number) if number else None}


def _certificate(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    code = unit.vault.open(row.code_sealed, certificates.CODE).decode()
    return {"code_index": certificates.code_index(unit, code)}


def _help(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    """The code of one that was taken is gone, so it is unknown from now on and not used up."""
    if row.code_sealed is None:
        return {"code_index": None}
    return {"code_index": helps.code_index(unit, unit.vault.open(row.code_sealed, helps.CODE).decode())}


def _member(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    return {"login_index": staff.login_index(unit, unit.vault.open_json(row.profile_sealed, staff.PROFILE)["login"])}


def _missed(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    words = unit.vault.open(row.words_sealed, missed_searches.WORDS).decode()
    return {"words_index": missed_searches.words_index(unit, words)}


def _list(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    """A file that is read is gone: handed in again it is read again, and its rows are each known."""
    if row.file_index is None:
        return {"file_index": None}
    digest, size, number = hashlib.sha256(), 0, 0
    while (piece := imports.piece(unit, row.id, number)) is not None:
        digest.update(piece)
        size, number = size + len(piece), number + 1
    whole = number > 0 and size == row.size
    return {"file_index": imports.index_of(unit.vault, digest.hexdigest()) if whole else None}


def _message_out(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    """As its account is found now; of one whose account was erased nothing leads to it."""
    key = row.once_key
    if key.startswith(ANSWER):
        key = ANSWER + carried_over(unit.vault, bytes.fromhex(key.removeprefix(ANSWER))).hex()
    return {"address_index": (row.of_account or b"") if row.address_index else b"", "once_key": key}


def _line(unit: Unit, row: Row[Any]) -> Mapping[str, Any]:
    """What a person said stands under their message's key, what the staff said under a key of the page."""
    if row.author != "person":
        return {"once_key": row.once_key}
    key, _, number = row.once_key.partition(":")
    return {"once_key": f"{carried_over(unit.vault, bytes.fromhex(key)).hex()}:{number}"}


def _columns(table: Table, *names: str) -> Sequence[Column[Any]]:
    return [table.c[name] for name in names]


_OUT = tables.outbox.outerjoin(tables.conversations, _talks.id == tables.outbox.c.conversation_id)

# In this order: the outbox takes the indexes of its accounts over.
ANEW: Sequence[Indexed] = (
    Indexed(tables.staff, ("login_index",), _columns(tables.staff, "profile_sealed"), _member),
    Indexed(
        tables.conversations,
        ("address_index", "state_sealed"),
        _columns(tables.conversations, "channel", "address_sealed", "state_sealed"),
        _conversation,
    ),
    Indexed(
        tables.people,
        ("id_number_index", "name_index"),
        _columns(tables.people, "person_sealed", "id_number_index"),
        _person,
    ),
    Indexed(
        tables.submissions,
        ("phone_index", "home_index"),
        _columns(tables.submissions, "area", "answers_sealed"),
        _submission,
    ),
    Indexed(tables.homes, ("home_index",), _columns(tables.homes, "area", "address_sealed"), _home),
    Indexed(tables.rooms, ("name_index",), _columns(tables.rooms, "home", "name_sealed"), _room),
    Indexed(
        tables.tenancies,
        ("open_report",),
        [column for column in tables.tenancies.c if not column.primary_key],
        _tenancy,
    ),
    Indexed(tables.permits, ("number_index",), _columns(tables.permits, "number_sealed"), _permit),
    Indexed(tables.certificates, ("code_index",), _columns(tables.certificates, "code_sealed"), _certificate),
    Indexed(tables.helps, ("code_index",), _columns(tables.helps, "code_sealed"), _help),
    Indexed(tables.missed_searches, ("words_index",), _columns(tables.missed_searches, "words_sealed"), _missed),
    Indexed(tables.imports, ("file_index",), _columns(tables.imports, "file_index", "size"), _list, rows=4),
    Indexed(
        tables.outbox,
        ("address_index", "once_key"),
        [*_columns(tables.outbox, "address_index", "once_key"), _talks.address_index.label("of_account")],  # type: ignore[list-item]  # a label reads as a column
        _message_out,
        _OUT,
    ),
    Indexed(tables.hand_over_lines, ("once_key",), _columns(tables.hand_over_lines, "author", "once_key"), _line),
)

# Nobody kept what these lead to but whoever holds the code, the cookie or the name: they end.
ENDS: Sequence[Table] = (
    tables.link_codes, tables.staff_chat_codes, tables.staff_sessions, tables.staff_setups, tables.sign_in_tries,
    tables.invitations,
)  # fmt: skip


def postponed_keys(unit: Unit) -> Mapping[bytes, bytes]:
    """The keys of messages that wait for their turn, as they are and as they will be."""
    rows = unit.execute(select(tables.postponed.c.key, tables.postponed.c.incoming_sealed)).all()
    told = {bytes(row.key): unit.vault.open_json(row.incoming_sealed, postponed.INCOMING) for row in rows}
    whose = ("channel", "address", "message_id")
    return {
        key: conversations.message_key(unit, *(str(incoming[name]) for name in whose)) for key, incoming in told.items()
    }
