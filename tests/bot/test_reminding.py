"""The reminders' clock: one copy at a time, another where that one is gone, and what the operator sees."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy import Table, select, update
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot import cli
from bot.house import House
from bot.reminding import Reminder
from handlers.reminders import planning
from storage import leases, tables
from storage.unit import Unit
from tests import house as houses
from tests.conftest import NOW
from tests.reminded import messages, rows, talk

SOON = NOW + timedelta(days=1)
GARBAGE = b"not what was sealed"


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(database_url)) as opened:
        yield opened


def copy(house: House, name: str, at: datetime = SOON) -> Reminder:
    return Reminder(house.database, house.chat.office, name, clock=lambda unit: at)


async def test_of_two_copies_one_tells_and_the_other_takes_over_when_it_stops(house: House) -> None:
    await house.database.run(talk)
    first, second = copy(house, "first"), copy(house, "second")
    await first.tick()
    await second.tick()
    assert second.planned_on is None
    assert len(await house.database.run(messages)) == 1
    await first.give_back()
    later = copy(house, "second", SOON + timedelta(days=2))
    await later.tick()
    assert later.planned_on is not None
    assert [state for _, state, _ in await house.database.run(messages)] == ["suppressed", "waiting"]


async def test_where_planning_fails_what_is_due_is_told_and_what_was_looked_at_is_not_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.database.run(talk)
    looked: list[object] = []

    def fail(*_: object, **__: object) -> None:
        raise KeyError("an unreadable row")

    def look(*told: object) -> tuple[list[planning.Matter], None]:
        looked.append(told)
        return [], None

    monkeypatch.setattr("bot.reminding.planning.ahead", fail)
    monkeypatch.setattr("bot.reminding.planning.open_ahead", look)
    only = copy(house, "only")
    for _ in range(2):
        with pytest.raises(KeyError):
            await only.tick()
    assert len(await house.database.run(messages)) == 1
    assert len(looked) == 1


async def talks_of(house: House, *people: str) -> list[int]:
    """A talk that each of them began and left; their conversations."""
    return [await house.database.run(partial(talk, who=who)) for who in people]


async def keep_state(house: House, number: int, sealed: bytes) -> None:
    talks = tables.conversations
    changed = update(talks).where(talks.c.id == number).values(state_sealed=sealed)
    await house.database.run(lambda unit: unit.execute(changed).close())


async def told(house: House) -> list[int]:
    return [row.conversation_id for row in await rows_of(house, tables.outbox)]


async def rows_of(house: House, table: Table) -> Sequence[Any]:
    return await house.database.run(lambda unit: unit.execute(select(table).order_by(table.c.id)).all())


def passed_over() -> float:
    return REGISTRY.get_sample_value("anju_passed_over_total", {"part": "reminders"}) or 0.0


async def test_a_matter_that_cant_be_planned_holds_up_no_other(house: House) -> None:
    first, unreadable, last = await talks_of(house, "a", "b", "c")
    await house.database.run(lambda unit: unit.execute(tables.reminders.delete()).close())
    await keep_state(house, unreadable, GARBAGE)
    before, one = passed_over(), copy(house, "one", NOW + timedelta(hours=1))
    with capture_logs() as log:
        await one.tick()
    planned = [row.conversation_id for row in await rows_of(house, tables.reminders)]
    assert Counter(planned) == {first: 3, last: 3}
    assert one.planned_on is not None
    assert {(line["event"], line["entry"], line["subject"]) for line in log if line["event"] == "passed over"} == {
        ("passed over", "unfinished_talk", unreadable),
        ("passed over", "registration_due", unreadable),
    }
    assert passed_over() - before == 2


async def test_a_person_who_cant_be_told_holds_up_nobody_and_is_tried_again_the_next_day(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.reminding.PEOPLE", 1)
    unreadable, second, third = await talks_of(house, "a", "b", "c")
    sealed = (await rows_of(house, tables.conversations))[0].state_sealed
    await keep_state(house, unreadable, GARBAGE)
    one = copy(house, "one")
    one.planned_on = SOON.astimezone(one.office.zone).date()  # planned while it could be read
    with capture_logs() as log:
        await one.tick()
        assert await told(house) == [second, third]
        await one.tick()
    (line,) = (line for line in log if line["event"] == "passed over")
    first = (await rows_of(house, tables.reminders))[0]
    assert line["numbers"] == [first.id]
    assert first.state == "planned"
    await keep_state(house, unreadable, sealed)
    one.clock = lambda unit: SOON + timedelta(days=2)  # when the talk is reminded of again
    await one.tick()
    assert Counter(await told(house)) == {unreadable: 1, second: 2, third: 2}


async def test_a_copy_that_lost_its_lease_in_the_middle_does_nothing_more(house: House) -> None:
    await house.database.run(talk)
    stale = copy(house, "stale")
    assert await stale._run(lambda unit, now: now) == SOON

    def robbed(unit: Unit) -> None:
        unit.execute(update(tables.leases).values(holder="other"))

    await house.database.run(robbed)
    await stale.tick()
    assert await house.database.run(messages) == []


async def test_the_daily_plan_comes_once_a_day_and_at_a_start(house: House) -> None:
    await house.database.run(talk)
    await house.database.run(lambda unit: unit.execute(tables.reminders.delete()).close())
    at = NOW + timedelta(hours=1)
    one = copy(house, "one", at)
    await one.plan()
    assert len(await house.database.run(rows)) == 3
    await house.database.run(lambda unit: unit.execute(tables.reminders.delete()).close())
    await one.tick()
    assert await house.database.run(rows) == []
    one.clock = lambda unit: at + timedelta(hours=14)  # after midnight
    await one.tick()
    assert {one.offset_days for one in await house.database.run(rows)} == {1, 3, 7}


async def test_the_lease_has_a_name_of_its_own(house: House) -> None:
    await copy(house, "one").tick()
    found = await house.database.run(lambda unit: unit.execute(select(tables.leases.c.name)).scalars().all())
    assert "reminders" in found
    assert await house.database.run(lambda unit: leases.holds(unit, "reminders", "one"))


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CliRunner]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_KEYS", houses.KEYS)
    monkeypatch.setenv("ANJU_DATABASE_URL", houses.migrated_file(tmp_path / "anju.db"))
    monkeypatch.setenv("COLUMNS", "200")
    yield CliRunner()
    structlog.reset_defaults()


async def test_the_operator_sees_what_is_planned_and_due_but_not_for_whom(operator: CliRunner, tmp_path: Path) -> None:
    assert "Nothing is planned." in operator.invoke(cli.app, ["reminders", "plan"]).output
    now = datetime.now(UTC)
    async with houses.opened(houses.settings(f"sqlite:///{tmp_path / 'anju.db'}")) as house:
        await house.database.run(lambda unit: talk(unit, at=now - timedelta(days=2)))
    planned = operator.invoke(cli.app, ["reminders", "plan", "--days", "20"]).output
    assert planned.count("unfinished_talk") == 3
    assert operator.invoke(cli.app, ["reminders", "due"]).output.count("unfinished_talk") in {1, 2}
    shown = operator.invoke(cli.app, ["reminders", "show", "1"])
    assert shown.output.count("planned") == 3
    gone = operator.invoke(cli.app, ["reminders", "show", "99"])
    assert (gone.exit_code, gone.output.strip()) == (1, "There is no reminder of that number.")


@pytest.mark.parametrize("hour", ["9", "24:00", "nine"])
def test_an_hour_that_is_none_is_refused_with_a_good_one(operator: CliRunner, hour: str) -> None:
    from bot.settings import BadSettings, read_settings

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ANJU_REMIND_AT", hour)
        with pytest.raises(BadSettings, match="09:00"):
            read_settings()
