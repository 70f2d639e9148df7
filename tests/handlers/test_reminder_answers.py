"""What people answer to reminders: later, done, of which; never of somebody else; both databases."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.house import House
from handlers.messages import Incoming, Tap
from handlers.reminders import telling
from handlers.turns import Answered
from storage.reminders import Reminder
from storage.unit import Unit
from tests import house as houses
from tests.conftest import NOW
from tests.handlers.filed import HOLDER, OFFICE
from tests.reminded import changed, moved_out, permit, rows, talk

NINE = datetime.combine(date(2026, 11, 24), time(9), OFFICE.zone)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(database_url)) as opened:
        yield opened


async def say(house: House, value: str, who: str = "me", at: datetime = NINE) -> Answered:
    """Press a button of a reminder."""
    say.number += 1  # type: ignore[attr-defined]  # counts the messages of this module
    tap = Tap("", "", value)
    return await house.chat.answer(Incoming("engine", who, f"a{say.number}", at, choice=tap))  # type: ignore[attr-defined]


say.number = 0  # type: ignore[attr-defined]  # the same


async def tell(house: House, at: datetime = NINE) -> None:
    await house.database.run(lambda unit: telling.tell_due(unit, house.chat.office, at))


async def planned(house: House, entry: str = "unfinished_talk") -> list[Reminder]:
    found = await house.database.run(lambda unit: rows(unit, entry))
    return [one for one in found if one.state == "planned"]


def heard(answered: Answered) -> list[str]:
    return [reply.template for reply in answered.replies]


@pytest.mark.parametrize(("word", "days"), [("tomorrow", 1), ("week", 7)])
async def test_later_comes_on_its_day_beside_what_is_planned(house: House, word: str, days: int) -> None:
    await house.database.run(talk)
    await tell(house)
    answered = await say(house, f"remind:{word}:1")
    assert heard(answered)[0] == "say/reminder_later"
    on = NINE.date() + timedelta(days=days)
    assert answered.replies[0].data["on"] == on.isoformat()
    asked = [one for one in await planned(house) if one.origin == "asked"]
    assert [one.remind_on for one in asked] == [on]
    again = await say(house, "remind:week:1")
    assert again.replies[0].data["on"] == "2026-12-01"
    asked = [one for one in await planned(house) if one.origin == "asked"]
    assert [one.remind_on for one in asked] == [NINE.date() + timedelta(days=7)]


async def test_later_is_never_past_a_day_that_is_still_to_come(house: House) -> None:
    await house.database.run(lambda unit: talk(unit, arrived_on="2026-11-22"))
    await tell(house)
    answered = await say(house, "remind:week")
    assert answered.replies[0].data == {"on": "2026-11-25", "sooner": True}


async def test_done_ends_what_was_still_to_come_until_the_day_is_another(house: House) -> None:
    number = await house.database.run(talk)
    await tell(house)
    answered = await say(house, "remind:done:1")
    assert answered.replies[0].data["names"] == ["unfinished_talk"]
    await say(house, "remind:done:1")
    assert await planned(house) == []
    found = await house.database.run(rows)
    assert [one.state for one in found].count("dismissed") >= 2
    await house.database.run(lambda unit: changed(unit, number, NINE + timedelta(days=3)))
    assert {one.offset_days for one in await planned(house)} == {1, 3, 7}


async def test_done_after_everything_was_told_is_kept_as_well(house: House) -> None:
    number = await house.database.run(lambda unit: permit(unit, card="ready", ready_on=date(2026, 10, 25)))
    await tell(house)
    await house.database.run(lambda unit: talk(unit, "x"))
    assert number
    answered = await say(house, "remind:done", "x")
    assert heard(answered)[0] == "say/reminders"


async def test_nobody_speaks_about_somebody_else_s_reminder(house: House) -> None:
    await house.database.run(talk)
    await house.database.run(lambda unit: talk(unit, "other"))
    await tell(house)
    before = await house.database.run(rows)
    for value in ("remind:done:1", "remind:tomorrow:1", "remind:done:unfinished_talk:1", f"remind:done:{9 * 10**15}"):
        answered = await say(house, value, "other")
        assert heard(answered)[0] == "say/reminders"
    assert await house.database.run(rows) == before


@pytest.mark.parametrize(
    "value", ["remind", "remind:x", "remind:done:nothing", "remind:done:99", f"remind:done:{10**20}"]
)
async def test_words_that_mean_no_reminder_show_what_is_to_come(house: House, value: str) -> None:
    await house.database.run(talk)
    answered = await say(house, value)
    assert heard(answered)[0] == "say/reminders"
    assert [line["on"] for line in answered.replies[0].data["lines"]] == ["2026-11-24", "2026-11-26", "2026-11-30"]


async def test_what_was_settled_meanwhile_is_not_put_off(house: House) -> None:
    number = await house.database.run(talk)
    await tell(house)

    def sent(unit: Unit) -> None:
        from sqlalchemy import update

        from storage import tables

        unit.execute(update(tables.outbox).values(state="sent", ended_at=NOW))
        changed(unit, number, draft="", answers={})

    await house.database.run(sent)
    answered = await say(house, "remind:tomorrow:1")
    assert heard(answered)[0] == "say/reminder_settled"


async def test_one_of_two_things_is_done_by_its_own_button(house: House) -> None:
    await house.database.run(lambda unit: moved_out(unit, date(2026, 11, 16)))
    await house.database.run(lambda unit: talk(unit, "tenant", "t" * 32, NOW - timedelta(days=1)))
    at = datetime.combine(date(2026, 11, 25), time(9), OFFICE.zone)
    await tell(house, at)
    found = await house.database.run(rows)
    lead = next(one for one in found if one.message_key and one.entry in {"moved_out", "unfinished_talk"})
    await say(house, f"remind:done:moved_out:{lead.id}", "tenant", at)
    open_now = {one.entry for one in await house.database.run(rows) if one.is_open and one.holder_id == "t" * 32}
    assert "moved_out" not in open_now
    assert HOLDER != "t" * 32
    assert at.tzinfo is not UTC
