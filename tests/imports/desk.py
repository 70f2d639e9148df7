"""Handing in a list without a channel around it: whose it is, working on it, and what was said."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.house import House
from bot.imports.importer import Importer
from bot.imports.receiving import in_pieces, receive
from handlers import turns
from handlers.messages import Reply
from handlers.office import importing
from storage import claims, conversations, imports, tables
from storage.imports import Import, Line, Sender
from storage.records import Home
from storage.unit import Unit
from tests.housed import LANDLORD, let

ROOMS = tuple(str(number) for number in range(101, 111))


@dataclass(slots=True)
class Landlord:
    """Somebody who answers for homes and hands in lists."""

    house: House
    conversation: int
    homes: tuple[Home, ...]

    async def hand_in(self, data: bytes) -> Import:
        """Upload a file and let it be checked."""
        number = await receive(self.house.database, Sender("zh", self.conversation), in_pieces(data))
        now = datetime.now(UTC)
        await self.house.database.run(lambda unit: imports.move(unit, number, ("receiving",), "checking", now))
        await self.work()
        return await self.standing(number)

    async def take(self, number: int) -> Import:
        """Press the button, and let it be done."""
        await self.press(number)
        await self.work()
        return await self.standing(number)

    async def press(self, number: int) -> bool:
        """Press the button."""
        return await self.house.database.run(lambda unit: self._accept(unit, number))

    async def work(self) -> int:
        """What the clock would start."""
        return await Importer(self.house.chat, {}).work_due()

    async def standing(self, number: int) -> Import:
        """How a list stands."""
        found = await self.house.database.read(lambda unit: imports.get(unit, number))
        assert found is not None
        return found

    async def lines(self, number: int) -> list[Line]:
        """Every row that is kept."""
        kept: list[Line] = []
        while True:
            read = partial(imports.lines, import_id=number, at=len(kept))
            _, some = await self.house.database.read(read)
            if not some:
                return kept
            kept += some

    async def told(self) -> list[Reply]:
        """Everything that the outbox says about lists, in order."""
        return [reply for one in await self.house.database.read(_told) for reply in one]

    def _accept(self, unit: Unit, number: int) -> bool:
        found = conversations.address_of(unit, self.conversation)
        assert found is not None
        conversation = conversations.lock(unit, *found)
        one = imports.get(unit, number)
        assert conversation is not None
        assert one is not None
        changed = importing.accept(unit, one, conversation, datetime.now(UTC))
        if changed is not None and changed != conversation:
            conversations.save(unit, changed, datetime.now(UTC))
        return changed is not None


async def worked(house: House, seconds: float = 60) -> None:
    """Everything there is to do about lists is done, by this or by the program's own clock."""
    async with asyncio.timeout(seconds):
        await Importer(house.chat, {}).work_due()
        while await house.database.read(_under_way):
            await asyncio.sleep(0.05)
            await Importer(house.chat, {}).work_due()


async def landlord(house: House, homes: int = 10, holder: str = LANDLORD, who: str = "landlord") -> Landlord:
    """A landlord with confirmed homes of ten rooms each."""
    now = datetime.now(UTC)

    def begin(unit: Unit) -> Landlord:
        talk = conversations.begin(unit, "engine", who, "zh", now)
        conversations.save(unit, replace(talk, holder_id=holder), now)
        own = tuple(let(unit, *ROOMS, holder=holder, address=f"幸福路{number + 20}号") for number in range(homes))
        return Landlord(house, talk.id, own)

    return await house.database.run(begin)


def places(one: Landlord) -> list[tuple[str, Sequence[str]]]:
    """The homes as a list names them."""
    return [(home.address, ROOMS) for home in one.homes]


async def count(house: House, table: str) -> int:
    """How many rows a table has."""
    from sqlalchemy import func, select

    counted = select(func.count()).select_from(getattr(tables, table))
    return int(await house.database.read(lambda unit: unit.execute(counted).scalar_one()))


def _under_way(unit: Unit) -> int:
    from sqlalchemy import func, select

    some = tables.imports.c.state.in_(imports.WORKED_ON)
    return int(unit.execute(select(func.count()).select_from(tables.imports).where(some)).scalar_one())


def _told(unit: Unit) -> list[tuple[Reply, ...]]:
    from sqlalchemy import select

    rows = unit.execute(select(tables.outbox).order_by(tables.outbox.c.id)).all()
    wanted: list[Any] = [row for row in rows if row.once_key.startswith("import:")]
    return [turns.unpacked(b"", 0, unit.vault.open_json(row.message_sealed, claims.MESSAGE)).replies for row in wanted]
