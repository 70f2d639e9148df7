"""Backups: SQLite's online copy while it is served, PostgreSQL's own programs; each with a list of what is inside."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, inspect

from storage import contents, schema
from storage.errors import StorageError

PAGES = 2_000  # so many at a time, so that a busy server isn't held up
SUFFIX = {"sqlite": ".sqlite", "postgresql": ".dump"}
PROGRAMS = "Install PostgreSQL's client programs (Debian: postgresql-client) of the server's version or a newer one."


class NoProgram(StorageError):
    """A PostgreSQL database is backed up and restored by a program that is not here:"""


class ProgramFailed(StorageError):
    """PostgreSQL's program failed, and said:"""


class NotEmpty(StorageError):
    """The database is not empty: its rows would be lost. Name another, or add --force. There are rows in:"""


class NoBackup(StorageError):
    """This is not a backup that `anju backup` made, or its .json beside it is missing:"""


class OtherKind(StorageError):
    """A backup of SQLite fits only SQLite, and PostgreSQL's only PostgreSQL; `anju copy` goes between them."""


class Damaged(StorageError):
    """The backup was changed or cut off after it was made; nothing was restored."""


class Unsound(StorageError):
    """SQLite finds the backup unsound: the database itself may be damaged; look at the disk, and keep older backups."""


class Incomplete(StorageError):
    """After restoring, these tables don't hold what the backup lists:"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: kind of database, schema, moment, digest of the file, rows of each table."""

    kind: str
    revision: str
    made_at: str
    sha256: str
    rows: Mapping[str, int]

    @classmethod
    def beside(cls, file: Path) -> "Manifest":
        """The list that was written with a backup; NoBackup."""
        try:
            return cls(**orjson.loads(listed(file).read_bytes()))
        except (OSError, ValueError, TypeError):
            raise NoBackup(str(file)) from None


def listed(file: Path) -> Path:
    """Where a backup's list is."""
    return file.with_name(file.name + ".json")


def make(engine: Engine, folder: Path, now: datetime) -> tuple[Path, Manifest]:
    """Write a backup and its list into a folder, readable by nobody else; everything in it is of one moment."""
    kind = engine.dialect.name
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"anju-{now:%Y%m%dT%H%M%SZ}{SUFFIX[kind]}"
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with contents.snapshot(engine) as seen:
        revision, rows = schema.current(seen) or "", contents.counts(seen)
        _dump(engine, seen, file) if kind == "postgresql" else _copy_pages(_raw(seen), file)
    manifest = Manifest(kind, revision, now.isoformat(), _sha256(file), rows)
    listed(file).write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
    return file, manifest


def restore(engine: Engine, file: Path, *, force: bool) -> Manifest:
    """Put a backup in the database's place, and count what is there afterwards."""
    manifest = Manifest.beside(file)
    if manifest.kind != engine.dialect.name:
        raise OtherKind
    if not file.exists() or _sha256(file) != manifest.sha256:
        raise Damaged
    schema.refuse_unknown(manifest.revision)
    if not force:
        _refuse_full(engine)
    _restore_server(engine, file) if manifest.kind == "postgresql" else _restore_file(engine, file)
    _compare(engine, manifest)
    return manifest


def _refuse_full(engine: Engine) -> None:
    with contents.snapshot(engine) as seen:
        full = [name for name, rows in contents.counts(seen).items() if rows]
    if full:
        raise NotEmpty(", ".join(full))


def _compare(engine: Engine, manifest: Manifest) -> None:
    with contents.snapshot(engine) as seen:
        found = contents.counts(seen)
    unequal = [name for name, rows in manifest.rows.items() if found.get(name) != rows]
    if unequal:
        raise Incomplete(", ".join(unequal))


def _raw(connection: Connection) -> sqlite3.Connection:
    """SQLite's own connection, whose open transaction keeps the pages as they were when it began."""
    raw: Any = connection.connection.dbapi_connection
    return raw  # type: ignore[no-any-return]  # sqlite3's


def _copy_pages(source: sqlite3.Connection, file: Path) -> None:
    with closing(sqlite3.connect(file)) as target:
        source.backup(target, pages=PAGES)
        target.execute("PRAGMA journal_mode=DELETE")
        if target.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise Unsound


def _restore_file(engine: Engine, file: Path) -> None:
    """Page by page into the database, whole or not at all."""
    with closing(sqlite3.connect(file)) as source, engine.connect() as connection:
        source.backup(_raw(connection))
    engine.dispose()


def _dump(engine: Engine, seen: Connection, file: Path) -> None:
    moment = str(seen.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={file}")
    _run("pg_dump", engine, *options)


def _restore_server(engine: Engine, file: Path) -> None:
    """Our tables are dropped first; the rest of the database is left alone."""
    _find("pg_restore")
    with contents.writing(engine) as connection:
        ours = {table.name for table in contents.ordered()} | {"alembic_version"}
        for name in sorted(ours & set(inspect(connection).get_table_names())):
            connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_audit_change() CASCADE")
    _run("pg_restore", engine, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(file))
    engine.dispose()


def _run(program: str, engine: Engine, *options: str) -> None:
    """One of PostgreSQL's programs; the password goes by the environment, where other users don't see it."""
    url = engine.url.set(drivername="postgresql", password=None)
    environment = os.environ | ({"PGPASSWORD": str(engine.url.password)} if engine.url.password else {})
    command = [_find(program), f"--dbname={url.render_as_string()}", *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 -- ours
    if done.returncode:
        raise ProgramFailed(f"{program}: {done.stderr.strip()[-500:]}")


def _find(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise NoProgram(f"{program}. {PROGRAMS}")
    return found


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
