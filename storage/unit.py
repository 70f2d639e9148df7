"""One transaction: what a piece of work is given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

from storage.secrets import Vault


@dataclass(frozen=True, slots=True)
class Unit:
    """A connection inside its transaction, and the vault that seals what is written."""

    connection: Connection
    vault: Vault

    def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        """Run one Core statement."""
        return self.connection.execute(statement, parameters)

    @property
    def is_postgres(self) -> bool:
        """Whether rows can be locked one by one."""
        return self.connection.dialect.name == "postgresql"

    def insert_once(self, table: Table, values: Mapping[str, Any]) -> bool:
        """Insert unless a row with the same key is there; whether it was inserted."""
        insert = postgresql.insert if self.is_postgres else sqlite.insert
        once = insert(table).on_conflict_do_nothing().returning(*table.primary_key.columns)
        return self.execute(once, values).first() is not None
