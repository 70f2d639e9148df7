"""One transaction: what a piece of work is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.secrets import Vault

S = TypeVar("S")
Whose = tuple[str, str]  # channel and address of an account
FollowUp = Callable[["Unit", Sequence[S]], None]


class Apart(Exception):
    """This work needs more than its own talk: it runs in a transaction of its own."""


@dataclass(slots=True)
class TalkAlone:
    """A talk that was read and locked beforehand, and what is to be written of it when its turn is over."""

    whose: Whose
    row: Row[Any]
    saved: Mapping[str, Any] | None = None
    recorded: Mapping[str, Any] | None = None
    follow_ups: list[tuple[FollowUp[Any], Any]] = field(default_factory=list)

    def row_of(self, whose: Whose) -> Row[Any]:
        """The row as it was read; Apart for any other talk, and for one that was written meanwhile."""
        if whose != self.whose or self.saved is not None:
            raise Apart
        return self.row


@dataclass(frozen=True, slots=True)
class Unit:
    """A connection inside its transaction, and the vault that seals what is written.

    alone: the only talk that may be read and written, where turns are done together; then there is no connection.
    """

    connection: Connection
    vault: Vault
    alone: TalkAlone | None = None

    def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """Run one Core statement."""
        return self.connection.execute(statement, parameters)

    def follow_up(self, work: FollowUp[S], subject: S) -> None:
        """Do what follows from a turn, in its transaction: of turns done together once for all, after their writing."""
        if self.alone is None:
            work(self, (subject,))
        else:
            self.alone.follow_ups.append((work, subject))

    @property
    def is_postgres(self) -> bool:
        """Whether rows can be locked one by one."""
        return self.connection.dialect.name == "postgresql"

    def insert_once(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert unless a row with the same key is there; whether it was inserted."""
        return self.execute(_once(table, is_postgres=self.is_postgres), values).first() is not None


@cache
def _once(table: Table, *, is_postgres: bool) -> Executable:
    insert = postgresql.insert if is_postgres else sqlite.insert
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
