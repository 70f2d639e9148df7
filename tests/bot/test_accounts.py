"""Several accounts of one person: the preferred one is told first, what waits is heard on any; on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bot.channels.channel import SendFailed
from bot.delivery import Sender
from bot.house import House
from handlers.messages import Incoming, Reply
from handlers.office import outbox
from handlers.office.accounts import new_code
from handlers.turns import Answered
from storage import accounts, conversations
from storage.deliveries import Terms
from storage.unit import Unit
from tests.bot.stations import Station, make_due, states

CLOSED = SendFailed("did not write for 48 hours", retryable=False, closed=True)
AWAY = SendFailed("not connected", retryable=True, away=True)
LAW = Reply("say/law")
CHANNELS = ("wechat", "telegram", "web")


class Person:
    """Somebody with an account on each channel, used in this order, and the sender to them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.stations = {name: Station(name) for name in CHANNELS}
        self.sender = Sender(house.database, house.words, self.stations)
        self.said = 0

    async def write(self, channel: str, words: str) -> Answered:
        self.said += 1
        return await self.house.chat.answer(
            Incoming(channel, f"me-{channel}", f"m{self.said}", datetime.now(UTC), text=words)
        )

    async def hear(self, key: str, reply: Reply = LAW) -> bool:
        """The office has something to say; it is tried until all rest."""
        now = datetime.now(UTC)
        terms = Terms("notice", urgent=True, not_after=now + timedelta(days=2))

        def write(unit: Unit) -> bool:
            return outbox.tell(
                unit,
                key,
                "h1",
                lambda account, language: Answered(b"", account, language, (reply,)),
                now,
                terms,
            )

        written = await self.house.database.run(write)
        for _ in range(4):
            await self.sender.send_due()
        return written

    def heard(self) -> dict[str, int]:
        return {name: len(station.said) for name, station in self.stations.items() if station.said}


async def person(house: House) -> Person:
    somebody = Person(house)
    for channel in CHANNELS:
        await somebody.write(channel, "你好")

    def link(unit: Unit) -> None:
        unit.connection.execute(text("INSERT INTO holders (id, created_at) VALUES ('h1', '2026-11-01')"))
        unit.connection.execute(text("UPDATE conversations SET holder_id = 'h1'"))

    await house.database.run(link)
    return somebody


async def test_the_account_used_last_is_told_and_never_a_page_that_may_be_closed(house: House) -> None:
    somebody = await person(house)
    assert await somebody.hear("one")
    assert not await somebody.hear("one")
    assert somebody.heard() == {"telegram": 1}
    await somebody.write("wechat", "你好")
    await somebody.hear("two")
    assert somebody.heard() == {"telegram": 1, "wechat": 1}


async def test_the_preferred_account_is_told_first(house: House) -> None:
    somebody = await person(house)
    answered = await somebody.write("web", "通知设置")
    assert (answered.replies[0].template, answered.replies[0].data["first"]) == ("say/topics", "telegram")
    assert "prefer:wechat" in [choice.value for choice in answered.replies[0].choices]
    answered = await somebody.write("web", "优先发到微信")
    assert answered.replies[0].data["first"] == "wechat"
    await somebody.write("telegram", "你好")
    await somebody.hear("one")
    assert somebody.heard() == {"wechat": 1}


async def test_a_preference_that_is_not_theirs_changes_nothing(house: House) -> None:
    somebody = Person(house)
    await somebody.write("telegram", "你好")
    answered = await somebody.write("telegram", "优先发到微信")
    assert answered.replies[0].data["first"] == ""
    assert [choice.value for choice in answered.replies[0].choices] == ["topics:legal", "topics:news"]


async def test_joining_two_people_keeps_what_was_preferred(house: House) -> None:
    def join(unit: Unit) -> str:
        for holder in ("h1", "h2"):
            unit.connection.execute(
                text("INSERT INTO holders (id, created_at) VALUES (:holder, '2026-11-01')"), {"holder": holder}
            )
        accounts.prefer(unit, "h1", "wechat")
        accounts.join(unit, "h1", "h2")
        return accounts.preferred(unit, "h2")

    assert await house.database.run(join) == "wechat"


async def test_where_the_first_is_shut_the_others_are_told_and_then_it_waits_for_any(house: House) -> None:
    somebody = await person(house)
    for name, failure in (("telegram", CLOSED), ("wechat", CLOSED), ("web", AWAY)):
        somebody.stations[name].failures = [failure]
    await somebody.hear("one")
    assert (somebody.heard(), await states(house)) == ({}, {"replaced": 2, "waiting": 1})
    await make_due(house)
    await somebody.sender.send_due()
    assert (somebody.heard(), await states(house)) == ({"web": 1}, {"replaced": 2, "sent": 1})


async def test_what_waits_on_one_account_is_heard_on_the_one_they_write_on(house: House) -> None:
    somebody = await person(house)
    for name in ("telegram", "wechat"):
        somebody.stations[name].failures = [CLOSED]
    await house.database.run(
        lambda unit: unit.connection.execute(text("UPDATE conversations SET holder_id = '' WHERE channel = 'web'"))
    )
    await somebody.hear("one")
    assert (somebody.heard(), await states(house)) == ({}, {"replaced": 1, "waiting": 1})
    await somebody.write("telegram", "你好")
    await somebody.sender.send_due()
    assert somebody.heard() == {"telegram": 1}
    await somebody.write("wechat", "你好")
    await somebody.sender.send_due()
    assert somebody.heard() == {"telegram": 1}


async def test_what_waits_is_said_at_once_on_an_account_that_is_linked_meanwhile(house: House) -> None:
    somebody = await person(house)
    for name in ("telegram", "wechat"):
        somebody.stations[name].failures = [CLOSED]
    await house.database.run(
        lambda unit: unit.connection.execute(text("UPDATE conversations SET holder_id = '' WHERE channel = 'web'"))
    )
    await somebody.hear("one")
    code = await house.database.run(lambda unit: new_code(unit, "h1", datetime.now(UTC)))
    await somebody.write("web", f"关联 {code}")
    await somebody.sender.send_due()
    assert (somebody.heard(), await states(house)) == ({"web": 1}, {"replaced": 1, "sent": 1})


async def test_what_waits_on_an_account_that_is_erased_goes_to_another(house: House) -> None:
    somebody = await person(house)
    somebody.stations["telegram"].failures = [SendFailed("busy", retryable=True)]
    await somebody.hear("one")
    assert await states(house) == {"waiting": 1}

    def erase(unit: Unit) -> None:
        found = conversations.find(unit, "telegram", "me-telegram")
        assert found is not None
        outbox.leave(unit, found.id, datetime.now(UTC))
        conversations.erase(unit, found.id)

    await house.database.run(erase)
    await somebody.sender.send_due()
    assert (somebody.heard(), await states(house)) == ({"wechat": 1}, {"sent": 1})


async def test_nobody_without_an_account_is_written_to(house: House) -> None:
    assert not await Person(house).hear("one")


async def test_what_waited_is_said_as_such_the_shortest_first(house: House) -> None:
    somebody = await person(house)
    for station in somebody.stations.values():
        station.failures = [CLOSED] * 2
    for key, reply in (("long", Reply("say/law")), ("short", Reply("say/resumed"))):
        await somebody.hear(key, reply=reply)
    assert somebody.heard() == {}
    await somebody.write("telegram", "你好")
    await somebody.sender.send_due()
    said = [text for _, text in somebody.stations["telegram"].said]
    assert [text.startswith("（您不在的时候）") for text in said] == [True, True]
    assert len(said[0]) < len(said[1])
