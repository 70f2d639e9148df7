"""What a date moves: done once however often it is tried, and a permit that can't be read holds up no other."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from structlog.testing import capture_logs

from bot import permit_days
from bot.house import House
from bot.permit_days import PermitKeeper
from regulations.permit_days import COUNTS_ENDORSEMENT, counted_by
from storage import tables
from storage.unit import Unit
from tests import days
from tests.storage.test_permits import permit

GARBAGE = b"not what was sealed"
PEOPLE = 3


async def rows(house: House, table: Any) -> Sequence[Any]:
    return await house.database.run(lambda unit: unit.execute(select(table).order_by(table.c.id)).all())


async def lapsed(house: House) -> None:
    """Permits that were to be endorsed three days ago."""
    until = days.today() - timedelta(days=3)
    rules = counted_by(house.chat.office.pack.on(days.today()), COUNTS_ENDORSEMENT)
    told = {"valid_from": until - timedelta(days=365), "endorsed_until": until, "counted_by": rules}

    def write(unit: Unit) -> None:
        for place in range(1, PEOPLE + 1):
            permit(unit, place, number=f"HZ{place}", **told)

    await house.database.run(write)


async def spoil(house: House, number: int) -> None:
    spoilt = update(tables.permits).where(tables.permits.c.id == number).values(number_sealed=GARBAGE)
    await house.database.run(lambda unit: unit.execute(spoilt).close())


async def test_a_permit_that_cant_be_read_keeps_no_other_from_being_suspended(house: House, monkeypatch: Any) -> None:
    monkeypatch.setattr(permit_days, "SOME", 2)
    await lapsed(house)
    first, *others = [row.id for row in await rows(house, tables.permits)]
    await spoil(house, first)
    keeper = PermitKeeper(house.database, house.chat.office)
    for _ in range(2):
        with capture_logs() as log:
            await keeper.keep()
        assert {row.id: row.state for row in await rows(house, tables.permits)} == {
            first: "issued", **dict.fromkeys(others, "suspended"),
        }  # fmt: skip
        passed = [(line["of"], str(first) in line["place"]) for line in log if line["event"] == "passed over"]
        assert ("suspended", True) in passed
        assert all(of_the_first for _, of_the_first in passed)
    steps = [(row.permit_id, row.step) for row in await rows(house, tables.permit_steps)]
    assert [one for one in steps if one[1] == "suspended"] == [(number, "suspended") for number in others]


async def test_whoever_cant_be_looked_at_is_tried_again_once_they_can(house: House) -> None:
    await lapsed(house)
    number = (await rows(house, tables.permits))[0].id
    sealed = (await rows(house, tables.permits))[0].number_sealed
    await spoil(house, number)
    keeper = PermitKeeper(house.database, house.chat.office)
    with capture_logs():
        await keeper.keep()
    mended = update(tables.permits).where(tables.permits.c.id == number).values(number_sealed=sealed)
    await house.database.run(lambda unit: unit.execute(mended).close())
    with capture_logs() as log:
        await keeper.keep()
    assert log == []
    assert {row.state for row in await rows(house, tables.permits)} == {"suspended"}
