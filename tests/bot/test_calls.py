"""The call list: whom no message reaches although a deadline nears; on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bot.channels.channel import SendFailed
from bot.delivery import Sender
from bot.house import House
from handlers import turns
from handlers.messages import Incoming, Reply
from handlers.turns import Answered
from storage import calls, conversations, deliveries
from storage.unit import Unit
from tests.bot.stations import Station, message, states

SOON = timedelta(days=3)
CLOSED = SendFailed("did not write for 48 hours", retryable=False, closed=True)
BUSY = SendFailed("busy", retryable=True)
BLOCKED = SendFailed("blocked", retryable=False, reach="blocked")


async def sent(house: House, failures: list[Exception], *days: int, kind: str = "reminder") -> Station:
    """Messages with deadlines in so many days, tried once."""
    await house.chat.answer(message(1, "你好"))
    now = datetime.now(UTC)

    def write(unit: Unit) -> None:
        found = conversations.find(unit, "engine", "me")
        assert found is not None
        said = turns.packed(Answered(b"", found.id, "zh", (Reply("say/law"),)))
        for number in days:
            terms = deliveries.Terms(kind, not_after=now + timedelta(days=number))
            assert deliveries.enqueue(unit, f"{kind}:{number}", found.id, said, now, terms)

    await house.database.run(write)
    station = Station(failures=list(failures))
    sender = Sender(house.database, house.words, {"engine": station}, at_once=1)
    await sender.send_due()
    await sender.give_back()
    return station


async def listed(house: House) -> list[tuple[str, str, int]]:
    now = datetime.now(UTC)
    found = await house.database.run(lambda unit: calls.calls(unit, now, SOON))
    ends = [call.not_after for call in found if call.not_after is not None]
    return [
        (call.reason, call.registration, round((end - now) / timedelta(days=1)))
        for call, end in zip(found, ends, strict=True)
    ]


async def test_who_must_write_first_is_called_when_the_deadline_nears(house: House) -> None:
    await sent(house, [CLOSED] * 3, 30, 2, 1)
    assert await listed(house) == [("no window", "", 1), ("no window", "", 2)]


async def test_who_writes_in_time_is_not_called(house: House) -> None:
    await sent(house, [CLOSED], 2)
    await house.chat.answer(message(2, "同意"))
    assert await listed(house) == []


async def test_what_is_only_tried_again_needs_no_call(house: House) -> None:
    await sent(house, [BUSY], 2)
    assert await listed(house) == []


async def test_what_has_failed_is_on_the_list_and_a_broadcast_is_not(house: House) -> None:
    await sent(house, [BLOCKED], 30)
    await sent(house, [BLOCKED], 30, kind="broadcast")
    assert await states(house) == {"failed": 2}
    assert await listed(house) == [("blocked", "", 30)]


async def test_the_registration_sent_last_is_named(house: House) -> None:
    await sent(house, [BLOCKED], 30)

    def register(unit: Unit) -> None:
        unit.connection.execute(text("UPDATE conversations SET holder_id = 'h1'"))
        unit.connection.execute(text("INSERT INTO holders (id, created_at) VALUES ('h1', '2026-11-01')"))
        unit.connection.execute(
            text("INSERT INTO people (id, person_sealed, created_at, updated_at) VALUES (1, :none, :at, :at)"),
            {"none": b"", "at": "2026-11-01"},
        )
        for number in (1, 2):
            unit.connection.execute(
                text(
                    "INSERT INTO submissions (number, draft, holder_id, person_id, already_registered, form,"
                    " form_version, pack, status, channel, language, answers_sealed, area, reason, education,"
                    " submitted_at, consent, consented_at) VALUES (:number, :number, 'h1', 1, false, 'migrant', '1',"
                    " 'cn', 'received', 'engine', 'zh', :none, '', '', '', :at, '', :at)"
                ),
                {"number": f"R-{number}", "none": b"", "at": "2026-11-01"},
            )

    await house.database.run(register)
    assert await listed(house) == [("blocked", "R-2", 30)]
    await house.database.run(
        lambda unit: unit.connection.execute(text("UPDATE outbox SET holder_id = 'h1', conversation_id = 999"))
    )
    assert await listed(house) == [("blocked", "R-2", 30)]
    await house.chat.answer(Incoming("engine", "somebody else", "m1", datetime.now(UTC), text="你好"))
    assert await listed(house) == [("blocked", "R-2", 30)]


async def test_whoever_was_told_by_telephone_is_off_the_list_and_hears_it_once(house: House) -> None:
    station = await sent(house, [CLOSED, BLOCKED], 2, 1)
    now = datetime.now(UTC)

    def tell(number: int) -> Callable[[Unit], bool]:
        return lambda unit: calls.called(unit, number, now)

    for number in (1, 2):
        assert await house.database.run(tell(number))
        assert not await house.database.run(tell(number))
    assert await listed(house) == []
    assert await states(house) == {"suppressed": 1, "failed": 1}
    await house.chat.answer(message(2, "同意"))
    assert station.said == []
