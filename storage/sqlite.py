"""SQLite: one writer thread that commits what waits together, and read-only connections beside it."""

import asyncio
import itertools
import math
import queue
import sqlite3
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from storage import together
from storage.database import Lane, Work
from storage.errors import Busy, LostUpdate, Unavailable
from storage.outcomes import Loop, Outcome, Waiter, deliver, done, failed
from storage.secrets import Vault
from storage.unit import Apart, Unit, Whose

T = TypeVar("T")

QUEUE_LENGTH = 2_000
BATCH = 64
BATCH_SECONDS = 0.010
BUSY_MILLISECONDS = 5_000
READERS = 2
LETS_BEFORE = {"chat": 0.0, "batch": 0.05}  # seconds: answers first, but nothing waits for ever where they never end
# Primary result codes (sqlite.org/rescode.html): the disk is full, gone, read-only or fails, or memory is out.
OUT_OF_ORDER = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM}
)
PRIMARY = 0xFF
PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
)


@dataclass(order=True, slots=True)
class _Job:
    """Work that waits, in order of arrival; batch lets the chat of so many seconds after it go first, and no more."""

    due: float
    turn: int
    work: Work[Any] = field(compare=False)
    future: Waiter = field(compare=False)
    loop: Loop = field(default=None, compare=False)
    whose: Whose | None = field(default=None, compare=False)

    @property
    def is_wanted(self) -> bool:
        """Whether somebody still waits for it."""
        return not self.future.cancelled()


_STOP = math.inf


class SqliteDatabase:
    """A database in one file (or in memory), for one machine."""

    def __init__(self, url: URL, vault: Vault) -> None:
        self.vault = vault
        self._in_memory = url.database in {None, "", ":memory:"}
        if not self._in_memory:
            Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(url, in_memory=self._in_memory)
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue(QUEUE_LENGTH)
        self._turns = itertools.count()
        self._readers = ThreadPoolExecutor(READERS, "sqlite-reader")
        self._writer = threading.Thread(target=self._write_until_stopped, name="sqlite-writer", daemon=True)
        self._started = threading.Lock()
        self._closed = False

    async def run(self, work: Work[T], lane: Lane = "chat", whose: Whose | None = None) -> T:
        """Queue the work for the writer; the result comes after the commit it shares with its neighbours."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._enqueue(work, lane, future, loop, whose)
        return await future

    async def read(self, work: Work[T]) -> T:
        """Work that writes nothing, on a read-only connection."""
        if self._in_memory or self._closed:
            return await self.run(work)
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def run_now(self, work: Work[T]) -> T:
        """For callers without an event loop."""
        future: Future[T] = Future()
        self._enqueue(work, "chat", future)
        return future.result()

    def close(self) -> None:
        """Finish what waits, then let go of the file."""
        if self._closed:
            return
        self._closed = True
        if self._writer.is_alive():
            self._jobs.put(_Job(_STOP, next(self._turns), _nothing, Future()))
            self._writer.join()
        self._readers.shutdown()
        self.engine.dispose()

    def _enqueue(
        self, work: Work[T], lane: Lane, future: Waiter, loop: Loop = None, whose: Whose | None = None
    ) -> None:
        if self._closed:
            raise Unavailable("The program is stopping.")
        self._start()
        job = _Job(time.monotonic() + LETS_BEFORE[lane], next(self._turns), work, future, loop, whose)
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise Busy from None

    def _start(self) -> None:
        with self._started:
            if self._writer.ident is None:
                self._writer.start()

    def _read(self, work: Work[T]) -> T:
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                connection.exec_driver_sql("BEGIN")
                return work(Unit(connection, self.vault))
            except DBAPIError as error:
                raise Unavailable() if _is_out_of_order(error) else error from None
            finally:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA query_only=OFF")

    def _write_until_stopped(self) -> None:
        with self.engine.connect() as connection:
            while True:
                batch = self._next_batch()
                stopping = batch[-1].due == _STOP
                jobs = [job for job in batch if job.due != _STOP and job.is_wanted]
                if jobs:
                    outcomes = _commit_together(connection, self.vault, jobs)
                    deliver((job.loop, job.future, outcome) for job, outcome in zip(jobs, outcomes, strict=True))
                if stopping:
                    return

    def _next_batch(self) -> list[_Job]:
        batch = [self._jobs.get()]
        until = time.monotonic() + BATCH_SECONDS
        while len(batch) < BATCH and batch[-1].due != _STOP and time.monotonic() < until:
            try:
                batch.append(self._jobs.get_nowait())
            except queue.Empty:
                break
        return batch


def _commit_together(connection: Connection, vault: Vault, jobs: list[_Job]) -> list[Outcome]:
    """Do turns together, every other job in a savepoint, and commit them all; if the commit fails, all have failed."""
    unit = Unit(connection, vault)
    try:
        _say(connection, "BEGIN IMMEDIATE")
        results = _turns_together(unit, {job.whose: job for job in reversed(jobs) if job.whose is not None})
        outcomes = [results.get(job.turn) or _in_savepoint(unit, job.work) for job in jobs]
        _say(connection, "COMMIT")
    except Exception:  # noqa: BLE001 -- the writer outlives every fault; those who wait hear that nothing was saved
        _abandon(connection)
        return [failed(Unavailable())] * len(jobs)
    return outcomes


def _turns_together(unit: Unit, jobs: Mapping[Whose, _Job]) -> dict[int, Outcome]:
    """What became of each account's first turn, by its number; those that are left apart are not among them."""
    if not jobs:
        return {}
    works = {whose: job.work for whose, job in jobs.items()}
    try:
        results = _kept_whole(unit, lambda unit: together.do(unit, works))
    except (LostUpdate, IntegrityError, Apart):
        return {}
    return {jobs[whose].turn: done(result) for whose, result in results.items()}


def _in_savepoint(unit: Unit, work: Work[Any]) -> Outcome:
    """Only this work's own changes are taken back when it fails."""
    try:
        return done(_kept_whole(unit, work))
    except Exception as error:
        if _is_out_of_order(error):
            raise
        return failed(error)


def _kept_whole(unit: Unit, work: Work[T]) -> T:
    """The work's result; all that it changed is taken back when it fails."""
    say = partial(_say, unit.connection)
    say("SAVEPOINT work")
    try:
        result = work(unit)
    except Exception as error:
        if not _is_out_of_order(error):
            say("ROLLBACK TO work")
            say("RELEASE work")
        raise
    say("RELEASE work")
    return result


def _is_out_of_order(error: Exception) -> bool:
    """Whether the file can't be written or read at all; the work itself did nothing wrong."""
    if not isinstance(error, DBAPIError):
        return False
    return getattr(error.orig, "sqlite_errorcode", 0) & PRIMARY in OUT_OF_ORDER


def _driver(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection."""
    return connection.connection.dbapi_connection  # type: ignore[return-value]  # pysqlite's is one


def _say(connection: Connection, statement: str) -> None:
    """What begins and ends a transaction or a part of one, without the way through SQLAlchemy that a query needs."""
    _driver(connection).execute(statement).close()


def _abandon(connection: Connection) -> None:
    """After a failed commit SQLite may have rolled back already; a broken connection is replaced."""
    try:
        if _driver(connection).in_transaction:
            connection.exec_driver_sql("ROLLBACK")
        connection.rollback()
    except SQLAlchemyError:
        connection.invalidate()
        connection.rollback()


def _engine(url: URL, *, in_memory: bool) -> Engine:
    """Autocommit at the driver: transactions are begun and ended here, by name."""
    options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {"pool_size": READERS + 2}
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"check_same_thread": False, "cached_statements": 256},
        **options,
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, record: Any) -> None:
    for pragma in PRAGMAS:
        connection.execute(pragma).close()
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """WAL stays with the file; the switch itself doesn't wait for others (SQLite's busy handler is not asked)."""
    until = time.monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def _nothing(unit: Unit) -> None:
    return None
