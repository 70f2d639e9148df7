"""The outbox: each message once, with one end and a record of every attempt; on both databases."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot import rounds
from bot.channels.channel import MESSAGE, Push, SendFailed
from bot.delivery import Sender
from bot.house import House
from bot.pace import Pace, QuietHours
from handlers import turns
from handlers.messages import Incoming, Reply, Tap
from handlers.office.outbox import ATTEMPTS, LONGEST_PAUSE, leave, pause
from handlers.office.reports import Delivered, Told, Undelivered
from handlers.office.ways import Quota, Way
from handlers.reach import Window, Windows, heard_from
from handlers.turns import Answered
from storage import claims, conversations, deliveries, quotas, topics
from storage.records import Conversation
from storage.unit import Unit
from tests.bot.stations import Station, make_due, message, states


async def waiting_answer(house: House) -> tuple[Answered, Station, Sender]:
    answered = await house.chat.answer(message(1, "你好"))
    assert await house.chat.deliver_later(answered)
    station = Station()
    return answered, station, Sender(house.database, house.words, {"engine": station})


async def test_an_answer_is_put_into_the_outbox_once_and_said_once(house: House) -> None:
    answered, station, sender = await waiting_answer(house)
    assert not await house.chat.deliver_later(answered)
    assert await sender.send_due() == 1
    assert await sender.send_due() == 0
    assert len(station.said) == 1
    assert "安居" in station.said[0][1]
    assert await states(house) == {"sent": 1}


async def test_two_senders_at_once_say_it_once(house: House) -> None:
    _, station, sender = await waiting_answer(house)
    station.slow = asyncio.Event()
    running = [asyncio.create_task(sender.send_due()) for _ in range(3)]
    await asyncio.sleep(0.2)
    station.slow.set()
    assert sum(await asyncio.gather(*running)) == 1
    assert len(station.said) == 1


async def test_a_failure_that_may_pass_is_tried_again_later(house: House) -> None:
    _, station, sender = await waiting_answer(house)
    station.failures = [SendFailed("busy", retryable=True)]
    await sender.send_due()
    assert await states(house) == {"waiting": 1}
    assert await sender.send_due() == 0
    await make_due(house)
    await sender.send_due()
    assert await states(house) == {"sent": 1}


@pytest.mark.parametrize(
    ("failures", "state"),
    [
        ([SendFailed("blocked", retryable=False, reach="blocked")], "failed"),
        ([SendFailed("busy", retryable=True)] * ATTEMPTS, "failed"),
        ([RuntimeError("a fault of ours")], "sent"),
        ([SendFailed("not connected", retryable=True, away=True)] * (ATTEMPTS + 1), "sent"),
    ],
)
async def test_every_message_has_one_end(house: House, failures: list[Exception], state: str) -> None:
    _, station, sender = await waiting_answer(house)
    station.failures = list(failures)
    for _ in range(ATTEMPTS + 2):
        await sender.send_due()
        await make_due(house)
    assert await states(house) == {state: 1}


async def test_who_was_away_hears_it_on_coming_back(house: House) -> None:
    _, station, sender = await waiting_answer(house)
    station.failures = [SendFailed("not connected", retryable=True, away=True)]
    await sender.send_due()
    assert station.said == []
    assert await sender.send_to("engine", "somebody else") == 0
    assert await sender.send_to("engine", "me") == 1
    assert len(station.said) == 1


async def test_a_dead_senders_message_comes_back_after_its_lease(house: House) -> None:
    _, _, sender = await waiting_answer(house)
    long_ago = datetime.now(UTC)
    (lost,) = await house.database.run(lambda unit: claims.claim(unit, "engine", long_ago))
    assert await sender.send_due() == 0
    after = long_ago + claims.LEASE + timedelta(seconds=1)
    (taken,) = await house.database.run(lambda unit: claims.claim(unit, "engine", after))
    assert taken.claim == lost.claim + 1
    ended = await house.database.run(lambda unit: claims.end(unit, lost.id, lost.claim, "sent", "", after))
    assert not ended
    assert await states(house) == {"claimed": 1}


async def test_a_message_to_an_erased_account_is_suppressed(house: House) -> None:
    answered, station, sender = await waiting_answer(house)

    def forget(unit: Unit) -> None:
        unit.connection.execute(text("DELETE FROM conversations"))

    await house.database.run(forget)
    await sender.send_due()
    assert (station.said, await states(house)) == ([], {"suppressed": 1})
    assert not await house.chat.deliver_later(Answered(b"other", answered.conversation_id, "zh", answered.replies))


def test_pauses_grow_to_an_hour_unless_the_platform_says_how_long() -> None:
    assert pause(1, 17.0) == timedelta(seconds=17)
    assert timedelta(seconds=3) < pause(1, None) < timedelta(seconds=7)
    assert pause(1, None) < pause(4, None)
    assert LONGEST_PAUSE * 0.7 < pause(30, None) < LONGEST_PAUSE * 1.3


async def notice(house: House, kind: str = "notice", **terms: Any) -> bool:
    """Something to be said unasked."""
    kept = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert kept is not None
    now = datetime.now(UTC)
    said = turns.packed(Answered(b"", kept.id, "zh", (Reply("say/law"),)))
    wanted = deliveries.Terms(kind, **terms)
    key = f"{kind}:{terms.get('topic', '')}:{terms.get('due_at', '')}"
    return await house.database.run(lambda unit: deliveries.enqueue(unit, key, kept.id, said, now, wanted))


async def attempts(house: House) -> list[tuple[str, str]]:
    def found(unit: Unit) -> list[tuple[str, str]]:
        rows = unit.connection.execute(text("SELECT outcome, reason FROM attempts ORDER BY id"))
        return [(row.outcome, row.reason) for row in rows]

    return await house.database.read(found)


async def acquainted(house: House, station: Station | None = None) -> tuple[Station, Sender]:
    """Somebody who has said hello, and the sender of their channel."""
    await house.chat.answer(message(1, "你好"))
    station = station or Station()
    return station, Sender(house.database, house.words, {"engine": station})


async def test_each_attempt_is_recorded_with_its_outcome(house: House) -> None:
    station, sender = await acquainted(house)
    await notice(house)
    station.failures = [SendFailed("busy", retryable=True), SendFailed("no answer", retryable=True, unknown=True)]
    for _ in range(3):
        await sender.send_due()
        await make_due(house)
    assert await attempts(house) == [("refused", "busy"), ("unknown", "no answer"), ("sent", "")]
    assert await states(house) == {"sent": 1}


@pytest.mark.parametrize(("kind", "tries"), [("notice", 3), ("reminder", 3), ("answer", 3), ("broadcast", 1)])
async def test_an_unknown_outcome_is_tried_again_at_most_twice_and_never_for_broadcasts(
    house: House, kind: str, tries: int
) -> None:
    station, sender = await acquainted(house)
    await notice(house, kind)
    station.failures = [SendFailed("no answer", retryable=True, unknown=True) for _ in range(9)]
    for _ in range(6):
        await sender.send_due()
        await make_due(house)
    assert len(await attempts(house)) == tries
    assert await states(house) == {"failed": 1}


async def test_an_attempt_whose_sender_died_counts_as_unknown(house: House) -> None:
    station, _ = await acquainted(house)
    await notice(house, "broadcast")
    await notice(house, "notice")
    now = datetime.now(UTC)

    def begin(unit: Unit) -> int:
        due = claims.claim(unit, "engine", now)
        return sum(claims.begin(unit, delivery, now) is not None for delivery in due)

    assert await house.database.run(begin) == 2
    later = now + claims.LEASE + timedelta(seconds=1)
    (taken,) = await house.database.run(lambda unit: claims.claim(unit, "engine", later))
    assert (taken.kind, taken.unknown, taken.attempts) == ("notice", 1, 1)
    assert await states(house) == {"failed": 1, "claimed": 1}
    assert await attempts(house) == [("unknown", "the sender died")] * 2
    assert station.said == []


async def test_a_sender_that_slept_past_its_claim_sends_nothing(house: House) -> None:
    await acquainted(house)
    await notice(house)
    now = datetime.now(UTC)
    (mine,) = await house.database.run(lambda unit: claims.claim(unit, "engine", now))
    late = now + claims.LEASE + timedelta(seconds=1)
    assert await house.database.run(lambda unit: claims.begin(unit, mine, late)) is None
    (other,) = await house.database.run(lambda unit: claims.claim(unit, "engine", late))
    assert await house.database.run(lambda unit: claims.begin(unit, mine, late)) is None
    assert await house.database.run(lambda unit: claims.begin(unit, other, late)) is not None


async def test_one_copy_at_a_time_sends_for_a_channel_and_another_takes_its_place(house: House) -> None:
    station, first = await acquainted(house)
    second = Sender(house.database, house.words, {"engine": station})
    await notice(house)
    assert await first.send_due() == 1
    await notice(house, due_at=datetime.now(UTC))
    assert await second.send_due() == 0
    await first.give_back()
    assert await second.send_due() == 1
    assert len(station.said) == 2


async def test_the_most_pressing_goes_first(house: House) -> None:
    station, sender = await acquainted(house)
    for kind in ("broadcast", "reminder", "notice", "answer"):
        await notice(house, kind)
    due = await house.database.run(lambda unit: claims.claim(unit, "engine", datetime.now(UTC)))
    assert [delivery.kind for delivery in due] == ["answer", "notice", "reminder", "broadcast"]
    assert (await sender.send_due(), station.said) == (0, [])


async def test_quiet_hours_let_only_answers_and_urgent_messages_out(house: House) -> None:
    await acquainted(house)
    await notice(house)
    await notice(house, "answer")
    await notice(house, "reminder", urgent=True)
    now = datetime.now(UTC)
    due = await house.database.run(lambda unit: claims.claim(unit, "engine", now, quiet=True))
    assert [delivery.kind for delivery in due] == ["answer", "reminder"]
    (rest,) = await house.database.run(lambda unit: claims.claim(unit, "engine", now))
    assert rest.kind == "notice"


async def test_a_message_past_its_time_expires_and_one_not_due_waits(house: House) -> None:
    station, sender = await acquainted(house)
    now = datetime.now(UTC)
    await notice(house, not_after=now - timedelta(seconds=1))
    await notice(house, "reminder", due_at=now + timedelta(hours=1))
    await sender.send_due()
    assert (station.said, await states(house)) == ([], {"expired": 1, "waiting": 1})


async def test_a_topic_that_is_off_is_not_sent_until_it_is_on_again(house: House) -> None:
    station, sender = await acquainted(house)
    kept = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert kept is not None
    assert await house.database.run(lambda unit: topics.turn_off(unit, kept.id, "legal"))
    assert not await house.database.run(lambda unit: topics.turn_off(unit, kept.id, "legal"))
    await notice(house, topic="legal")
    await notice(house, "broadcast", topic="news")
    await sender.send_due()
    assert await states(house) == {"suppressed": 1, "sent": 1}
    assert await house.database.read(lambda unit: topics.off(unit, kept.id)) == {"legal"}
    await house.database.run(lambda unit: topics.turn_on(unit, kept.id, "legal"))
    await notice(house, "reminder", topic="legal")
    await sender.send_due()
    assert len(station.said) == 2


async def test_what_the_platform_reports_later_waits_for_its_report(house: House) -> None:
    _, sender = await acquainted(house, Station(platform_id="m1"))
    await notice(house)
    await sender.send_due()
    assert await states(house) == {"accepted": 1}
    for told in (Told("engine", "me", "r1", [Delivered("m2")]), Told("engine", "other", "r2", [Delivered("m1")])):
        await house.chat.report(told)
    assert await states(house) == {"accepted": 1}
    await house.chat.report(Told("engine", "me", "r3", [Delivered("m1")]))
    assert await states(house) == {"sent": 1}
    await house.chat.report(Told("engine", "me", "r4", [Undelivered("m1", "late")]))
    assert await states(house) == {"sent": 1}


async def test_what_the_platform_could_not_deliver_is_tried_again(house: House) -> None:
    station, sender = await acquainted(house, Station(platform_id="m1"))
    await notice(house)
    await sender.send_due()
    for _ in range(2):
        await house.chat.report(Told("engine", "me", "r1", [Undelivered("m1", "not now")]))
    assert await states(house) == {"waiting": 1}
    station.platform_id = ""
    await make_due(house)
    await sender.send_due()
    assert await states(house) == {"sent": 1}
    assert len(station.said) == 2


async def test_what_is_never_reported_on_counts_as_sent_after_a_day(house: House) -> None:
    _, sender = await acquainted(house, Station(platform_id="m1"))
    await notice(house)
    await sender.send_due()
    assert await sender.settle() == 0
    day_later = datetime.now(UTC) + timedelta(hours=25)
    assert await house.database.run(lambda unit: deliveries.settle(unit, day_later, day_later)) == 1
    assert await states(house) == {"sent": 1}


async def linked(house: House) -> tuple[Station, Station, Sender]:
    """One person with an account on each of two channels."""
    await house.chat.answer(message(1, "你好"))
    await house.chat.answer(Incoming("other", "me-2", "m1", datetime.now(UTC), text="你好"))

    def link(unit: Unit) -> None:
        unit.connection.execute(text("UPDATE conversations SET holder_id = 'h1'"))

    await house.database.run(link)
    first, second = Station(), Station("other")
    return first, second, Sender(house.database, house.words, {"engine": first, "other": second})


async def test_an_account_that_is_lost_hands_over_to_another_of_the_person(house: House) -> None:
    first, second, sender = await linked(house)
    await notice(house)
    first.failures = [SendFailed("blocked", retryable=False, reach="blocked")]
    for _ in range(2):
        await sender.send_due()
    assert (first.said, len(second.said)) == ([], 1)
    assert await states(house) == {"replaced": 1, "sent": 1}
    await notice(house, "reminder")
    for _ in range(2):
        await sender.send_due()
    assert (first.said, len(second.said)) == ([], 2)
    assert len(await attempts(house)) == 3


async def test_coming_back_makes_an_account_reachable_again(house: House) -> None:
    station, sender = await acquainted(house)
    await notice(house)
    station.failures = [SendFailed("blocked", retryable=False, reach="blocked")]
    await sender.send_due()
    await notice(house, "broadcast")
    await sender.send_due()
    assert (station.said, await states(house)) == ([], {"failed": 2})
    await house.chat.answer(message(2, "同意"))
    await notice(house, "reminder")
    await sender.send_due()
    assert len(station.said) == 1


async def test_a_platform_with_windows_gets_no_more_than_it_allows(house: House) -> None:
    window = Window(2, timedelta(hours=48))
    house.chat.office.windows["engine"] = Windows(window, window, window, window)  # type: ignore[index]  # a dict
    station, sender = await acquainted(house, Station(open_ways=(Way("message", window=1),)))
    for number in range(3):
        await notice(house, due_at=datetime.now(UTC) - timedelta(seconds=number))
    await sender.send_due()
    assert (len(station.said), await states(house)) == (2, {"sent": 2, "waiting": 1})
    await sender.send_due()
    assert len(station.said) == 2
    await house.chat.answer(message(2, "同意"))
    await sender.send_due()
    assert (len(station.said), await states(house)) == (3, {"sent": 3})


async def test_a_window_that_the_platform_says_is_closed_is_waited_for(house: House) -> None:
    station, sender = await acquainted(house)
    await notice(house)
    station.failures = [SendFailed("did not write for 48 hours", retryable=False, closed=True)]
    await sender.send_due()
    assert await states(house) == {"waiting": 1}
    await house.chat.answer(message(2, "同意"))
    await sender.send_due()
    assert await states(house) == {"sent": 1}


@pytest.mark.parametrize(
    ("left", "until", "opened", "after"),
    [
        (0, None, Window(3, timedelta(minutes=1)), 3),
        (4, timedelta(hours=47), Window(3, timedelta(minutes=1)), 4),
        (2, timedelta(hours=47), Window(3, timedelta(minutes=1)), 3),
        (4, timedelta(hours=-1), Window(3, timedelta(minutes=1)), 3),
        (1, timedelta(hours=47), Window(5, timedelta(hours=48)), 5),
    ],
)
def test_windows_do_not_add_up(left: int, until: timedelta | None, opened: Window, after: int) -> None:
    now = datetime.now(UTC)
    before = Conversation(1, "x", "y", "zh", window_left=left, window_until=None if until is None else now + until)
    tapped = Incoming("x", "y", "m", now, choice=Tap("", "", "back"))
    unused = Window(9, timedelta(hours=99))
    heard = heard_from(before, tapped, None, Windows(unused, opened, unused, unused))  # type: ignore[arg-type]
    assert heard.window_left == after


async def test_a_pace_keeps_its_rate_and_gap_and_does_not_wait_for_long() -> None:
    begun = monotonic()
    pace = Pace(200.0, gap=0.5)
    assert all([await pace.leave(f"a{n}", 5.0) for n in range(20)])
    assert monotonic() - begun > 19 / 200 - 0.01
    assert 0.3 < pace.delay("a19") <= 0.5
    pace.pause(60)
    assert not await pace.leave("b", 5.0)


async def test_a_platform_that_asks_for_silence_gets_it(house: House) -> None:
    station, _ = await acquainted(house)
    pace = Pace(1000.0)
    sender = Sender(house.database, house.words, {"engine": station}, {"engine": pace})
    await notice(house)
    await notice(house, "reminder")
    station.failures = [SendFailed("too many", retryable=True, after=60.0)]
    await sender.send_due()
    await make_due(house)
    await sender.send_due()
    assert len(await attempts(house)) <= 2
    assert pace.delay("anybody") > 50


@pytest.mark.parametrize(
    ("hour", "quiet"), [("12:00", False), ("20:59", False), ("21:00", True), ("03:00", True), ("08:00", False)]
)
def test_quiet_hours_go_over_midnight(hour: str, quiet: bool) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    at = datetime.combine(datetime(2026, 11, 24, tzinfo=zone).date(), time.fromisoformat(hour), zone)
    assert QuietHours(time(21), time(8), zone).at(at) == quiet
    assert QuietHours(time(12), time(13), zone).at(at) == (hour == "12:00")


async def test_what_waits_for_the_morning_or_is_paused_stands_in_nobodys_way(house: House) -> None:
    station, _ = await acquainted(house)
    zone = ZoneInfo("Asia/Shanghai")
    sender = Sender(house.database, house.words, {"engine": station}, quiet=QuietHours(time(21), time(8), zone))
    evening = datetime(2026, 11, 24, 22, tzinfo=zone)
    await notice(house, due_at=evening)

    async def waits(now: datetime) -> float:
        quiet = sender.is_quiet(now)
        found = await house.database.read(lambda unit: deliveries.oldest_waiting(unit, now, quiet=quiet))
        return min(found, sender.awake_seconds(now))

    assert await waits(evening + timedelta(hours=5)) == 0
    assert await waits(evening + timedelta(hours=10, minutes=20)) == 20 * 60
    assert await waits(evening + timedelta(days=1, hours=-2)) == 12 * 3600


async def test_what_has_ended_is_forgotten_after_three_months_and_what_waits_is_not(house: House) -> None:
    _, sender = await acquainted(house)
    await notice(house)
    await sender.send_due()
    now = datetime.now(UTC)
    await notice(house, "reminder", due_at=now + timedelta(days=400))
    assert await house.database.run(lambda unit: deliveries.prune(unit, now - timedelta(days=90))) == 0
    assert await house.database.run(lambda unit: deliveries.prune(unit, now + timedelta(days=1))) == 1
    assert await states(house) == {"waiting": 1}
    assert await attempts(house) == []


@pytest.mark.parametrize("closed", [False, True])
async def test_what_was_said_of_a_long_message_is_not_said_again(house: House, *, closed: bool) -> None:
    station, sender = await acquainted(house)
    await notice(house)
    halfway = SendFailed("busy", retryable=True, closed=closed)
    halfway.failure = replace(halfway.failure, said=2)
    station.failures = [halfway, SendFailed("no answer", retryable=True, unknown=True)]
    for _ in range(3):
        await sender.send_due()
        await make_due(house)
    assert [push.said for push in station.pushes] == [0, 2, 2]
    assert {push.language for push in station.pushes} == {"zh"}
    assert await states(house) == {"sent": 1}


async def test_a_message_that_never_ends_leaving_is_given_up_before_its_lease(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(seconds=rounds.SEND_SECONDS) < claims.LEASE
    monkeypatch.setattr(rounds, "SEND_SECONDS", 0.05)
    _, sender = await acquainted(house, Station(slow=asyncio.Event()))
    await notice(house)
    await sender.send_due()
    assert await attempts(house) == [("unknown", "no answer")]
    assert await states(house) == {"waiting": 1}


async def test_a_reminder_waits_for_its_day_also_when_its_person_comes_back(house: House) -> None:
    _, station, sender = await waiting_answer(house)
    await sender.send_due()
    assert await notice(house, "reminder", due_at=datetime.now(UTC) + timedelta(days=3))
    assert await sender.send_to("engine", "me") == 0
    assert len(station.said) == 1
    assert await states(house) == {"sent": 1, "waiting": 1}


async def test_a_report_that_comes_before_its_message_is_written_down_waits_for_it(house: House) -> None:
    _, station, sender = await waiting_answer(house)
    station.slow, station.platform_id = asyncio.Event(), "p1"
    sending = asyncio.create_task(sender.send_due())
    while not station.pushes:  # noqa: ASYNC110 -- the station has no event for it
        await asyncio.sleep(0.01)
    report = asyncio.create_task(house.chat.report(Told("engine", "me", "r1", [Undelivered("p1", "system failed")])))
    await asyncio.sleep(0.05)
    station.slow.set()
    await sending
    await report
    assert await states(house) == {"waiting": 1}


async def half_said(house: House) -> tuple[Station, Sender]:
    """Of a long message the first account heard two parts; the second could not be reached."""
    first, second, sender = await linked(house)
    await house.database.run(lambda unit: conversations.note_reach(unit, "other", "me-2", "blocked"))
    await notice(house)
    halfway = SendFailed("did not write for 48 hours", retryable=False, closed=True)
    halfway.failure = replace(halfway.failure, said=2)
    first.failures = [halfway]
    await sender.send_due()
    assert await states(house) == {"waiting": 1}
    return second, sender


async def test_parts_said_on_one_account_are_said_again_where_the_person_writes_next(house: House) -> None:
    second, sender = await half_said(house)
    await house.chat.answer(Incoming("other", "me-2", "m2", datetime.now(UTC), text="同意"))
    assert await sender.send_due() == 1
    assert [push.said for push in second.pushes] == [0]
    assert await states(house) == {"sent": 1}


async def test_parts_said_on_an_erased_account_are_said_again_on_the_one_that_is_left(house: House) -> None:
    second, sender = await half_said(house)

    def leave_the_first(unit: Unit) -> None:
        found = conversations.find(unit, "engine", "me")
        assert found is not None
        conversations.note_reach(unit, "other", "me-2", "reachable")
        leave(unit, found.id, datetime.now(UTC))

    await house.database.run(leave_the_first)
    await sender.send_due()
    assert [push.said for push in second.pushes] == [0]
    assert await states(house) == {"sent": 1}


@dataclass(slots=True)
class Midnight(Station):
    """Refuses what was begun just before midnight just after it; `at` is everybody's clock."""

    at: datetime = datetime(2026, 11, 24, 15, 59, 50, tzinfo=UTC)

    async def send(self, address: str, push: Push, way: str = MESSAGE) -> str:
        self.at += timedelta(seconds=20)
        return await Station.send(self, address, push, way)


async def test_a_quota_of_yesterday_is_given_back_to_yesterday(house: House) -> None:
    quota = Quota("templates", 10, ZoneInfo("Asia/Shanghai"))
    station = Midnight(open_ways=(Way("template", quotas=(quota,)),), failures=[SendFailed("busy", retryable=True)])
    await acquainted(house, station)
    await notice(house, due_at=station.at)
    days = ("2026-11-24", "2026-11-25")

    def use_today(unit: Unit) -> bool:
        return quotas.spend(unit, "templates", days[1], 3, 10)

    def used(unit: Unit) -> list[int]:
        return [quotas.used(unit, "templates", day) for day in days]

    assert await house.database.run(use_today)
    await Sender(house.database, house.words, {"engine": station}, clock=lambda unit: station.at).send_due()
    assert await attempts(house) == [("refused", "busy")]
    assert await house.database.read(used) == [0, 3]


async def test_a_claim_that_was_lost_is_not_handed_over(house: House) -> None:
    answered, _, _ = await waiting_answer(house)
    await house.chat.answer(Incoming("other", "me-2", "m1", datetime.now(UTC), text="你好"))
    long_ago = datetime.now(UTC)
    (lost,) = await house.database.run(lambda unit: claims.claim(unit, "engine", long_ago))
    after = long_ago + claims.LEASE + timedelta(seconds=1)
    await house.database.run(lambda unit: claims.claim(unit, "engine", after))

    def hand_over(unit: Unit) -> bool:
        other = conversations.find(unit, "other", "me-2")
        assert other is not None
        assert other.id != answered.conversation_id
        return deliveries.hand_over(unit, lost, other.id, "blocked", after)

    assert not await house.database.run(hand_over)
    assert await states(house) == {"claimed": 1}


async def test_messages_that_one_commit_let_go_leave_apart() -> None:
    pace, left = Pace(100.0), list[float]()

    async def leave() -> None:
        assert await pace.leave("", 5.0)
        left.append(monotonic())

    begun = monotonic()
    await asyncio.gather(*(leave() for _ in range(12)))
    assert all(at - begun > number / 100 - 0.005 for number, at in enumerate(sorted(left)))
