"""What became of attempts, written down together: whatever comes while a commit is under way goes into the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from handlers.office.sending import End
from storage.errors import StorageError

log = structlog.get_logger(__name__)

MOST = 100  # in one transaction
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
PATIENCE = 120.0  # seconds without a database, after which what is left counts as of unknown outcome

Written = asyncio.Future[None]


@dataclass(slots=True)
class Ends:
    """Gathers ends and writes them; `write` puts some into one transaction."""

    write: Callable[[Sequence[End]], Awaitable[None]]
    _waiting: list[tuple[End, Written]] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    async def note(self, end: End) -> None:
        """Returns when it is written; StorageError where the database stays away for too long."""
        await self.take([end])[0]

    async def note_all(self, some: Sequence[End]) -> list[BaseException]:
        """The same for several; why some couldn't be written."""
        written = await asyncio.gather(*self.take(some), return_exceptions=True)
        return [fault for fault in written if fault is not None]

    def take(self, some: Sequence[End]) -> list[Written]:
        """They are written as soon as can be, whether anybody waits for it or not."""
        written: list[Written] = [asyncio.get_running_loop().create_future() for _ in some]
        self._waiting += zip(some, written, strict=True)
        if some and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write_all())
        return written

    async def _write_all(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._write_until_there([end for end, _ in some])
            except Exception as fault:  # noqa: BLE001 -- told to whoever waits for the end that is to blame
                await self._write_apart(some, fault)
            else:
                for _, written in some:
                    _tell(written, None)

    async def _write_apart(self, some: Sequence[tuple[End, Written]], fault: Exception) -> None:
        """One end that can't be written doesn't keep the others from it."""
        apart = len(some) > 1 and not isinstance(fault, StorageError)
        for end, written in some:
            _tell(written, await self._fault_of(end) if apart else fault)

    async def _fault_of(self, end: End) -> Exception | None:
        try:
            await self._write_until_there([end])
        except Exception as fault:  # noqa: BLE001 -- handed to whoever waits
            return fault
        return None

    async def _write_until_there(self, ends: Sequence[End]) -> None:
        """The database may be away for a while; what was sent isn't forgotten meanwhile."""
        pause, waited = FIRST_PAUSE, 0.0
        while True:
            try:
                return await self.write(ends)
            except StorageError:
                if waited >= PATIENCE:
                    raise
                log.warning("ends_not_written", ends=len(ends))
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, LONGEST_PAUSE)


def _tell(written: Written, fault: Exception | None) -> None:
    if written.done():
        return
    if fault is None:
        written.set_result(None)
    else:
        written.set_exception(fault)
