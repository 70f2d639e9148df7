"""Past the last year whose holidays are known: a safe day, nobody called late, and the exact day once it is known."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import metrics
from bot.house import House
from bot.recount import Recounter
from bot.render import Words
from bot.tongue import OfficeFacts
from handlers.messages import Incoming
from handlers.office import duties, homes
from handlers.turns import unpacked
from regulations.pack import load
from storage import conversations, recounts, submissions, tables, tenancies
from storage import duties as stored
from storage.records import Submission
from storage.tenancies import Tenancy, Word
from storage.unit import Unit
from tests import house as houses
from tests.talks.typed import typed

NEW_YEAR = """
[[years]]
year = 2027
source = "invented for a test"
complete = true
rest = ["2027-01-01/2027-01-03", "2027-05-01", "2027-10-01/2027-10-07"]
work = ["2027-01-09"]
"""
ARRIVED = datetime(2026, 12, 31, 2, tzinfo=UTC)  # days 1 to 3 fall into 2027


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(database_url)) as opened:
        yield opened


async def registers(house: House, arrived: str, at: datetime) -> tuple[Submission, str]:
    """Somebody who arrived on a day registers at an instant; what was kept, and the receipt."""
    text = ""
    for number, words in enumerate(typed()):
        said = arrived if words == "昨天" else words
        answered = await house.chat.answer(Incoming("engine", "me", f"m{number}", at, text=said))
        text = "\n".join(message.text for message in house.chat.messages(answered))
    return await kept(house), text


async def kept(house: House) -> Submission:
    talk = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert talk is not None
    return (await house.database.read(lambda unit: submissions.of_holder(unit, talk.holder_id)))[0]


def told(unit: Unit) -> list[str]:
    """The templates that wait in the outbox, as words would be made of them."""
    rows = unit.execute(select(tables.outbox.c.message_sealed)).scalars()
    found = [unpacked(b"", 0, unit.vault.open_json(row, "outbox.message")) for row in rows]
    return [reply.template for answered in found for reply in answered.replies]


async def with_holidays(house: House, folder: Path) -> Recounter:
    """The same house started again with a table of holidays."""
    file = folder / "holidays.toml"
    file.write_text(NEW_YEAR, "utf-8")
    calendar = houses.settings("sqlite://", holidays=str(file)).calendar
    return Recounter(house.database, replace(house.chat.office, calendar=calendar))


async def test_who_acts_by_the_safe_day_is_in_time_and_nothing_is_left_open(house: House) -> None:
    sent, receipt = await registers(house, "2026年12月31日", datetime(2027, 1, 3, 2, tzinfo=UTC))
    assert (sent.due_on, sent.in_time, sent.holidays_of) == (None, True, 2027)
    assert "按时办了" in receipt
    assert "过了期限" not in receipt


async def test_who_acts_after_the_safe_day_is_not_called_late_before_the_holidays_are_known(
    house: House, tmp_path: Path
) -> None:
    sent, receipt = await registers(house, "2026年12月31日", datetime(2027, 1, 6, 2, tzinfo=UTC))
    assert (sent.due_on, sent.late_after, sent.in_time, sent.holidays_of) == (None, None, None, 2027)
    assert "2027年的放假安排还没公布" in receipt
    assert "过了期限" not in receipt

    await (await with_holidays(house, tmp_path)).count_due()
    counted = await kept(house)
    assert (counted.due_on, counted.in_time, counted.holidays_of) == (date(2027, 1, 6), True, None)
    assert await house.database.read(told) == ["say/due_known"]


async def test_the_exact_day_is_told_once_however_often_and_by_however_many_it_is_counted(
    house: House, tmp_path: Path
) -> None:
    await registers(house, "2026年12月31日", datetime(2027, 1, 8, 2, tzinfo=UTC))
    one, other = await with_holidays(house, tmp_path), await with_holidays(house, tmp_path)
    await asyncio.gather(one.count_due(), other.count_due())
    await one.count_due()
    counted = await kept(house)
    assert (counted.due_on, counted.in_time) == (date(2027, 1, 6), False)
    assert await house.database.read(told) == ["say/due_known"]


async def test_the_operator_is_told_which_year_is_missing(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    await registers(house, "2026年12月31日", datetime(2027, 1, 6, 2, tzinfo=UTC))
    await Recounter(house.database, house.chat.office).count_due()
    assert await house.database.read(recounts.waiting) == {2027: 1}
    assert metrics.WAITING_FOR_HOLIDAYS.labels("2027")._value.get() == 1
    assert metrics.LAST_YEAR._value.get() == 2026
    assert "holiday_calendar_missing_2027" in capsys.readouterr().out


async def test_an_arrival_before_the_first_known_year_waits_for_nothing(house: House) -> None:
    sent, receipt = await registers(house, "2002年6月1日", datetime(2026, 3, 3, 2, tzinfo=UTC))
    assert (sent.due_on, sent.holidays_of) == (date(2002, 6, 4), None)
    assert "放假安排" not in receipt


async def test_a_corrected_table_moves_what_is_open(house: House, tmp_path: Path) -> None:
    sent, _ = await registers(house, "2026年11月20日", datetime(2026, 11, 25, 2, tzinfo=UTC))
    assert (sent.due_on, sent.in_time) == (date(2026, 11, 25), True)
    file = tmp_path / "holidays.toml"
    file.write_text(
        '[[years]]\nyear = 2026\nsource = "invented for a test"\nrest = ["2026-11-24/2026-11-25"]\n', "utf-8"
    )
    calendar = houses.settings("sqlite://", holidays=str(file)).calendar
    await Recounter(house.database, replace(house.chat.office, calendar=calendar)).count_due()
    assert (await kept(house)).due_on == date(2026, 11, 27)
    assert await house.database.read(told) == []


UNKNOWN = {
    "rule": "registration.deadline", "event_on": "2026-12-31", "due_on": None, "safe_on": "2027-01-03", "in_time": None,
    "missing_year": 2027,
}  # fmt: skip
KNOWN = {**UNKNOWN, "due_on": "2027-01-06", "in_time": False, "missing_year": None}


@pytest.mark.parametrize(
    ("language", "data", "words"),
    [
        ("zh", UNKNOWN, "请在2027年1月3日（星期日）之前（含当天）办好，这样一定不会晚；2027年的放假安排还没公布"),
        ("zh", KNOWN, "请在2027年1月6日（星期三）之前（含当天）办好（杭州市流动人口服务管理规定 第九条）。"),
        ("en", UNKNOWN, "Please do it by Sunday 3 January 2027, which is in time whatever comes; the holidays of 2027"),
        ("en", KNOWN, "Please do it by Wednesday 6 January 2027 ("),
    ],
)
def test_a_deadline_is_told_by_its_safe_day_until_the_exact_one_is_known(
    language: str, data: dict[str, object], words: str
) -> None:
    spoken = Words(load("cn-zj-hangzhou"), OfficeFacts(), tuple)
    assert spoken.fill(language, '{% include "_due" %}', data).startswith(words)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_day_that_was_promised_is_told_with_its_source(language: str) -> None:
    said = Words(load("cn-zj-hangzhou"), OfficeFacts(), tuple).say(language, "say/due_known", number="A-1", **KNOWN)
    assert {"zh": "2027年1月6日", "en": "6 January 2027"}[language] in said
    assert {"zh": "第九条", "en": "art. 9"}[language] in said


async def test_a_landlords_duty_waits_with_its_safe_day_and_is_counted_once_the_year_is_known(
    house: House, tmp_path: Path
) -> None:
    now, office = datetime(2026, 12, 31, 2, tzinfo=UTC), house.chat.office

    def begin(unit: Unit) -> int:
        code = homes.register(unit, "S01-01", "幸福路18号", now)
        new = Tenancy(home=code, area="S01-01", state="claimed", acts_as="owner")
        tenancy, _ = tenancies.begin(unit, new, Word("tenant", now, "lives"))
        duties.begin(unit, tenancy, "holder", "start", date(2026, 12, 31), office)
        return tenancy.id

    tenancy = await house.database.run(begin)
    duty = await house.database.read(lambda unit: duties.of(unit, tenancy, "start"))
    assert duty is not None
    assert (duty.due_on, duty.rolled_on, duty.safe_on) == (None, None, date(2027, 1, 3))
    planned = await house.database.read(lambda unit: stored.still_open(unit, date(2027, 1, 3)))
    assert [one.id for one in planned] == [duty.id]
    assert duties.standing(duty, date(2027, 1, 9)) == "due"

    await (await with_holidays(house, tmp_path)).count_due()
    counted = await house.database.read(lambda unit: duties.of(unit, tenancy, "start"))
    assert counted is not None
    assert (counted.due_on, counted.rolled_on) == (date(2027, 1, 6), date(2027, 1, 6))
    assert duties.standing(counted, date(2027, 1, 9)) == "overdue"
