"""Messages to many: gathered, sent in one call that is repeated under its name, each with its end; both databases."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bot.bundles import BundleSender
from bot.channels.channel import MESSAGE, Push, SendFailed
from bot.delivery import Sender
from bot.house import House
from handlers import turns
from handlers.messages import Incoming, Reply
from handlers.office.bundles import leave_to_each
from handlers.office.outbox import ATTEMPTS
from handlers.office.reports import MassEnded, Told
from handlers.office.ways import Way
from handlers.turns import Answered
from storage import bundles, conversations, deliveries, topics
from storage.unit import Unit
from tests.bot.stations import Station, make_due, states

TO_MANY = (Way(MESSAGE, window=1), Way("mass", bundle="text:abc"))
PEOPLE = ("a", "b", "c")
BUSY = SendFailed("busy", retryable=True)
NOBODY_KNOWS = SendFailed("no answer", retryable=True, unknown=True)
FORBIDDEN = SendFailed("no right", retryable=False)


@dataclass(slots=True)
class Loudspeaker(Station):
    """A channel of the test that also speaks to many."""

    open_ways: tuple[Way, ...] = TO_MANY
    calls: list[tuple[str, list[str]]] = field(default_factory=list)

    async def send_to_many(self, addresses: Sequence[str], push: Push, call: str) -> str:
        self.calls.append((call, sorted(addresses)))
        if self.failures:
            raise self.failures.pop(0)
        return "m1"


async def gathered(house: House, *failures: Exception, people: Sequence[str] = PEOPLE) -> tuple[Loudspeaker, Sender]:
    """A broadcast to people without a window, put aside."""
    now = datetime.now(UTC)
    for person in people:
        await house.chat.answer(Incoming("engine", person, f"m-{person}", now, text="你好"))

    def write(unit: Unit) -> None:
        unit.connection.execute(text("UPDATE conversations SET holder_id = 'h-' || id"))
        for person in people:
            found = conversations.find(unit, "engine", person)
            assert found is not None
            said = turns.packed(Answered(b"", found.id, "zh", (Reply("say/law"),)))
            terms = deliveries.Terms("broadcast", topic="news", urgent=True)
            assert deliveries.enqueue(unit, f"news:{person}", found.id, said, now, terms)

    await house.database.run(write)
    station = Loudspeaker(failures=list(failures))
    sender = Sender(house.database, house.words, {"engine": station})
    await sender.send_due()
    return station, sender


async def test_many_are_told_in_one_call_and_wait_for_its_result(house: House) -> None:
    station, sender = await gathered(house)
    assert (station.said, await states(house)) == ([], {"waiting": 3})
    for _ in range(2):
        await BundleSender(sender).send_due()
    assert [people for _, people in station.calls] == [["a", "b", "c"]]
    assert await states(house) == {"accepted": 3}
    await house.chat.report(Told("engine", "office", "r1", [MassEnded("m1", "sent", "counts only")]))
    assert await states(house) == {"sent": 3}


async def test_a_call_is_repeated_under_its_name_with_the_same_people(house: House) -> None:
    station, sender = await gathered(house, BUSY, NOBODY_KNOWS)
    for _ in range(3):
        await BundleSender(sender).send_due()
        await make_due(house)
    assert len(station.calls) == 3
    assert len({(call, *people) for call, people in station.calls}) == 1
    assert await states(house) == {"accepted": 3}


async def test_a_call_whose_sender_died_is_repeated_under_its_name(house: House) -> None:
    station, sender = await gathered(house)
    now = datetime.now(UTC)
    claimed = await house.database.run(lambda unit: bundles.claim(unit, "engine", now, 10, quiet=False))
    assert claimed is not None
    await BundleSender(sender).send_due()
    assert station.calls == []
    later = now + timedelta(minutes=3)
    again = await house.database.run(lambda unit: bundles.claim(unit, "engine", later, 10, quiet=False))
    assert again is not None
    assert again.call == claimed.call


async def test_what_does_not_fit_into_one_call_goes_in_the_next(house: House) -> None:
    _, _ = await gathered(house)
    now = datetime.now(UTC)

    def claim(unit: Unit) -> list[str]:
        found = bundles.claim(unit, "engine", now, 2, quiet=False)
        return [] if found is None else sorted(bundles.opened(unit, found).addresses)

    assert [await house.database.run(claim) for _ in range(3)] == [["a", "b"], ["c"], []]


async def test_nothing_leaves_while_more_is_to_be_gathered_or_people_sleep(house: House) -> None:
    await gathered(house)
    now = datetime.now(UTC)

    def asleep(unit: Unit) -> bool:
        unit.connection.execute(text("UPDATE outbox SET urgent = false"))
        return bundles.claim(unit, "engine", now, 10, quiet=True) is None

    def more_to_come(unit: Unit) -> bool:
        unit.connection.execute(text("UPDATE outbox SET bundle = '', reason = '' WHERE once_key = 'news:c'"))
        return bundles.claim(unit, "engine", now, 10, quiet=False) is None

    assert await house.database.run(asleep)
    assert await house.database.run(more_to_come)


async def test_who_turned_the_topic_off_on_any_account_is_left_out(house: House) -> None:
    station, sender = await gathered(house)
    now = datetime.now(UTC)
    await house.chat.answer(Incoming("other", "a-2", "m1", now, text="你好"))

    def turn_off(unit: Unit) -> None:
        first, second = conversations.find(unit, "engine", "a"), conversations.find(unit, "other", "a-2")
        assert first is not None
        assert second is not None
        link = text("UPDATE conversations SET holder_id = :holder WHERE id = :id")
        unit.connection.execute(link, {"holder": f"h-{first.id}", "id": second.id})
        topics.turn_off(unit, second.id, "news")

    await house.database.run(turn_off)
    await BundleSender(sender).send_due()
    assert [people for _, people in station.calls] == [["b", "c"]]
    assert await states(house) == {"accepted": 2, "suppressed": 1}


async def test_what_may_not_leave_together_waits_for_each_person(house: House) -> None:
    station, sender = await gathered(house, FORBIDDEN)
    await BundleSender(sender).send_due()
    assert await states(house) == {"waiting": 3}
    await house.chat.answer(Incoming("engine", "b", "m2", datetime.now(UTC), text="同意"))
    station.open_ways = (Way(MESSAGE),)
    await sender.send_due()
    assert [address for address, _ in station.said] == ["b"]


async def test_another_copy_makes_no_call_while_this_one_sends(house: House) -> None:
    station, sender = await gathered(house)
    assert await BundleSender(Sender(house.database, house.words, {"engine": station})).send_due() == 0
    assert await BundleSender(sender).send_due() == 1


async def test_a_copy_that_was_overtaken_changes_nothing_of_the_call_any_more(house: House) -> None:
    await gathered(house)
    now = datetime.now(UTC)
    later = now + timedelta(minutes=3)
    paused = await house.database.run(lambda unit: bundles.claim(unit, "engine", now, 10, quiet=False))
    sending = await house.database.run(lambda unit: bundles.claim(unit, "engine", later, 10, quiet=False))
    assert paused is not None
    assert sending is not None
    await house.database.run(lambda unit: leave_to_each(unit, paused, later))
    assert await states(house) == {"claimed": 3}
    await house.database.run(lambda unit: bundles.accept(unit, sending, "m1", later))
    assert await states(house) == {"accepted": 3}


async def test_a_fault_of_ours_ends_the_call_after_some_tries_and_not_never(house: House) -> None:
    station, sender = await gathered(house, *[RuntimeError("a fault of ours")] * (ATTEMPTS + 1))
    for _ in range(ATTEMPTS + 1):
        await BundleSender(sender).send_due()
        await make_due(house)
    assert len(station.calls) == ATTEMPTS
    assert len({call for call, _ in station.calls}) == 1
    assert await states(house) == {"failed": 3}


async def test_urgent_messages_leave_together_at_night_though_others_wait_for_the_morning(house: House) -> None:
    await gathered(house)
    now = datetime.now(UTC)

    def claim(unit: Unit) -> list[str]:
        asleep = "UPDATE outbox SET bundle = '', reason = '', urgent = false WHERE once_key = 'news:c'"
        unit.connection.execute(text(asleep))
        found = bundles.claim(unit, "engine", now, 10, quiet=True)
        return [] if found is None else sorted(bundles.opened(unit, found).addresses)

    assert await house.database.run(claim) == ["a", "b"]


async def test_what_moves_to_another_account_leaves_its_bundle(house: House) -> None:
    await gathered(house)
    now = datetime.now(UTC)
    await house.chat.answer(Incoming("other", "a-2", "m1", now, text="你好"))

    def move_and_claim(unit: Unit) -> list[str]:
        first, second = conversations.find(unit, "engine", "a"), conversations.find(unit, "other", "a-2")
        assert first is not None
        assert second is not None
        deliveries.move(unit, first.id, second.id, now)
        found = bundles.claim(unit, "engine", now, 10, quiet=False)
        return [] if found is None else sorted(bundles.opened(unit, found).addresses)

    assert await house.database.run(move_and_claim) == ["b", "c"]
