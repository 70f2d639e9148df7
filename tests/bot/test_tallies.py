"""What the operator's counters tell: each end and unknown attempt once, whoever brought it about; both databases."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import build_server
from bot.bundles import BundleSender
from bot.channels.channel import SendFailed
from bot.house import House
from handlers.office import outbox
from handlers.office.reports import Delivered, MassEnded, Told
from storage import bundles, calls, claims, conversations, deliveries, ledger, tallies, topics
from storage.unit import Unit
from tests.bot.stations import Station, make_due, message
from tests.bot.test_app import got
from tests.bot.test_bundles import NOBODY_KNOWS, gathered
from tests.bot.test_delivery import acquainted, attempts, linked, notice

LONG_AFTER = timedelta(days=400)
BLOCKED = SendFailed("blocked", retryable=False, reach="blocked")
Counts = dict[tuple[str, str, str], int]
Ending = Callable[[House], Awaitable[None]]


async def counted(house: House) -> Counts:
    return dict(await house.database.read(tallies.numbers))


async def the_one(house: House) -> int:
    (entry,) = await house.database.read(ledger.entries)
    return entry.id


async def by_sending(house: House) -> None:
    _, sender = await acquainted(house)
    await notice(house)
    await sender.send_due()


async def by_refusal(house: House) -> None:
    station, sender = await acquainted(house)
    station.failures = [BLOCKED]
    await notice(house)
    await sender.send_due()


async def by_an_account_that_is_lost_already(house: House) -> None:
    _, sender = await acquainted(house)
    await notice(house)

    def block(unit: Unit) -> None:
        found = conversations.find(unit, "engine", "me")
        assert found is not None
        conversations.set_reach(unit, found.id, "blocked")

    await house.database.run(block)
    await sender.send_due()


async def by_coming_too_late(house: House) -> None:
    _, sender = await acquainted(house)
    await notice(house, not_after=datetime.now(UTC) - timedelta(hours=1))
    await sender.send_due()


async def by_waiting_too_long(house: House) -> None:
    _, sender = await acquainted(house)
    await notice(house, due_at=datetime.now(UTC) + LONG_AFTER, not_after=datetime.now(UTC) - timedelta(hours=1))
    await sender.settle()


async def by_turning_the_topic_off(house: House) -> None:
    _, sender = await acquainted(house)
    await notice(house, topic="news")

    def turn_off(unit: Unit) -> None:
        found = conversations.find(unit, "engine", "me")
        assert found is not None
        topics.turn_off(unit, found.id, "news")

    await house.database.run(turn_off)
    await sender.send_due()


async def by_the_operator(house: House) -> None:
    await acquainted(house)
    await notice(house)
    number = await the_one(house)
    assert await house.database.run(lambda unit: ledger.cancel(unit, number, datetime.now(UTC)))


async def by_telephone(house: House) -> None:
    await acquainted(house)
    await notice(house)
    number = await the_one(house)
    assert await house.database.run(lambda unit: calls.called(unit, number, datetime.now(UTC)))


async def by_its_cause_being_gone(house: House) -> None:
    await acquainted(house)
    await notice(house)
    assert await house.database.run(lambda unit: deliveries.drop(unit, "notice::", "answered", datetime.now(UTC)))


async def by_erasing_the_account(house: House) -> None:
    await acquainted(house)
    await notice(house)

    def leave(unit: Unit) -> None:
        found = conversations.find(unit, "engine", "me")
        assert found is not None
        outbox.leave(unit, found.id, datetime.now(UTC))

    await house.database.run(leave)


async def by_the_platforms_report(house: House) -> None:
    _, sender = await acquainted(house, Station(platform_id="p1"))
    await notice(house)
    await sender.send_due()
    assert await counted(house) == {}
    for _ in range(2):
        await house.chat.report(Told("engine", "me", "r1", [Delivered("p1")]))


async def by_no_report_for_a_day(house: House) -> None:
    _, sender = await acquainted(house, Station(platform_id="p1"))
    await notice(house)
    await sender.send_due()
    day_later = datetime.now(UTC) + timedelta(hours=25)
    await house.database.run(lambda unit: deliveries.settle(unit, day_later, day_later))


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        (by_sending, "sent"),
        (by_refusal, "failed"),
        (by_an_account_that_is_lost_already, "failed"),
        (by_coming_too_late, "expired"),
        (by_waiting_too_long, "expired"),
        (by_turning_the_topic_off, "suppressed"),
        (by_the_operator, "suppressed"),
        (by_telephone, "suppressed"),
        (by_its_cause_being_gone, "suppressed"),
        (by_erasing_the_account, "failed"),
        (by_the_platforms_report, "sent"),
        (by_no_report_for_a_day, "sent"),
    ],
)
async def test_an_end_is_counted_once_on_whichever_path(house: House, ending: Ending, state: str) -> None:
    await ending(house)
    assert await counted(house) == {("engine", "notice", state): 1}


async def test_what_another_account_takes_over_counts_as_replaced_and_there_as_sent(house: House) -> None:
    first, _, sender = await linked(house)
    first.failures = [BLOCKED]
    await notice(house)
    for _ in range(2):
        await sender.send_due()
    assert await counted(house) == {("engine", "notice", "replaced"): 1, ("other", "notice", "sent"): 1}


async def test_each_of_those_that_leave_together_is_counted(house: House) -> None:
    _, sender = await gathered(house, NOBODY_KNOWS)
    await BundleSender(sender).send_due()
    await make_due(house)
    await BundleSender(sender).send_due()
    await house.chat.report(Told("engine", "office", "r1", [MassEnded("m1", "sent", "counts only")]))
    assert await counted(house) == {("engine", "broadcast", "sent"): 3, ("engine", "broadcast", "unknown"): 3}


async def test_what_a_dead_sender_had_begun_is_counted_alone_and_together(house: House) -> None:
    await gathered(house)
    now = datetime.now(UTC)
    later = now + timedelta(minutes=3)
    assert await house.database.run(lambda unit: bundles.claim(unit, "engine", now, 10, quiet=False))
    assert await house.database.run(lambda unit: bundles.claim(unit, "engine", later, 10, quiet=False))
    assert await counted(house) == {("engine", "broadcast", "unknown"): 3}
    await acquainted(house)
    await notice(house)

    def begin(unit: Unit) -> None:
        (due,) = claims.claim(unit, "engine", now + timedelta(seconds=1))
        assert claims.begin(unit, due, now + timedelta(seconds=1))

    await house.database.run(begin)
    await house.database.run(lambda unit: claims.claim(unit, "engine", later))
    assert await counted(house) == {("engine", "broadcast", "unknown"): 3, ("engine", "notice", "unknown"): 1}
    assert ("unknown", claims.SENDER_DIED) in await attempts(house)


async def test_what_was_forgotten_or_sent_once_more_stays_counted(house: House) -> None:
    station, sender = await acquainted(house)
    station.failures = [SendFailed("no answer", retryable=True, unknown=True), BLOCKED]
    await notice(house)
    for _ in range(2):
        await sender.send_due()
        await make_due(house)
    ends: Counts = {("engine", "notice", "failed"): 1, ("engine", "notice", "unknown"): 1}
    assert await counted(house) == ends
    number = await the_one(house)
    assert await house.database.run(lambda unit: ledger.retry(unit, number, datetime.now(UTC)))
    assert not await house.database.run(lambda unit: ledger.retry(unit, number, datetime.now(UTC)))
    assert await counted(house) == ends
    await house.chat.answer(message(2, "同意"))
    await sender.send_due()
    ends[("engine", "notice", "sent")] = 1
    assert await counted(house) == ends
    for _ in range(2):
        await house.database.run(lambda unit: deliveries.prune(unit, datetime.now(UTC) + LONG_AFTER))
        assert await house.database.read(ledger.entries) == ()
        assert await counted(house) == ends


async def test_the_counters_show_what_the_database_holds_in_every_copy(house: House) -> None:
    await by_sending(house)
    for _ in range(2):
        server = build_server(house)
        await server.measure()
        told = (await got(server, "/metrics")).text
        assert 'anju_deliveries_total{channel="engine",kind="notice",state="sent"} 1.0' in told
    assert "anju_unknown_attempts_total{" not in told
