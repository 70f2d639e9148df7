"""PostgreSQL: turns are done together; pools of threads do the rest, each piece of work in a transaction of its own."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, cast

from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage import together
from storage.database import Lane, Work
from storage.errors import Busy, LostUpdate, Unavailable
from storage.outcomes import Outcome, deliver, done, failed
from storage.secrets import Vault
from storage.turn_queue import Turn, TurnQueue, Works
from storage.unit import Apart, Unit, Whose
from storage.watch import Watch

T = TypeVar("T")

CHAT_CONNECTIONS = 8
BATCH_CONNECTIONS = 2
WAITING = 2_000
TRIES = 3
CONNECT_SECONDS = 5
SILENT_SECONDS = 20.0  # a transaction that takes longer has lost its server
STATEMENT_SECONDS = 10  # also how long a copy that was stopped in a transaction keeps its locks
RETRYABLE = {"40001", "40P01"}  # serialization failure, deadlock (PostgreSQL documentation, appendix A)


class PostgresDatabase:
    """A database server shared by any number of copies of the program."""

    def __init__(self, url: URL, vault: Vault, silent_seconds: float = SILENT_SECONDS) -> None:
        self.vault = vault
        self.engine = create_engine(
            url,
            pool_size=CHAT_CONNECTIONS + BATCH_CONNECTIONS + 1,
            max_overflow=2,
            pool_timeout=STATEMENT_SECONDS,
            pool_pre_ping=False,
            hide_parameters=True,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "keepalives_idle": STATEMENT_SECONDS,
                "keepalives_interval": CONNECT_SECONDS,
                "keepalives_count": 2,
                "options": f"-c statement_timeout={STATEMENT_SECONDS * 1000}"
                f" -c idle_in_transaction_session_timeout={STATEMENT_SECONDS * 1000} -c TimeZone=UTC",
                "application_name": "anju",
            },
        )
        self._pools = {
            "chat": ThreadPoolExecutor(CHAT_CONNECTIONS, "postgres-chat"),
            "batch": ThreadPoolExecutor(BATCH_CONNECTIONS, "postgres-batch"),
        }
        self._turns = TurnQueue(self._together, self._apart)
        self._watch = Watch(silent_seconds)
        self._waiting = 0
        self._closed = False

    async def run(self, work: Work[T], lane: Lane = "chat", whose: Whose | None = None) -> T:
        """Do a turn with those that wait, other work in a thread of its lane; the result comes after the commit."""
        if self._closed:
            raise Unavailable("The program is stopping.")
        if self._waiting >= WAITING:
            raise Busy
        self._waiting += 1
        try:
            if whose is not None:
                return cast(T, await self._turns.run(work, whose))
            return await asyncio.get_running_loop().run_in_executor(self._pools[lane], self.run_now, work)
        finally:
            self._waiting -= 1

    async def read(self, work: Work[T]) -> T:
        """The same: PostgreSQL's readers don't disturb its writers."""
        return await self.run(work)

    def run_now(self, work: Work[T]) -> T:
        """One transaction; begun again when the server asks for it or an idle connection had died."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._transact(work)
            except PoolTimeout:
                raise Busy from None
            except DBAPIError as error:
                if attempt == TRIES or not _may_run_again(error):
                    raise _told(error) from None
        raise Unavailable

    def close(self) -> None:
        """Finish what waits, then close every connection."""
        self._closed = True
        self._turns.close()
        for pool in self._pools.values():
            pool.shutdown()
        self._watch.close()
        self.engine.dispose()

    def _together(self, works: Works) -> Mapping[Whose, Outcome]:
        """What became of turns; those that have to be done apart are not among them."""
        try:
            results = self.run_now(lambda unit: together.do(unit, works))
        except (LostUpdate, IntegrityError, Apart):
            return {}
        return {whose: done(result) for whose, result in results.items()}

    def _apart(self, turn: Turn) -> None:
        """One of them in a transaction of its own, in a thread that waits for others' locks if it has to."""
        self._pools["chat"].submit(self._do_apart, turn)

    def _do_apart(self, turn: Turn) -> None:
        try:
            outcome = done(self.run_now(turn.work))
        except Exception as error:  # noqa: BLE001 -- whatever it is, whoever waits is told
            outcome = failed(error)
        self._turns.over(turn.whose)
        deliver([(turn.loop, turn.future, outcome)])

    def _transact(self, work: Work[T]) -> T:
        with self.engine.connect() as connection:
            driver = connection.connection.dbapi_connection
            with self._watch.over(driver), connection.begin():
                return work(Unit(connection, self.vault))


def _may_run_again(error: DBAPIError) -> bool:
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in RETRYABLE


def _told(error: DBAPIError) -> Exception:
    """What the caller learns: gone and overloaded servers are Unavailable, the rest is a defect and stays itself."""
    gone = error.connection_invalidated or isinstance(error, OperationalError)
    return Unavailable() if gone else error
