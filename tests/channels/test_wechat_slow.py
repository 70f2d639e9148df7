"""Turns that take longer than the platform waits, and a database that takes nothing."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.chat import Chat
from bot.delivery import Sender
from bot.postponed import Answerer
from handlers.messages import Incoming
from handlers.turns import Answered
from storage.errors import Busy, Unavailable
from tests.channels.wechat_house import Office, office

SHORT = 0.3
LONG = 30.0


@dataclass(frozen=True, slots=True)
class SlowChat(Chat):
    """Decides nothing before the gate is open."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)

    async def answer(self, incoming: Incoming) -> Answered:
        """Wait, then answer."""
        self.asked.append(incoming.message_id)
        await self.gate.wait()
        return await Chat.answer(self, incoming)


@dataclass(frozen=True, slots=True)
class FailingChat(Chat):
    """Fails as often as there are `failures`, then answers."""

    failures: list[Exception] = field(default_factory=list)
    can_postpone: bool = False

    async def answer(self, incoming: Incoming) -> Answered:
        """Fail, or answer."""
        if self.failures:
            raise self.failures.pop(0)
        return await Chat.answer(self, incoming)

    async def postpone(self, incoming: Incoming) -> bool:
        """Keep the message, if the database takes anything."""
        if not self.can_postpone:
            raise Unavailable
        return await Chat.postpone(self, incoming)


@dataclass(frozen=True, slots=True)
class DrowningChat(SlowChat):
    """Takes a message in hand, and can't even keep another for later."""

    async def postpone(self, incoming: Incoming) -> bool:
        """Nothing is kept."""
        raise Unavailable


def drowning(chat: Chat) -> DrowningChat:
    """A talk in a database that hardly moves."""
    return DrowningChat(chat.database, chat.words, chat.office)


def slow(chat: Chat) -> SlowChat:
    """A talk that waits."""
    return SlowChat(chat.database, chat.words, chat.office)


def failing(chat: Chat, *failures: Exception, can_postpone: bool = False) -> FailingChat:
    """A talk that fails."""
    return FailingChat(chat.database, chat.words, chat.office, failures=list(failures), can_postpone=can_postpone)


def talk(place: Office) -> SlowChat:
    """The slow talk behind the channel."""
    chat = place.channel._chat
    assert isinstance(chat, SlowChat)
    return chat


def hello(place: Office) -> str:
    """A first message."""
    return place.phone.message("text", Content="你好")


async def tick(place: Office) -> None:
    """What the clock does: answer what was put off, send what waits."""
    await Answerer(place.house.chat).answer_due()
    await Sender(place.house.database, place.house.words, {"wechat": place.channel}).send_due()


async def test_a_delivery_that_was_cut_off_is_answered_at_the_next_by_the_same_turn(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=slow, patience=LONG) as place:
        xml = hello(place)
        place.phone.cut = 0.3
        assert await place.phone.insist(xml) is None
        place.phone.cut = LONG
        talk(place).gate.set()
        assert "安居" in await place.phone.deliver(xml)
        assert len(talk(place).asked) == 1


async def test_first_deliveries_of_a_slow_turn_stay_unanswered(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=slow, patience=SHORT) as place:
        xml = hello(place)
        assert [(await place.phone.post(xml)).status_code for _ in range(2)] == [503, 503]
        talk(place).gate.set()


async def test_the_last_delivery_of_a_slow_turn_is_acknowledged_and_answered_through_the_outbox(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=slow, patience=SHORT) as place:
        place.api.wrote(place.phone.openid)
        assert await place.phone.insist(hello(place)) == ""
        assert len(talk(place).asked) == 1
        await tick(place)
        talk(place).gate.set()
        await place.channel.stop()
        await place.channel.start()
        await tick(place)
        said = place.api.texts_to(place.phone.openid)
        assert len(said) == 1
        assert "安居" in said[0]


async def test_a_turn_decided_by_then_is_not_put_off(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=slow, patience=SHORT) as place:
        xml = hello(place)
        await place.phone.post(xml)
        talk(place).gate.set()
        assert "安居" in (await place.phone.insist(xml) or "")
        await tick(place)
        assert place.api.sent == []


async def test_an_old_message_is_at_its_last_delivery_even_if_another_copy_had_the_first(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=slow, patience=SHORT) as place:
        xml = place.phone.xml(MsgType="text", MsgId="1", Content="你好", CreateTime="1700000000")
        assert (await place.phone.post(xml)).text == "success"
        talk(place).gate.set()


async def test_a_turn_that_never_ends_does_not_keep_the_program_from_stopping(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=slow, patience=SHORT) as place:
        assert (await place.phone.post(hello(place))).status_code == 503
        await place.channel.stop()
        talk(place).gate.set()
        await asyncio.sleep(0)
        assert await place.asked() == ""


async def test_deliveries_to_two_copies_at_once_get_the_same_words(tmp_path: Path) -> None:
    async with office(tmp_path) as place, office(tmp_path) as copy:
        copy.phone.openid = place.phone.openid
        xml = hello(place)
        first, second = await asyncio.gather(place.phone.deliver(xml), copy.phone.deliver(xml))
        assert first == second
        assert "安居" in first


async def test_deliveries_at_once_share_one_turn(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=slow) as place:
        xml = hello(place)
        posts = [asyncio.create_task(place.phone.deliver(xml)) for _ in range(2)]
        talk(place).gate.set()
        first, second = await asyncio.gather(*posts)
        assert first == second
        assert len(talk(place).asked) == 1


@pytest.mark.parametrize("failure", [Busy(), Unavailable()])
async def test_a_database_that_is_away_for_a_moment_is_not_noticed(failure: Exception, tmp_path: Path) -> None:
    async with office(tmp_path, wrap=lambda chat: failing(chat, failure)) as place:
        assert "安居" in await place.phone.deliver(hello(place))


async def test_a_database_that_stays_away_leaves_deliveries_unanswered_and_tells_at_the_last(tmp_path: Path) -> None:
    away = [Unavailable() for _ in range(1000)]
    async with office(tmp_path, wrap=lambda chat: failing(chat, *away), patience=SHORT) as place:
        xml = hello(place)
        statuses = [(await place.phone.post(xml)).status_code for _ in range(2)]
        assert statuses == [503, 503]
        assert await place.phone.deliver(xml) == place.house.words.say("zh", "say/not_saved")


async def test_where_it_may_be_saved_yet_that_is_said_and_the_answer_comes_by_the_outbox(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=drowning, patience=SHORT) as place:
        chat = place.channel._chat
        assert isinstance(chat, DrowningChat)
        place.api.wrote(place.phone.openid)
        assert await place.phone.insist(hello(place)) == place.house.words.say("zh", "say/maybe_not_saved")
        chat.gate.set()
        await asyncio.wait_for(asyncio.gather(*place.channel._turns._tasks), LONG)
        await tick(place)
        said = place.api.texts_to(place.phone.openid)
        assert len(said) == 1
        assert "安居" in str(said[0])


async def test_a_full_queue_that_still_takes_the_message_answers_it_later(tmp_path: Path) -> None:
    busy = [Busy() for _ in range(1000)]
    wrapped = lambda chat: failing(chat, *busy, can_postpone=True)  # noqa: E731 -- a table's row
    async with office(tmp_path, wrap=wrapped, patience=SHORT) as place:
        place.api.wrote(place.phone.openid)
        assert await place.phone.insist(hello(place)) == ""
        await tick(place)
        assert len(place.api.texts_to(place.phone.openid)) == 1


async def test_a_fault_of_the_program_is_told_in_a_sentence(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=lambda chat: failing(chat, RuntimeError("李伟"))) as place:
        assert await place.phone.deliver(hello(place)) == place.house.words.say("zh", "say/trouble")
        assert "安居" in await place.phone.deliver(hello(place))
