"""Clocks that jump: leases, claims, pauses and jobs that a clock running ahead had put off don't wait for it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.clocks import JUMP, ClockWatch, Jumps, Unhurried
from bot.house import House
from bot.reminding import Reminder
from bot.scheduler import Job, replan, schedule
from handlers.messages import Incoming
from storage import claims, deliveries, imports, leases, papers, postponed, tables, wrong_clocks
from storage.records import PaperFile
from storage.unit import Unit
from tests import house as houses
from tests.conftest import NOW
from tests.reminded import messages, talk

HOUR = timedelta(hours=1)
A_WHILE = timedelta(seconds=9)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(database_url)) as opened:
        await opened.chat.answer(Incoming("wechat", "somebody", "m1", datetime.now(UTC), text="你好"))
        yield opened


def enqueue(unit: Unit, key: str, now: datetime, due_at: datetime | None = None) -> None:
    number = unit.execute(select(tables.conversations.c.id)).scalar_one()
    deliveries.enqueue(unit, key, number, {"replies": []}, now, deliveries.Terms("notice", due_at=due_at))


def due(unit: Unit) -> list[str]:
    rows = tables.outbox.c
    now = leases.clock(unit)
    return sorted(unit.execute(select(rows.once_key).where(rows.due_at <= now, rows.state == "waiting")).scalars())


def test_a_clock_that_goes_on_has_not_jumped() -> None:
    steady = [100.0]
    jumps = Jumps(lambda: steady[0])
    assert jumps.since(5_000.0) == 0.0
    steady[0] += 3_000
    assert jumps.since(8_000.0 + JUMP / 2) == 0.0
    assert jumps.since(11_600.0) == pytest.approx(3_600 - JUMP / 2)
    assert jumps.since(8_000.0) == pytest.approx(-3_600)
    assert jumps.since(8_000.0) == 0.0


def test_a_jump_ahead_is_followed_after_a_while_and_one_back_at_once() -> None:
    steady = [100.0]
    clock = Unhurried(timedelta(minutes=30), Jumps(lambda: steady[0]))
    assert clock.at(NOW) == NOW
    steady[0] += 7_200
    assert clock.at(NOW + 2 * HOUR) == NOW + 2 * HOUR, "two quiet hours are no jump"
    assert clock.at(NOW + 3 * HOUR) == NOW + 2 * HOUR
    assert clock.at(NOW + 2 * HOUR) == NOW + 2 * HOUR, "it went back"
    assert clock.at(NOW + HOUR) == NOW + HOUR, "and was wrong before"
    assert clock.at(NOW + 3 * HOUR) == NOW + HOUR
    steady[0] += 1_799
    assert clock.at(NOW + 3 * HOUR + timedelta(seconds=1_799)) == NOW + HOUR + timedelta(seconds=1_799)
    steady[0] += 1
    assert clock.at(NOW + 3 * HOUR + timedelta(seconds=1_800)) == NOW + 3 * HOUR + timedelta(seconds=1_800)


async def test_a_dead_copys_lease_from_an_hour_ahead_is_taken_at_once(house: House) -> None:
    def ahead(unit: Unit) -> None:
        assert leases.take(unit, "send:wechat", "dead", A_WHILE) == 1
        assert leases.take(unit, "send:wechat", "other", A_WHILE) is None
        unit.execute(update(tables.leases).values(until=leases.clock(unit) + HOUR))

    await house.database.run(ahead)
    assert await house.database.run(lambda unit: leases.take(unit, "send:wechat", "other", A_WHILE)) == 2
    assert await house.database.run(lambda unit: leases.take(unit, "send:wechat", "dead", A_WHILE)) is None


async def test_a_dead_senders_claim_from_an_hour_ahead_is_taken_at_once(house: House) -> None:
    def claimed(unit: Unit) -> tuple[int, int, int]:
        now = leases.clock(unit)
        enqueue(unit, "one", now)
        first = claims.claim(unit, "wechat", now + HOUR)
        while_held = claims.claim(unit, "wechat", now + HOUR)
        return len(first), len(while_held), len(claims.claim(unit, "wechat", now))

    assert await house.database.run(claimed) == (1, 0, 1)


async def test_what_a_clock_ahead_put_off_is_due_and_what_has_its_day_waits(house: House) -> None:
    def tried(unit: Unit) -> None:
        enqueue(unit, "tried", leases.clock(unit))
        (taken,) = claims.claim(unit, "wechat", leases.clock(unit))
        begun = claims.begin(unit, taken, leases.clock(unit))
        assert begun is not None
        claims.again(unit, begun, "busy", leases.clock(unit) + 2 * HOUR)
        unit.execute(update(tables.attempts).values(started_at=leases.clock(unit) + HOUR))

    def rest(unit: Unit) -> int:
        now = leases.clock(unit)
        enqueue(unit, "claimed", now + HOUR)
        assert len(claims.claim(unit, "wechat", now + HOUR)) == 1
        enqueue(unit, "at once", now + HOUR)
        enqueue(unit, "on its day", now + HOUR, now + timedelta(days=2))
        enqueue(unit, "tomorrow", now, now + timedelta(days=1))
        assert due(unit) == []
        return wrong_clocks.pull(unit, now)

    await house.database.run(tried)
    assert await house.database.run(rest) == 3
    assert await house.database.read(due) == ["at once", "tried"]
    assert await house.database.run(lambda unit: wrong_clocks.pull(unit, leases.clock(unit))) == 0
    assert len(await house.database.run(lambda unit: claims.claim(unit, "wechat", leases.clock(unit)))) == 3


async def test_lists_papers_and_messages_taken_an_hour_ahead_are_taken_at_once(house: House) -> None:
    def taken(unit: Unit) -> tuple[bool, bool, bool]:
        now = leases.clock(unit)
        number = unit.execute(select(tables.conversations.c.id)).scalar_one()
        one = imports.begin(unit, imports.Sender("zh", number), now, "somewhere")
        papers.expect(unit, PaperFile("f", number, "id", "waiting", "", "", 0, 0), "somewhere", now)
        postponed.keep(unit, b"k", {}, now)
        assert imports.claim(unit) is not None
        assert len(papers.claim(unit)) == len(postponed.claim(unit)) == 1
        again = (imports.claim(unit), papers.claim(unit), postponed.claim(unit))
        assert again == (None, (), ())
        unit.execute(update(tables.imports).where(tables.imports.c.id == one).values(lease_until=now + HOUR))
        unit.execute(update(tables.files).values(due_at=now + HOUR))
        unit.execute(update(tables.postponed).values(due_at=now + HOUR))
        return imports.claim(unit) is not None, bool(papers.claim(unit)), bool(postponed.claim(unit))

    assert await house.database.run(taken) == (True, True, True)


async def test_jobs_of_an_hour_ahead_are_planned_anew() -> None:
    async def work() -> None:
        pass

    jobs = (Job("send", 2, work), Job("purge", 3600, work))
    clock = schedule(jobs)
    clock.start(paused=True)
    clock.modify_job("send", next_run_time=datetime.now(UTC) + HOUR)
    replan(clock, jobs)
    planned = {job.id: (job.next_run_time - datetime.now(UTC)).total_seconds() for job in clock.get_jobs()}
    clock.shutdown(wait=False)
    assert planned["send"] <= 2
    assert 2 < planned["purge"] <= 3600


async def test_the_watch_plans_anew_when_the_clock_goes_back_and_pulls_what_was_put_off(house: House) -> None:
    wall, steady, planned = [5_000.0], [100.0], []
    own, theirs = Jumps(lambda: steady[0]), Jumps()
    watch = ClockWatch(house.database, lambda: planned.append(wall[0]), lambda: wall[0], own, theirs)
    await watch.look()
    await house.database.run(lambda unit: enqueue(unit, "at once", leases.clock(unit) + HOUR))
    steady[0] += 1
    wall[0] += 3_601
    await watch.look()
    assert planned == [], "what is overdue runs by itself"
    assert await house.database.read(due) == ["at once"]
    steady[0] += 1
    wall[0] -= 3_599
    await watch.look()
    assert planned == [5_002.0]


async def test_a_reminder_told_an_hour_early_is_not_told_again_when_the_clock_goes_back(house: House) -> None:
    await house.database.run(talk)
    at = [NOW + timedelta(days=1)]
    reminder = Reminder(house.database, house.chat.office, "one", clock=lambda unit: at[0])
    for ahead in (HOUR, timedelta(0), HOUR, -HOUR, timedelta(0)):
        at[0] = NOW + timedelta(days=1) + ahead
        await reminder.tick()
        assert len(await house.database.run(messages)) == 1
    at[0] = NOW + timedelta(days=3)
    await reminder.tick()
    assert len(await house.database.run(messages)) == 2
