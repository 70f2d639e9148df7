"""Turns done together: their talks are read at once, and what they write is written at once.

Most turns read and write nothing but their own talk. Whoever needs more, fails, or finds the talk held by somebody else
is left apart: nothing of it is kept, and it runs on its own as if it had not been tried.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn, cast

from sqlalchemy import ARRAY, Connection, LargeBinary, String, any_, bindparam
from sqlalchemy.exc import OperationalError

from storage import tables
from storage.conversations import READ, RECORD, SAVE, index_of
from storage.database import Work
from storage.errors import LostUpdate
from storage.unit import Apart, FollowUp, TalkAlone, Unit, Whose

_rows = tables.conversations.c
_LOCK = READ.where(
    _rows.channel.in_(bindparam("channels", expanding=True)),
    _rows.address_index.in_(bindparam("wanted", expanding=True)),
)
# Nobody who holds a talk is waited for, so turns done together can't be held up, nor be part of a deadlock.
_LOCK_FREE = READ.where(
    _rows.channel == any_(bindparam("channels", type_=ARRAY(String))),
    _rows.address_index == any_(bindparam("wanted", type_=ARRAY(LargeBinary))),
).with_for_update(skip_locked=True)


class _NoConnection:
    """Whatever a turn asks of the database beyond its talk leaves it apart."""

    def __getattr__(self, name: str) -> NoReturn:
        raise Apart


_NONE = cast(Connection, _NoConnection())


def do(unit: Unit, works: Mapping[Whose, Work[Any]]) -> dict[Whose, Any]:
    """The results of those that could be done; the caller commits, and does what is missing here apart.

    Raises LostUpdate, IntegrityError and whatever else the database says to the writing, and Apart where something
    failed that follows from the turns: then none was done, and the caller takes everything back.
    """
    results: dict[Whose, Any] = {}
    talks = _locked(unit, works)
    for talk in talks:
        with suppress(Exception):  # whatever it is, the turn meets it again apart, where it is told
            results[talk.whose] = works[talk.whose](Unit(_NONE, unit.vault, talk))
    decided = [talk for talk in talks if talk.whose in results]
    _write(unit.connection, decided)
    _follow_up(unit, decided)
    return results


def _locked(unit: Unit, accounts: Iterable[Whose]) -> list[TalkAlone]:
    """The accounts' talks, locked; those that don't exist or that somebody else holds are not among them."""
    wanted = {(whose[0], index_of(unit.vault, *whose)): whose for whose in accounts}
    named = {"channels": list({channel for channel, _ in wanted}), "wanted": [index for _, index in wanted]}
    rows = unit.execute(_LOCK_FREE if unit.is_postgres else _LOCK, named).all()
    found = ((wanted.get((row.channel, bytes(row.address_index))), row) for row in rows)
    return [TalkAlone(whose, row) for whose, row in found if whose is not None]


def _write(connection: Connection, talks: Sequence[TalkAlone]) -> None:
    saved = [talk.saved for talk in talks if talk.saved is not None]
    recorded = [talk.recorded for talk in talks if talk.recorded is not None]
    if saved and connection.execute(SAVE, saved).rowcount != len(saved):
        raise LostUpdate
    if recorded:
        connection.execute(RECORD, recorded)


def _follow_up(unit: Unit, talks: Sequence[TalkAlone]) -> None:
    asked: dict[FollowUp[Any], list[Any]] = defaultdict(list)
    for talk in talks:
        for work, subject in talk.follow_ups:
            asked[work].append(subject)
    for work, subjects in asked.items():
        try:
            work(unit, subjects)
        except OperationalError:
            raise  # the database's own: it is full, gone, or asks for another try
        except Exception as fault:
            raise Apart from fault
