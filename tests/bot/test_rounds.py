"""Messages that leave in a stream: begun together, ended together, each still once; on both databases."""

import asyncio
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot import ends
from bot.channels.channel import MESSAGE
from bot.delivery import Sender
from bot.ends import Ends
from bot.house import House
from bot.pace import Pace
from handlers import turns
from handlers.messages import Incoming, Reply
from handlers.office import sending
from handlers.office.outbox import Failure
from handlers.office.sending import Begun, End, Wish
from handlers.office.ways import Quota, Way
from handlers.turns import Answered
from storage import claims, conversations, deliveries, quotas
from storage.errors import Unavailable
from storage.records import Delivery
from storage.unit import Unit
from tests.bot.stations import Station, states

PLAIN = (Way(MESSAGE),)
A_MINUTE = timedelta(minutes=1)


async def told(house: House, people: Sequence[str], kind: str = "broadcast", key: str = "") -> None:
    """Something waits for each of them."""
    for person in people:
        await house.chat.answer(Incoming("engine", person, "m1", datetime.now(UTC), text="你好"))

    def write(unit: Unit) -> None:
        for person in people:
            found = conversations.find(unit, "engine", person)
            assert found is not None
            said = turns.packed(Answered(b"", found.id, "zh", (Reply("say/law"),)))
            terms = deliveries.Terms(kind)
            assert deliveries.enqueue(unit, f"{kind}{key}:{person}", found.id, said, datetime.now(UTC), terms)

    await house.database.run(write)


async def rows(house: House, sql: str) -> list[Any]:
    return await house.database.read(lambda unit: list(unit.connection.execute(text(sql)).scalars()))


async def claimed(house: House, now: datetime) -> tuple[Delivery, ...]:
    return await house.database.run(lambda unit: claims.claim(unit, "engine", now))


async def begun(house: House, some: Sequence[Delivery], now: datetime, ways: Sequence[Way] = PLAIN) -> list[Begun]:
    wishes = [Wish(one, ways) for one in some]
    return list((await house.database.run(lambda unit: sending.begin(unit, wishes, now))).values())


def sender_of(house: House, station: Station, **more: Any) -> Sender:
    return Sender(house.database, house.words, {"engine": station}, **more)


async def heard(station: Station, number: int) -> None:
    async with asyncio.timeout(60):
        while len(station.pushes) < number:  # noqa: ASYNC110 -- the station has no event for it
            await asyncio.sleep(0.01)


async def test_what_may_leave_is_begun_in_one_transaction_and_ends_are_written_together(house: House) -> None:
    people = [f"p{number}" for number in range(10)]
    await told(house, people)
    station = Station(slow=asyncio.Event())
    sent = asyncio.create_task(sender_of(house, station).send_due())
    await heard(station, len(people))
    assert len(set(await rows(house, "SELECT started_at FROM attempts"))) == 1
    assert station.slow is not None
    station.slow.set()
    assert await sent == len(people)
    assert len(set(await rows(house, "SELECT ended_at FROM attempts"))) <= 2
    assert set(await rows(house, "SELECT outcome FROM attempts")) == {"sent"}
    assert sorted(address for address, _ in station.said) == people


async def test_no_more_is_begun_than_a_crash_may_leave_unknown(house: House) -> None:
    await told(house, [f"p{number}" for number in range(12)])
    station = Station(slow=asyncio.Event())
    sending_ = asyncio.create_task(sender_of(house, station, at_once=5).send_due())
    await heard(station, 5)
    await asyncio.sleep(0.1)
    assert len(await rows(house, "SELECT id FROM attempts")) == len(station.pushes) == 5
    assert station.slow is not None
    station.slow.set()
    assert await sending_ == 12


async def test_what_ends_late_is_written_though_others_began_and_ended_meanwhile(house: House) -> None:
    await told(house, ["first"])
    late = asyncio.Event()
    station = Station(slow=late)
    sent = asyncio.create_task(sender_of(house, station).send_due())
    await heard(station, 1)
    station.slow = None
    await told(house, ["second", "third"])
    await heard(station, 3)
    while await states(house) != {"sent": 2, "claimed": 1}:  # noqa: ASYNC110 -- the database has no event for it
        await asyncio.sleep(0.01)
    late.set()
    await sent
    assert await states(house) == {"sent": 3}
    assert await rows(house, "SELECT outcome FROM attempts") == ["sent"] * 3


async def test_a_stop_lets_leave_what_is_leaving_and_puts_the_rest_back(house: House) -> None:
    await told(house, [f"p{number}" for number in range(12)])
    station = Station(slow=asyncio.Event())
    stopped = sender_of(house, station, at_once=5)
    sending_ = asyncio.create_task(stopped.send_due())
    await heard(station, 5)
    closing = asyncio.create_task(stopped.close())
    await asyncio.sleep(0.1)
    assert not closing.done()
    assert station.slow is not None
    station.slow.set()
    await closing
    await sending_
    assert await states(house) == {"sent": 5, "waiting": 7}
    assert await rows(house, "SELECT outcome FROM attempts") == ["sent"] * 5
    assert await stopped.send_due() == 0
    await stopped.give_back()
    assert await sender_of(house, station).send_due() == 7


async def test_one_person_hears_one_after_another_while_others_hear_theirs(house: House) -> None:
    await told(house, ["a", "b"], "notice")
    await told(house, ["a"], "reminder")
    station = Station(slow=asyncio.Event())
    sent = asyncio.create_task(sender_of(house, station).send_due())
    await heard(station, 2)
    await asyncio.sleep(0.1)
    assert [push.kind for push in station.pushes] == ["notice", "notice"]
    assert station.slow is not None
    station.slow.set()
    assert await sent == 3
    assert [push.kind for push in station.pushes] == ["notice", "notice", "reminder"]


async def test_a_crash_between_the_beginning_and_the_sending_counts_each_as_unknown(house: House) -> None:
    await told(house, ["a", "b", "c"])
    await told(house, ["d"], "notice")
    now = datetime.now(UTC)
    assert len(await begun(house, await claimed(house, now), now)) == 4
    later = now + claims.LEASE + A_MINUTE
    (again,) = await claimed(house, later)
    assert (again.kind, again.unknown, again.attempts) == ("notice", 1, 1)
    assert await rows(house, "SELECT outcome FROM attempts") == ["unknown"] * 4
    assert await states(house) == {"failed": 3, "claimed": 1}


async def test_what_another_took_meanwhile_is_neither_begun_nor_ended_nor_paid_for(house: House) -> None:
    await told(house, ["a", "b"], "notice")
    quota = Quota("calls", 10, ZoneInfo("Asia/Shanghai"))
    way = Way("call", quotas=(quota,))
    now = datetime.now(UTC)
    mine = await claimed(house, now)
    one, other = await begun(house, mine, now, [way])
    later = now + claims.LEASE + A_MINUTE
    theirs = await claimed(house, later)
    assert [delivery.claim for delivery in theirs] == [2, 2]
    assert await begun(house, mine, later, [way]) == []
    await house.database.run(lambda unit: sending.note(unit, [End(one), End(other)], later))
    assert await states(house) == {"claimed": 2}
    assert await house.database.read(lambda unit: quotas.used(unit, "calls", quota.period(now))) == 2


async def test_an_attempt_lasts_as_long_as_its_lease_whenever_it_was_claimed(house: House) -> None:
    await told(house, ["a"], "notice")
    now = datetime.now(UTC)
    late = now + claims.LEASE - timedelta(seconds=1)
    assert await begun(house, await claimed(house, now), late)
    assert await claimed(house, late + claims.LEASE - timedelta(seconds=1)) == ()


async def test_what_was_begun_and_has_not_left_is_no_attempt(house: House) -> None:
    await told(house, ["a"])
    quota = Quota("calls", 10, ZoneInfo("Asia/Shanghai"))
    now = datetime.now(UTC)
    (one,) = await begun(house, await claimed(house, now), now, [Way("call", quotas=(quota,))])
    await house.database.run(lambda unit: sending.note(unit, [End(one, left=False, after=1.0)], now))
    assert await rows(house, "SELECT id FROM attempts") == []
    assert await house.database.read(lambda unit: quotas.used(unit, "calls", quota.period(now))) == 0
    assert await claimed(house, now) == ()
    (again,) = await claimed(house, now + timedelta(seconds=2))
    assert (again.attempts, again.unknown) == (0, 0)


async def test_a_refusal_that_is_noted_twice_gives_a_quota_back_once(house: House) -> None:
    await told(house, ["a", "b"], "notice")
    quota = Quota("calls", 10, ZoneInfo("Asia/Shanghai"))
    now = datetime.now(UTC)
    refused, _ = await begun(house, await claimed(house, now), now, [Way("call", quotas=(quota,))])
    end = End(refused, failure=Failure("refused", retryable=True))
    for _ in range(2):
        await house.database.run(lambda unit: sending.note(unit, [end], now))
    assert await house.database.read(lambda unit: quotas.used(unit, "calls", quota.period(now))) == 1
    assert await states(house) == {"waiting": 1, "claimed": 1}


async def test_of_a_quota_for_all_no_more_is_used_than_is_left(house: House) -> None:
    await told(house, ["a", "b", "c"], "notice")
    quota = Quota("calls", 2, ZoneInfo("Asia/Shanghai"))
    station = Station(open_ways=(Way("call", quotas=(quota,)),))
    await sender_of(house, station).send_due()
    assert len(station.said) == 2
    assert await states(house) == {"sent": 2, "waiting": 1}


async def test_who_has_no_window_left_uses_up_nothing_of_what_all_share(house: House) -> None:
    await told(house, ["a", "b", "c"], "notice")
    opened = "UPDATE conversations SET window_left = 3, window_until = '2099-01-01 00:00:00.000000' WHERE id <> :id"
    quota = Quota("calls", 9, ZoneInfo("Asia/Shanghai"))

    def open_windows(unit: Unit) -> None:
        found = conversations.find(unit, "engine", "b")
        assert found is not None
        unit.connection.execute(text(opened), {"id": found.id})

    await house.database.run(open_windows)
    station = Station(open_ways=(Way("call", window=1, quotas=(quota,)),))
    await sender_of(house, station).send_due()
    assert sorted(address for address, _ in station.said) == ["a", "c"]
    assert await states(house) == {"sent": 2, "waiting": 1}
    today = quota.period(datetime.now(UTC))
    assert await house.database.read(lambda unit: quotas.used(unit, "calls", today)) == 2


class Wordless(Station):
    """Can't say what is meant for one person."""

    def ways(self, push: Any) -> Sequence[Way]:
        if push.kind == "reminder":
            raise RuntimeError
        return PLAIN


async def test_a_message_that_can_not_be_put_into_words_holds_up_no_other(house: House) -> None:
    await told(house, ["a"], "reminder")
    await told(house, ["b", "c"], "notice")
    station = Wordless()
    assert await sender_of(house, station).send_due() == 3
    assert sorted(address for address, _ in station.said) == ["b", "c"]
    assert await states(house) == {"sent": 2, "waiting": 1}
    assert await rows(house, "SELECT reason FROM attempts WHERE outcome = 'refused'") == ["fault in the program"]


def end_of(number: int) -> End:
    return End(Begun(Delivery(number, number, "engine", "x", {}, 1, 1), Way(MESSAGE)))


async def test_ends_outlast_a_database_that_is_away_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ends, "FIRST_PAUSE", 0.001)
    tries, written = [], list[int]()

    async def write(some: Sequence[End]) -> None:
        tries.append(len(some))
        if len(tries) < 4:
            raise Unavailable
        written.extend(end.begun.delivery.id for end in some)

    book = Ends(write)
    await asyncio.gather(*(book.note(end_of(number)) for number in range(7)))
    assert sorted(written) == list(range(7))


async def test_where_the_database_stays_away_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ends, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(ends, "PATIENCE", 0.002)

    async def write(some: Sequence[End]) -> None:
        raise Unavailable

    with pytest.raises(Unavailable):
        await Ends(write).note(end_of(1))


async def test_one_end_that_can_not_be_written_keeps_no_other_from_it() -> None:
    written = list[int]()

    async def write(some: Sequence[End]) -> None:
        numbers = [end.begun.delivery.id for end in some]
        if 3 in numbers:
            raise ValueError
        written.extend(numbers)

    book = Ends(write)
    found = await asyncio.gather(*(book.note(end_of(number)) for number in range(6)), return_exceptions=True)
    assert [type(one) for one in found] == [type(None)] * 3 + [ValueError] + [type(None)] * 2
    assert sorted(written) == [0, 1, 2, 4, 5]


class Sleeper:
    """A clock of the test, whose sleepers wake late by turns."""

    def __init__(self, *late: float) -> None:
        self.at, self.late, self.slept = 1000.0, late, 0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds + self.late[self.slept % len(self.late)]
        self.slept += 1


@pytest.mark.parametrize("per_second", [27.0, 50.0, 0.5, 10.5])
@pytest.mark.parametrize(
    "late", [(0.0,), (0.0, 0.004, 0.001), (0.0,) * 30 + (0.05,), (0.0,) * 30 + (0.15,), (0.0,) * 20 + (0.6,)]
)
async def test_a_pace_is_kept_by_the_clock_and_never_passed(per_second: float, late: tuple[float, ...]) -> None:
    clock = Sleeper(*late)
    pace = Pace(per_second, now=clock.now, sleep=clock.sleep)
    left = []
    for _ in range(int(per_second * 60)):
        assert await pace.leave("", 1e9)
        left.append(clock.at)
    most = math.ceil(per_second)
    assert all(later - first >= most / per_second - 0.01 for first, later in zip(left, left[most:], strict=False))
    assert all(after - before >= 0.9 / per_second - 0.001 for before, after in pairwise(left))
    if max(late) < 0.1:
        assert len(left) / (left[-1] - left[0] + 1 / per_second) > 0.95 * per_second


async def test_a_slot_that_is_too_far_away_is_not_waited_for_and_not_taken() -> None:
    clock = Sleeper(0.0)
    pace = Pace(10.0, now=clock.now, sleep=clock.sleep)
    pace.pause(30.0)
    assert not await pace.leave("", 1.0)
    assert clock.at == 1000.0
    clock.at += 30.0
    assert await pace.leave("", 1.0)
