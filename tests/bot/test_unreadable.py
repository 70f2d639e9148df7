"""Messages that can't be opened: each has an end, is told by its class, and holds up no other; on both databases."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import ColumnElement, select, update
from structlog.testing import capture_logs

from bot.bundles import BundleSender
from bot.delivery import Sender
from bot.house import House
from bot.pace import Pace
from handlers import turns
from handlers.messages import Reply
from handlers.turns import Answered
from storage import claims, tables
from storage.secrets import generate
from storage.unit import Unit
from tests import house as houses
from tests.bot.stations import Station, make_due, states
from tests.bot.test_bundles import NOBODY_KNOWS, Loudspeaker, gathered
from tests.bot.test_rounds import told

GARBAGE = b"not what was sealed"
PEOPLE = ("a", "b", "c")

_rows = tables.outbox.c


def of(person: str) -> ColumnElement[bool]:
    return _rows.once_key.endswith(f":{person}")


def without_words(unit: Unit, person: str = "b") -> None:
    unit.execute(update(tables.outbox).where(of(person)).values(message_sealed=GARBAGE))


def without_address(unit: Unit) -> None:
    talks = tables.conversations
    theirs = talks.c.id.in_(select(_rows.conversation_id).where(of("b")))
    unit.execute(update(talks).where(theirs).values(address_sealed=GARBAGE))


def of_unknown_class(unit: Unit) -> None:
    unit.execute(update(tables.outbox).where(of("b")).values(kind="parcel"))


def looked_at_in_vain(unit: Unit) -> None:
    """Nothing could be read for an hour."""
    unit.execute(update(tables.outbox).values(claim=claims.LOOKS, reason=claims.UNREADABLE))


async def row_of(house: House, person: str) -> Any:
    return await house.database.run(lambda unit: unit.execute(select(tables.outbox).where(of(person))).one())


def passed_over() -> float:
    return REGISTRY.get_sample_value("anju_passed_over_total", {"part": "outbox"}) or 0.0


def sender_of(house: House, station: Station, **more: Any) -> Sender:
    return Sender(house.database, house.words, {"engine": station}, **more)


def lines_of(log: Sequence[Any]) -> list[tuple[str, int, str]]:
    return [(line["part"], line["number"], line["kind"]) for line in log if line["event"] == "passed over"]


@pytest.mark.parametrize("spoil", [without_words, without_address, of_unknown_class])
async def test_a_message_that_cant_be_read_has_failed_and_the_others_leave(
    house: House, spoil: Callable[[Unit], None]
) -> None:
    await told(house, PEOPLE)
    for work in (looked_at_in_vain, spoil):
        await house.database.run(work)
    station, before = Station(), passed_over()
    with capture_logs() as log:
        assert await sender_of(house, station).send_due() == 2
        await sender_of(house, station).send_due()
    assert sorted(address for address, _ in station.said) == ["a", "c"]
    row = await row_of(house, "b")
    assert (row.state, row.reason, row.lease_until) == ("failed", claims.UNREADABLE, None)
    assert row.ended_at is not None
    assert lines_of(log) == [("outbox", row.id, row.kind)]
    assert passed_over() - before == 1


async def test_for_one_address_too_a_message_that_cant_be_read_holds_up_no_other(house: House) -> None:
    await told(house, ["b"], "notice", "-1")
    await house.database.run(without_words)
    await told(house, ["b"], "notice", "-2")
    await house.database.run(looked_at_in_vain)
    station = Station()
    assert await sender_of(house, station).send_to("engine", "b") == 1
    assert await states(house) == {"sent": 1, "failed": 1}


async def test_what_cant_be_read_waits_for_its_minute_however_often_its_person_comes(house: House) -> None:
    await told(house, ["b"], "notice")
    await house.database.run(without_words)
    sender = sender_of(house, Station())
    with capture_logs():
        assert [await sender.send_to("engine", "b") for _ in range(3)] == [0, 0, 0]
    row = await row_of(house, "b")
    assert (row.state, row.claim) == ("waiting", 1)


async def test_what_a_copy_with_a_newer_key_wrote_waits_for_a_copy_that_can_read_it(
    house: House, database_url: str
) -> None:
    await told(house, ["a"])
    keys = f"{generate('newer').partition(',')[0]},{houses.KEYS}"
    async with houses.opened(houses.settings(database_url, keys=keys)) as newer:
        await told(newer, ["b"])
        station = Station()
        older = sender_of(house, station)
        with capture_logs() as log:
            await older.send_due()
        assert [address for address, _ in station.said] == ["a"]
        row = await row_of(house, "b")
        assert (row.state, row.reason, row.attempts) == ("waiting", claims.UNREADABLE, 0)
        assert row.due_at > datetime.now(UTC) + claims.LOOKED_AT_AGAIN / 2
        assert lines_of(log) == [("outbox", row.id, "broadcast")]
        await older.give_back()
        await make_due(house)
        await sender_of(newer, station).send_due()
    assert [address for address, _ in station.said] == ["a", "b"]
    assert await states(house) == {"sent": 2}


async def test_what_nobody_can_read_for_an_hour_has_failed(house: House) -> None:
    await told(house, PEOPLE)
    await house.database.run(without_words)
    begun, pause = datetime.now(UTC), claims.LOOKED_AT_AGAIN
    for look in range(claims.LOOKS):
        at = begun + look * pause
        await house.database.run(lambda unit, at=at: claims.claim(unit, "engine", at))  # type: ignore[misc]
        await house.database.run(lambda unit, at=at: claims.claim(unit, "engine", at + pause / 2))  # type: ignore[misc]
        assert (await row_of(house, "b")).state == "waiting"
    await house.database.run(lambda unit: claims.claim(unit, "engine", begun + claims.LOOKS * pause))
    assert (await row_of(house, "b")).state == "failed"


async def test_what_is_old_when_its_key_is_missing_has_its_hour_too(house: House) -> None:
    await told(house, ["b"])
    await house.database.run(without_words)
    yesterday = update(tables.outbox).values(created_at=datetime.now(UTC) - timedelta(days=1))
    await house.database.run(lambda unit: unit.execute(yesterday).close())
    await sender_of(house, Station()).send_due()
    assert (await row_of(house, "b")).state == "waiting"


async def test_a_page_of_messages_that_cant_be_read_ends_no_round(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = [f"p{number}" for number in range(8)]
    await told(house, [*crowd, "z"])
    last = of("z")
    await house.database.run(
        lambda unit: unit.execute(update(tables.outbox).where(~last).values(message_sealed=GARBAGE)).close()
    )
    station, before = Station(), passed_over()
    sender = sender_of(house, station, paces={"engine": Pace(per_second=2)})
    monkeypatch.setattr("bot.delivery.PAGES", 1)
    assert await sender.send_due() == 0
    looked_at = passed_over() - before
    assert 0 < looked_at < len(crowd)  # no more than so many at a time: what is leaving has to be written down
    monkeypatch.setattr("bot.delivery.PAGES", 20)
    assert await sender.send_due() == 1
    assert [address for address, _ in station.said] == ["z"]


async def test_a_lost_attempt_at_what_cant_be_read_is_of_unknown_outcome(house: House) -> None:
    await told(house, ["b"])
    now = datetime.now(UTC)

    def begin(unit: Unit) -> None:
        (claimed,) = claims.claim(unit, "engine", now)
        assert claims.begin(unit, claimed, now) is not None

    for work in (begin, looked_at_in_vain, without_words):
        await house.database.run(work)
    later = now + claims.LEASE + timedelta(seconds=1)
    await house.database.run(lambda unit: claims.claim(unit, "engine", later))
    found = select(tables.attempts.c.outcome)
    assert await house.database.run(lambda unit: list(unit.execute(found).scalars())) == ["unknown"]
    assert await states(house) == {"failed": 1}


async def test_what_waited_and_cant_be_put_into_words_holds_up_no_other(house: House) -> None:
    await told(house, PEOPLE)
    wordless = turns.packed(Answered(b"", 0, "zh", (Reply("say/what_nobody_wrote"),)))

    def spoil(unit: Unit) -> None:
        sealed = unit.vault.seal_json(wordless, claims.MESSAGE)
        unit.execute(update(tables.outbox).values(reason=claims.BACK))
        unit.execute(update(tables.outbox).where(of("b")).values(message_sealed=sealed))

    await house.database.run(spoil)
    station = Station()
    await sender_of(house, station).send_due()
    assert sorted(address for address, _ in station.said) == ["a", "c"]
    row = await row_of(house, "b")
    assert (row.state, row.reason) == ("waiting", "fault in the program")


async def call(sender: Sender) -> None:
    """What is to be said to many; then what is left is claimed by itself."""
    await BundleSender(sender).send_due()
    await sender.send_due()


async def test_an_address_that_cant_be_read_keeps_nobody_from_hearing_what_many_hear(house: House) -> None:
    station, sender = await gathered(house)
    for work in (looked_at_in_vain, without_address):
        await house.database.run(work)
    with capture_logs() as log:
        await call(sender)
        await call(sender)
    assert [people for _, people in station.calls] == [["a", "c"]]
    assert await states(house) == {"accepted": 2, "failed": 1}
    row = await row_of(house, "b")
    assert (row.state, row.reason) == ("failed", claims.UNREADABLE)
    assert lines_of(log) == [("outbox", row.id, "broadcast")]
    outcomes = select(tables.attempts.c.outcome).order_by(tables.attempts.c.outcome)
    found = await house.database.run(lambda unit: list(unit.execute(outcomes).scalars()))
    assert found == ["accepted", "accepted", "refused"]


async def call_of_unknown_outcome(house: House) -> tuple[Loudspeaker, Sender, bytes]:
    """It may have arrived; then its words can't be read any more. They stand sealed beside it."""
    station, sender = await gathered(house, NOBODY_KNOWS)
    await BundleSender(sender).send_due()
    sealed = (await row_of(house, "a")).message_sealed
    for person in PEOPLE:
        await house.database.run(lambda unit, person=person: without_words(unit, person))  # type: ignore[misc]
    await make_due(house)
    return station, sender, sealed


async def test_a_call_that_may_have_arrived_waits_for_who_can_read_it_and_keeps_its_name(house: House) -> None:
    station, sender, sealed = await call_of_unknown_outcome(house)
    for _ in range(2):
        await call(sender)
        assert await states(house) == {"waiting": 3}
        await make_due(house)
    readable = update(tables.outbox).values(message_sealed=sealed)
    await house.database.run(lambda unit: unit.execute(readable).close())
    await call(sender)
    assert len({(name, *people) for name, people in station.calls}) == 1
    assert len(station.calls) == 2
    assert station.said == []
    assert await states(house) == {"accepted": 3}


async def test_a_call_that_may_have_arrived_and_nobody_can_read_has_failed_and_is_not_said_again(house: House) -> None:
    station, sender, _ = await call_of_unknown_outcome(house)
    tried = [update(tables.outbox).values(attempts=claims.LOOKS), update(tables.attempts).values(number=claims.LOOKS)]
    await house.database.run(lambda unit: [unit.execute(one).rowcount for one in tried])
    await call(sender)
    assert len(station.calls) == 1
    assert station.said == []
    assert await states(house) == {"failed": 3}
    assert {(await row_of(house, person)).reason for person in PEOPLE} == {"unknown"}


async def test_of_a_call_that_may_have_arrived_who_cant_be_read_is_not_told_by_themselves(house: House) -> None:
    station, sender = await gathered(house, NOBODY_KNOWS)
    await BundleSender(sender).send_due()
    await house.database.run(without_address)
    await make_due(house)
    await call(sender)
    assert [people for _, people in station.calls] == [["a", "b", "c"], ["a", "c"]]
    assert len({name for name, _ in station.calls}) == 1
    row = await row_of(house, "b")
    assert (row.state, row.reason) == ("failed", "unknown")


async def test_what_many_hear_is_read_from_any_of_its_messages(house: House) -> None:
    station, sender = await gathered(house)
    for work in (looked_at_in_vain, lambda unit: without_words(unit, "a")):
        await house.database.run(work)
    await call(sender)
    assert [people for _, people in station.calls] == [["a", "b", "c"]]
    assert await states(house) == {"accepted": 3}


async def test_where_nothing_of_what_many_hear_can_be_read_each_has_failed(house: House) -> None:
    station, sender = await gathered(house)

    def spoil(unit: Unit) -> None:
        for person in PEOPLE:
            without_words(unit, person)

    for work in (looked_at_in_vain, spoil):
        await house.database.run(work)
    await call(sender)
    assert station.calls == []
    assert await states(house) == {"failed": 3}


async def test_one_that_is_left_of_a_message_to_many_waits_until_they_write(house: House) -> None:
    station, sender = await gathered(house, people=("a", "b"))
    for work in (looked_at_in_vain, without_address):
        await house.database.run(work)
    assert isinstance(station, Loudspeaker)
    await call(sender)
    assert station.calls == []
    assert await states(house) == {"waiting": 1, "failed": 1}
