"""What is done about lists: fetched from their platform, read and checked, their good rows taken; a piece at a time."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from bot.channels.channel import Channel, FetchFailed
from bot.chat import Chat
from bot.imports.columns import Columns, Headings
from bot.imports.receiving import keep
from bot.imports.sheet import LARGEST, Row, Unreadable, is_sheet, rows
from bot.passing import else_one_by_one, passed_over
from handlers.office import importing, imports
from handlers.office.import_tenants import Taking
from handlers.office.imports import CalledOff, Checking
from storage import audit, conversations
from storage import imports as kept
from storage.audit import Act, Subject, Who
from storage.imports import Import
from storage.unit import Unit

log = structlog.get_logger(__name__)

T = TypeVar("T")
Tell = Callable[[Unit, Import, datetime], None]

TOGETHER = 50  # rows read, checked and kept at a time
ATTEMPTS = 4
PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(minutes=5)  # far below leases.WRONG: a longer one is taken for a wrong clock's
LEFT_AFTER = timedelta(hours=1)  # a file that came in without the message that hands it in


@dataclass(slots=True)
class Importer:
    """Works on one list after another; another copy of the program may work on others, never on the same."""

    chat: Chat
    channels: Mapping[str, Channel]
    _headings: Headings | None = field(default=None)

    async def work_due(self) -> int:
        """Everything there is to do; how many lists were worked on."""
        done, hour_ago = 0, datetime.now(UTC) - LEFT_AFTER
        await self.chat.database.run(lambda unit: kept.drop_left(unit, hour_ago), "batch")
        while (one := await self._claim()) is not None:
            await self._work(one)
            done += 1
        return done

    async def _claim(self) -> Import | None:
        return await self.chat.database.run(kept.claim, "batch")

    async def _work(self, one: Import) -> None:
        """What fails for no reason of the file's is tried again; the other lists go on meanwhile."""
        with passed_over("lists", number=one.id, state=one.state):
            await self._try(one)
            return
        await self._again(one)

    async def _try(self, one: Import) -> None:
        try:
            await {"waiting": self._fetch, "checking": self._check, "taking": self._take}[one.state](one)
        except Unreadable as unreadable:
            await self._refuse(one, unreadable.reason)
        except CalledOff:
            log.info("list called off", number=one.id)

    async def _again(self, one: Import) -> None:
        """Tried a few times, then refused; of one that is being taken the rest is tried for as long as it is kept."""
        if one.attempts >= ATTEMPTS and one.state != "taking":
            await self._refuse(one, "sheet_broken")
            return
        pause = min(PAUSE * one.attempts, LONGEST_PAUSE)
        await self.chat.database.run(lambda unit: kept.give_back(unit, one, pause), "batch")

    async def _refuse(self, one: Import, reason: str) -> None:
        now = datetime.now(UTC)

        def refuse(unit: Unit, tell: Tell) -> None:
            if kept.refuse(unit, one.id, reason, now):
                kept.drop_pieces(unit, one.id)
                kept.drop_lines(unit, one.id)
                tell(unit, one, now)

        await self._lead_on(one, refuse)

    async def _fetch(self, one: Import) -> None:
        """Get the file from its platform."""
        channel, reference = await self.chat.database.read(partial(_source, one=one))
        try:
            data = await self.channels[channel].fetch(reference)
        except FetchFailed as failure:
            if failure.retryable and one.attempts < ATTEMPTS:
                await self._again(one)
                return
            raise Unreadable("sheet_not_fetched") from None
        if len(data) > LARGEST or not is_sheet(data):
            raise Unreadable("sheet_too_large" if len(data) > LARGEST else "sheet_kind")
        await keep(self.chat.database, one.id, data)
        file_index = kept.index_of(self.chat.database.vault, hashlib.sha256(data).hexdigest())
        now = datetime.now(UTC)
        await self.chat.database.run(lambda unit: kept.whole(unit, one.id, file_index, len(data), now), "batch")

    async def _check(self, one: Import) -> None:
        """Read the file, keep what each row says and what is wrong with it, and tell the sender."""
        if await self._lead_on(one, partial(_is_again, one)):
            return
        await self.chat.database.run(lambda unit: kept.drop_lines(unit, one.id), "batch")
        checking: Checking | None = None
        columns: Columns | None = None
        total = {"total": 0, "good": 0, "bad": 0, "known": 0}
        async for batch in rows(partial(self._piece, one.id), TOGETHER):
            if columns is None or checking is None:
                columns = self._columns(batch)
                checking = await self.chat.database.read(partial(self._checking, one=one, kind=columns.kind))
            total = await self._check_some(one, columns, checking, batch, total)
        await self._checked(one, total)

    async def _piece(self, import_id: int, number: int) -> bytes | None:
        return await self.chat.database.read(lambda unit: kept.piece(unit, import_id, number))

    def _columns(self, batch: list[Row]) -> Columns:
        if self._headings is None:
            self._headings = Headings(self.chat.words)
        columns = self._headings.find(batch)
        if columns is None or self._headings.missing(columns):
            raise Unreadable("sheet_headings")
        return columns

    def _checking(self, unit: Unit, one: Import, kind: str) -> Checking:
        office = self.chat.office
        where = imports.where_of(unit, one, office)
        return Checking(imports.KINDS[kind], where, office, one.language)

    async def _check_some(
        self, one: Import, columns: Columns, checking: Checking, batch: list[Row], before: Mapping[str, int]
    ) -> dict[str, int]:
        """Checked beside the writer, kept by it."""
        told = [(row[0], columns.cells(row)) for row in batch if row[0] > columns.row]
        wanted = [(number, cells) for number, cells in told if not columns.is_example(cells)]
        now, place = datetime.now(UTC), before["total"]
        lines = await self.chat.database.read(lambda unit: checking.check(unit, wanted, now))
        counts = {name: before[name] + number for name, number in imports.counted(lines).items()}

        def write(unit: Unit) -> None:
            if lines:
                kept.keep_lines(unit, one.id, place, lines)
            if not kept.note(unit, one, now, kind=columns.kind, **counts):
                raise CalledOff

        await self.chat.database.run(write, "batch")
        return counts

    async def _checked(self, one: Import, total: Mapping[str, int]) -> None:
        if not total["total"]:
            raise Unreadable("sheet_empty")
        now = datetime.now(UTC)

        def end(unit: Unit, tell: Tell) -> None:
            if kept.move(unit, one.id, ("checking",), "checked", now):
                kept.drop_pieces(unit, one.id)
                tell(unit, one, now)

        await self._lead_on(one, end)
        log.info("list checked", number=one.id, **total)

    async def _take(self, one: Import) -> None:
        """Take the good rows, a few in each piece of work; after a crash it goes on from the last of them."""
        taking = await self.chat.database.read(partial(self._taking, one=one))
        current: Import | None = one
        while current is not None:
            one = current
            current = await self._take_some(one, taking)
        await self._taken(one)

    async def _take_some(self, one: Import, taking: Taking) -> Import | None:
        together = self.chat.database.run(partial(imports.take_some, one=one, taking=_now(taking)), "batch")
        return await else_one_by_one(together, partial(self._take_one_by_one, one, taking))

    async def _take_one_by_one(self, one: Import, taking: Taking) -> Import:
        """As many rows as failed together; the list as it stands then."""
        for _ in range(imports.TAKEN_AT_ONCE):
            row = await self.chat.database.read(partial(imports.next_row, one=one))
            if row is None:
                break
            one = await self._take_one(one, row, taking) or one
        return one

    async def _take_one(self, one: Import, row: int, taking: Taking) -> Import | None:
        """A row that fails alone is bad, and the list goes on behind it."""
        with passed_over("lists", number=one.id, row=row):
            work = partial(imports.take_some, one=one, taking=_now(taking), at_most=1)
            return await self.chat.database.run(work, "batch")
        now = datetime.now(UTC)
        return await self.chat.database.run(lambda unit: imports.pass_over(unit, one, now), "batch")

    def _taking(self, unit: Unit, one: Import) -> Taking:
        holder = "" if one.staff_id else conversations.holder_of(unit, one.conversation_id or 0)
        where = imports.where_of(unit, one, self.chat.office)
        return Taking(where, self.chat.office, datetime.now(UTC), holder, one.staff_id)

    async def _taken(self, one: Import) -> None:
        now = datetime.now(UTC)

        def end(unit: Unit, tell: Tell) -> None:
            if kept.move(unit, one.id, ("taking",), "done", now):
                tell(unit, one, now)
                who = Who("staff", one.staff_id) if one.staff_id else Who("person", str(one.conversation_id))
                details = {"rows": one.taken, "kind": one.kind}
                audit.append(unit, Act(who, "imported", Subject("import", str(one.id)), details=details), now)

        await self._lead_on(one, end)
        log.info("list taken", number=one.id, taken=one.taken)

    async def _lead_on(self, one: Import, work: Callable[[Unit, Tell], T]) -> T:
        """Work that tells the sender how their list stands; where they can't be told, it is done all the same."""
        with passed_over("lists", number=one.id, state=one.state):
            return await self.chat.database.run(lambda unit: work(unit, self._tell), "batch")
        return await self.chat.database.run(lambda unit: work(unit, _untold), "batch")

    def _tell(self, unit: Unit, one: Import, now: datetime) -> None:
        standing = kept.get(unit, one.id)
        if standing is not None:
            importing.tell(unit, standing, self.chat.office, now)


def _is_again(one: Import, unit: Unit, tell: Tell) -> bool:
    """The same file as before, of which nothing is open: it needs no second look."""
    before, now = kept.same(unit, one), datetime.now(UTC)
    if before is None or (before.state == "done" and before.bad):
        return False
    kept.again(unit, one, before, now)
    kept.drop_pieces(unit, one.id)
    tell(unit, one, now)
    return True


def _untold(unit: Unit, one: Import, now: datetime) -> None:
    """Where the sender's talk can't be read, the page shows how the list stands."""


def _now(taking: Taking) -> Taking:
    return replace(taking, now=datetime.now(UTC))


def _source(unit: Unit, one: Import) -> tuple[str, str]:
    """The channel a file came by, and the platform's reference."""
    found = conversations.address_of(unit, one.conversation_id or 0)
    return (found[0] if found else ""), kept.reference(unit, one.id)
