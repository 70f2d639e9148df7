"""The whole of one database into another of either kind, in chunks; checked by counts and digests."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from storage import contents, schema, tables
from storage.contents import Sum
from storage.errors import StorageError

MARK = "copy"  # the lease that stands in a database whose copy isn't whole; its holder tells from where it came
LEASES = tables.leases

Tell = Callable[[str, int], None]


class NotEmpty(StorageError):
    """The database to copy into must be empty, but these tables hold rows:"""


class OtherCopy(StorageError):
    """The database to go on with holds no unfinished copy of that one; begin again with an empty database."""


class SameDatabase(StorageError):
    """A database can't be copied into itself."""


class Unequal(StorageError):
    """The copy differs from what it was made of (was something still writing to either?) in:"""


class Untaken(StorageError):
    """The database to copy into does not take these rows (nothing of this chunk was written):"""


class Unfinished(StorageError):
    """A copy into this database broke off; finish it with `anju copy --resume` and the same addresses."""


@dataclass(frozen=True, slots=True)
class Copy:
    """From one database to another. `tell` hears a table's name and how many more of its rows are there."""

    source: Engine
    target: Engine
    tell: Tell

    def total(self) -> Mapping[str, int]:
        """How many rows each table has to give."""
        with contents.snapshot(self.source) as connection:
            return contents.counts(connection)

    def run(self, *, resume: bool = False) -> Mapping[str, Sum]:
        """Copy everything and check it; NotEmpty, OtherCopy, OldSchema or NewerSchema before anything is written."""
        if _name(self.source) == _name(self.target):
            raise SameDatabase
        schema.check(self.source)
        refuse_unfinished(self.source)
        self._prepare(resume=resume)
        with contents.snapshot(self.source) as read:
            given = {str(table.name): self._copy(read, table) for table in contents.ordered()}
        self._finish()
        self._compare(given)
        return given

    def _prepare(self, *, resume: bool) -> None:
        schema.upgrade(self.target)
        source = _name(self.source)
        with contents.writing(self.target) as connection:
            marks = connection.execute(select(LEASES.c.holder).where(LEASES.c.name == MARK)).scalars().all()
            if resume:
                if marks != [source]:
                    raise OtherCopy
                return
            full = [name for name, rows in contents.counts(connection).items() if rows]
            if full:
                raise NotEmpty(", ".join(full))
            mark = {"name": MARK, "holder": source, "fence": 0, "until": datetime(2000, 1, 1, tzinfo=UTC)}
            connection.execute(insert(LEASES), mark)

    def _copy(self, read: Connection, table: Table) -> Sum:
        """A chunk is a transaction; rows that are there already from an earlier try stay."""
        rows, total = 0, 0
        for chunk in contents.chunks(read, table):
            with contents.writing(self.target) as connection:
                _insert(connection, table, chunk)
            rows += len(chunk)
            total += sum(contents.weight(row) for row in chunk)
            self.tell(table.name, len(chunk))
        return contents.summed(rows, total)

    def _finish(self) -> None:
        with contents.writing(self.target) as connection:
            for table in contents.ordered():
                _set_sequence(connection, table)

    def _compare(self, given: Mapping[str, Sum]) -> None:
        """The mark goes only when everything is as it was."""
        with contents.snapshot(self.target) as connection:
            got = {table.name: _without_mark(connection, table) for table in contents.ordered()}
        unequal = [name for name, found in got.items() if found != given[name]]
        if unequal:
            raise Unequal(", ".join(unequal))
        with contents.writing(self.target) as connection:
            connection.execute(LEASES.delete().where(LEASES.c.name == MARK))


def refuse_unfinished(engine: Engine) -> None:
    """Raise Unfinished where a copy into the database broke off."""
    with engine.connect() as connection:
        if connection.execute(select(LEASES.c.name).where(LEASES.c.name == MARK)).first() is not None:
            raise Unfinished


def _without_mark(connection: Connection, table: Table) -> Sum:
    if table is not LEASES:
        return contents.digest_of(connection, table)
    rows = connection.execute(select(LEASES).where(LEASES.c.name != MARK)).mappings().all()
    return contents.summed(len(rows), sum(contents.weight(dict(row)) for row in rows))


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    build = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    once = build(table).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))
    try:
        connection.execute(once, rows)
    except DBAPIError as error:
        raise Untaken(f"{table.name}, {type(error.orig).__name__}") from None


def _set_sequence(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows after the highest that was copied; SQLite does so by itself."""
    (key, *more) = table.primary_key.columns
    if more or connection.dialect.name != "postgresql":
        return
    named = select(func.pg_get_serial_sequence(table.name, key.name))
    sequence = connection.execute(named).scalar_one()
    if sequence is not None:
        highest = connection.execute(select(func.max(key))).scalar_one()
        connection.execute(
            text("SELECT setval(CAST(:name AS regclass), :value, :used)"),
            {"name": sequence, "value": highest or 1, "used": highest is not None},
        )


def _name(engine: Engine) -> str:
    """A database's name without its password, shortened."""
    url = engine.url
    is_file = url.get_backend_name() == "sqlite"
    place = str(Path(str(url.database)).resolve()) if is_file else f"{url.host} {url.port} {url.database}"
    named = f"{url.get_backend_name()} {place}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]
