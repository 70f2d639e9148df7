"""One row that can't be read or said holds up no other; on both databases."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Table, func, select, update
from structlog.testing import capture_logs

from bot import metrics
from bot.delivery import Sender
from bot.house import House
from bot.passing import passed_over
from bot.postponed import Answerer
from bot.purge import Purger
from bot.recount import Recounter
from bot.rounds import FAULT
from bot.silences import SilenceEnder
from handlers import turns
from handlers.messages import Incoming, Reply
from handlers.turns import Answered
from storage import claims, deliveries, postponed, tables
from storage.errors import Unavailable
from storage.unit import Unit
from tests import house as houses
from tests.bot.stations import Station, states
from tests.bot.test_holidays import NEW_YEAR
from tests.certified import say
from tests.talks.typed import typed

pytestmark = pytest.mark.usefixtures("log")  # a trace in colours would take longer than the test
GARBAGE = b"not what was sealed"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def log() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


def counted(part: str) -> float:
    return REGISTRY.get_sample_value("anju_passed_over_total", {"part": part}) or 0.0


async def all_of(house: House, table: Table) -> Sequence[Any]:
    key = table.primary_key.columns[0]
    return await house.database.run(lambda unit: unit.execute(select(table).order_by(key)).all())


async def write(house: House, table: Table, which: Any = None, **values: Any) -> None:
    changed = update(table).values(**values) if which is None else update(table).where(which).values(**values)
    await house.database.run(lambda unit: unit.execute(changed).close())


async def test_a_fault_of_the_row_is_told_by_its_kind_and_counted_and_one_of_the_database_is_not(
    log: list[Any],
) -> None:
    before = counted("silences")
    with passed_over("silences", number=7) as tried:
        raise ValueError("what somebody said")
    assert tried.failed
    assert [(line["event"], line["part"], line["number"]) for line in log] == [("passed over", "silences", 7)]
    with pytest.raises(Unavailable), passed_over("silences"):
        raise Unavailable
    assert counted("silences") - before == 1


def test_every_part_is_counted_from_the_beginning() -> None:
    assert all(
        REGISTRY.get_sample_value("anju_passed_over_total", {"part": part}) is not None for part in metrics.PARTS
    )


async def test_a_message_put_off_that_cant_be_read_is_tried_again_later_and_the_next_is_answered(house: House) -> None:
    for who in "ab":
        await house.chat.postpone(Incoming("engine", who, "m1", datetime.now(UTC), text="你好"))
    first, _ = await all_of(house, tables.postponed)
    mine = tables.postponed.c.key == first.key
    await write(house, tables.postponed, mine, incoming_sealed=GARBAGE, due_at=LONG_AGO)
    answerer, station = Answerer(house.chat), Station()
    sender = Sender(house.database, house.words, {"engine": station})
    assert await answerer.answer_due() == 2
    await sender.send_due()
    assert len(station.said) == 1
    (left,) = await all_of(house, tables.postponed)
    assert (left.key, left.attempts) == (first.key, 1)

    for _ in range(9):  # the pause grows, but never so far that it is taken for a wrong clock's
        await write(house, tables.postponed, due_at=datetime.now(UTC) - timedelta(seconds=1))
        assert await answerer.answer_due() == 1
        assert await answerer.answer_due() == 0
    await write(house, tables.postponed, incoming_sealed=first.incoming_sealed, due_at=LONG_AGO)
    assert await answerer.answer_due() == 1
    await sender.send_due()
    assert len(station.said) == 2
    assert await all_of(house, tables.postponed) == []


async def test_where_the_database_is_away_a_message_put_off_was_not_tried(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in "ab":
        await house.chat.postpone(Incoming("engine", who, "m1", datetime.now(UTC), text="你好"))

    async def away(*told: Any) -> Any:
        raise Unavailable

    with monkeypatch.context() as while_away:
        while_away.setattr(Answerer, "_answer", away)
        for _ in range(5):
            await write(house, tables.postponed, due_at=datetime.now(UTC) - timedelta(seconds=1))
            with pytest.raises(Unavailable):
                await Answerer(house.chat).answer_due()
    latest = datetime.now(UTC) + postponed.LEASE
    for row in await all_of(house, tables.postponed):
        assert row.attempts == 0
        assert row.due_at <= latest
    await write(house, tables.postponed, due_at=datetime.now(UTC) - timedelta(seconds=1))
    assert await Answerer(house.chat).answer_due() == 2
    assert await all_of(house, tables.postponed) == []


async def test_attempts_at_a_message_put_off_never_grow_beyond_their_column(house: House) -> None:
    await house.chat.postpone(Incoming("engine", "a", "m1", datetime.now(UTC), text="你好"))
    await write(house, tables.postponed, attempts=postponed.MOST, incoming_sealed=GARBAGE)
    await Answerer(house.chat).answer_due()
    (left,) = await all_of(house, tables.postponed)
    assert left.attempts == postponed.MOST


async def test_what_waited_for_its_person_and_cant_be_said_is_an_attempt_that_failed_and_the_others_leave(
    house: House,
) -> None:
    for who in "ab":
        await say(house, "m1", "你好", who)

    def enqueue(unit: Unit) -> None:
        for talk, template in ((1, "say/of_another_version"), (1, "say/law"), (2, "say/law")):
            said = turns.packed(Answered(b"", talk, "zh", (Reply(template),)))
            deliveries.enqueue(unit, f"{talk} {template}", talk, said, datetime.now(UTC), deliveries.Terms("notice"))

    await house.database.run(enqueue)
    await write(house, tables.outbox, reason=claims.BACK)
    station = Station()
    await Sender(house.database, house.words, {"engine": station}).send_due()
    assert sorted(address for address, _ in station.said) == ["a", "b"]
    assert await states(house) == {"sent": 2, "waiting": 1}
    (reason,) = (row.reason for row in await all_of(house, tables.attempts) if row.outcome != "sent")
    assert reason == FAULT.reason


async def test_a_silence_that_cant_be_ended_leaves_nobody_else_with_a_silent_bot(
    house: House, monkeypatch: Any
) -> None:
    monkeypatch.setattr("handlers.office.answering.AT_ONCE", 1)
    for who in "ab":
        await say(house, "m1", "你好", who)
        await say(house, "m2", "人工", who)
    await write(house, tables.hand_overs, silent_until=LONG_AGO)
    await write(
        house, tables.hand_overs, tables.hand_overs.c.conversation_id == 1, silent_until=LONG_AGO - timedelta(1)
    )
    await write(house, tables.conversations, tables.conversations.c.id == 1, state_sealed=GARBAGE)
    ender, before = SilenceEnder(house.chat), counted("silences")
    assert [await ender.end_due() for _ in range(3)] == [0, 1, 0]
    assert counted("silences") - before == 1
    assert [row.ended_at is None for row in await all_of(house, tables.hand_overs)] == [True, False]


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_a_draft_that_cant_be_read_keeps_nothing_else_from_being_erased(
    house: House, log: list[Any], monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("storage.retention.SOME", at_once)
    for who in "ab":
        await say(house, "m1", "你好", who)
        await say(house, "m2", "同意", who)
    await say(house, "m3", "关联账号", "c")
    await write(house, tables.conversations, updated_at=LONG_AGO)
    await write(house, tables.link_codes, expires_at=LONG_AGO)
    await write(house, tables.conversations, tables.conversations.c.id == 1, state_sealed=GARBAGE)
    await Purger(house.database, house.settings).purge()
    (line,) = (line for line in log if line["event"] == "passed over")
    assert [one["log_level"] for one in log if one["event"] == "one by one"] == ["warning"]
    assert (line["part"], line["kind"], line["number"]) == ("purge", "drafts", 1)
    assert [row.status for row in await all_of(house, tables.conversations)][:2] == ["active", "ended"]
    assert await all_of(house, tables.link_codes) == []


async def test_a_deadline_that_cant_be_counted_holds_up_no_other(house: House, tmp_path: Path) -> None:
    at = datetime(2027, 1, 6, 2, tzinfo=UTC)
    for who in "ab":
        for number, words in enumerate(typed()):
            arrived = "2026年12月31日" if words == "昨天" else words
            await house.chat.answer(Incoming("engine", who, f"m{number}", at, text=arrived))
    await write(house, tables.submissions, tables.submissions.c.id == 1, answers_sealed=GARBAGE)
    file = tmp_path / "holidays.toml"
    file.write_text(NEW_YEAR, "utf-8")
    calendar = houses.settings("sqlite://", holidays=str(file)).calendar
    counter, before = Recounter(house.database, replace(house.chat.office, calendar=calendar)), counted("deadlines")
    for _ in range(2):
        await counter.count_due()
    assert counted("deadlines") - before == 1
    first, second = await all_of(house, tables.submissions)
    assert (first.holidays_of, second.holidays_of) == (2027, None)
    assert second.in_time is True


async def test_where_nothing_is_wrong_nothing_is_passed_over(house: House, log: list[Any]) -> None:
    await say(house, "m1", "你好")
    await Answerer(house.chat).answer_due()
    await SilenceEnder(house.chat).end_due()
    await Purger(house.database, house.settings).purge()
    assert [line for line in log if line["event"] == "passed over"] == []
    count = select(func.count()).select_from(tables.conversations)
    assert await house.database.read(lambda unit: unit.execute(count).scalar_one()) == 1
