"""Polling: an update is confirmed once it is answered, whatever happens between."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.channels.channel import Message
from bot.channels.telegram import TelegramChannel
from bot.chat import Chat
from handlers.messages import Incoming
from handlers.turns import Answered
from storage import claims, deliveries
from storage.errors import Busy, Unavailable
from tests.channels.telegram_house import Office, office
from tests.doubles.telegram import Refusal, TelegramDouble

FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Controlled(Chat):
    """A talk that fails with the next fault, that tells when it has answered, and that can be held up then."""

    faults: list[Exception] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    held: list[asyncio.Event] = field(default_factory=list)

    async def answer(self, incoming: Incoming) -> Answered:
        """Fail, or answer and perhaps wait."""
        self.heard.append(incoming.text)
        if self.faults:
            raise self.faults.pop(0)
        answered = await super(Controlled, self).answer(incoming)
        self.answered.set()
        for gate in self.held:
            await gate.wait()
        return answered


def controlled(**fields: Any) -> Callable[[Chat], Chat]:
    """A wrapping with these fields."""
    return lambda chat: Controlled(chat.database, chat.words, chat.office, **fields)


def offsets(api: TelegramDouble) -> list[int]:
    """The offsets asked for, each once."""
    asked = [values["offset"] for method, values in api.calls if method == "getUpdates"]
    return list(dict.fromkeys(asked))


async def confirmed(there: Office, update: dict[str, Any]) -> None:
    """Wait until an update was confirmed."""
    await there.api.until(lambda: offsets(there.api)[-1:] == [update["update_id"] + 1])


async def said(there: Office, number: int = 1) -> list[str]:
    """Wait until the person got that many messages."""
    await there.api.until(lambda: len(there.api.texts_to(there.person.id)) >= number)
    return there.api.texts_to(there.person.id)


async def test_polling_has_no_route_and_takes_the_webhook_away(tmp_path: Path) -> None:
    async with office(tmp_path, mode="polling") as there:
        assert there.channel.routes() == ()
        await there.api.until(lambda: "getUpdates" in there.api.methods())
        assert there.api.methods().index("deleteWebhook") < there.api.methods().index("getUpdates")
        polled = next(values for method, values in there.api.calls if method == "getUpdates")
        assert polled["allowed_updates"] == ["message", "callback_query", "my_chat_member"]


async def test_an_update_is_answered_by_the_bot_api_and_then_confirmed(tmp_path: Path) -> None:
    async with office(tmp_path, mode="polling") as there:
        update = there.person.message(text="你好")
        await there.api.put(update)
        await confirmed(there, update)
        assert len(there.api.texts_to(there.person.id)) == 1
        assert offsets(there.api) == [0, update["update_id"] + 1]
        assert there.api.waiting == []


async def test_a_pressed_button_is_answered_and_shown_alike(tmp_path: Path) -> None:
    async with office(tmp_path, mode="polling") as there:
        await there.api.put(there.person.message(text="/start"))
        await said(there)
        question = next(iter(there.api.messages.values()))
        await there.api.put(there.person.press("migrant/consent/agree", shown=question))
        await there.api.until(lambda: "✓ 同意" in str(there.api.messages[question["message_id"]]["text"]))
        assert len(await said(there, 2)) == 2
        assert await there.asked() == "hukou_kind"


async def test_what_was_decided_but_not_said_when_the_program_died_is_delivered_again(tmp_path: Path) -> None:
    answered, gate = asyncio.Event(), asyncio.Event()
    async with office(tmp_path, mode="polling", wrap=controlled(answered=answered, held=[gate])) as there:
        there.channel._patience = 0.0  # as suddenly as can be
        update = there.person.message(text="你好")
        await there.api.put(update)
        await answered.wait()
        await there.channel.stop()
        assert (await there.asked(), offsets(there.api), there.api.waiting) == ("consent", [0], [update])
        assert there.api.texts_to(there.person.id) == []
        again = TelegramChannel(there.house.settings, there.house.chat, wait=5, first_pause=0.01)
        await again.start()
        await confirmed(there, update)
        await again.stop()
        assert len(there.api.texts_to(there.person.id)) == 1


async def test_an_orderly_end_answers_what_was_begun_and_confirms_it(tmp_path: Path) -> None:
    answered, gate = asyncio.Event(), asyncio.Event()
    async with office(tmp_path, mode="polling", wrap=controlled(answered=answered, held=[gate])) as there:
        update = there.person.message(text="你好")
        await there.api.put(update)
        await answered.wait()
        ending = asyncio.create_task(there.channel.stop())
        gate.set()
        await ending
        assert len(there.api.texts_to(there.person.id)) == 1
        assert offsets(there.api)[-1] == update["update_id"] + 1
        assert there.api.waiting == []


@pytest.mark.parametrize("fault", [Busy(), Unavailable()])
async def test_what_could_not_be_saved_is_tried_again_before_anything_is_confirmed(
    fault: Exception, tmp_path: Path
) -> None:
    heard: list[str] = []
    async with office(tmp_path, mode="polling", wrap=controlled(faults=[fault] * 3, heard=heard)) as there:
        first, second = there.person.message(text="你好"), there.person.message(text="帮助")
        await there.api.put(first, second)
        await confirmed(there, second)
        assert heard == ["你好"] * 4 + ["帮助"]
        assert offsets(there.api) == [0, second["update_id"] + 1]
        assert len(there.api.texts_to(there.person.id)) == 2


async def test_updates_that_cannot_be_read_or_answered_hold_up_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, mode="polling", wrap=controlled(faults=[KeyError("x")])) as there:
        poisoned: list[dict[str, Any]] = [
            {"update_id": 900, "message": {"text": "x"}},
            {"update_id": 901, "message": "x"},
            {"update_id": 902, "hologram": {}},
            {"update_id": 903},
        ]
        failing, good = there.person.message(text="你好"), there.person.message(text="你好")
        await there.api.put(*poisoned, failing, good)
        await confirmed(there, good)
        trouble = there.house.words.say("zh", "say/trouble")
        assert [text == trouble for text in there.api.texts_to(there.person.id)] == [True, False]
        assert there.api.waiting == []


async def test_one_chat_is_answered_in_order_while_others_are_not_kept_waiting(tmp_path: Path) -> None:
    answered = asyncio.Event()
    async with office(tmp_path, mode="polling", wrap=controlled(faults=[Busy()], answered=answered)) as there:
        mine = [there.person.message(text=text) for text in ("你好", "同意")]
        there.person.id = 7000002
        other = there.person.message(text="你好")
        await there.api.put(mine[0], other, mine[1])
        await confirmed(there, other if other["update_id"] > mine[1]["update_id"] else mine[1])
        order = [message["chat"]["id"] for message in there.api.messages.values()]
        assert order == [7000002, 7000001, 7000001]
        assert (await there.asked("7000001"), await there.asked("7000002")) == ("hukou_kind", "consent")


@pytest.mark.parametrize(
    ("refusal", "kept"),
    [
        (Refusal(429, "Too Many Requests: retry after 7", retry_after=7), 1),
        (Refusal(500, "Internal Server Error"), 1),
        (Refusal(403, "Forbidden: bot was blocked by the user"), 0),
    ],
)
async def test_an_answer_that_cannot_leave_now_is_in_the_outbox_before_its_update_is_confirmed(
    refusal: Refusal, kept: int, tmp_path: Path
) -> None:
    async with office(tmp_path, mode="polling") as there:
        there.api.faults["sendMessage"] = [refusal]
        update = there.person.message(text="你好")
        await there.api.put(update)
        await confirmed(there, update)
        counts = await there.house.database.read(deliveries.counts)
        assert counts.get(("telegram", "answer", "waiting"), 0) == kept
        if kept:
            (due,) = await there.house.database.run(lambda unit: claims.claim(unit, "telegram", FAR_AHEAD), "batch")
            assert due.address == str(there.person.id)


DISTURBANCES = [
    ("another copy polls", Refusal(409, "Conflict: terminated by other getUpdates request"), "stop the other copy"),
    ("the token is refused", Refusal(401, "Unauthorized"), "check ANJU_TELEGRAM_TOKEN"),
    ("too many requests", Refusal(429, "Too Many Requests", retry_after=0), ""),
    ("out of order", Refusal(502, "Bad Gateway"), ""),
]


@pytest.mark.parametrize(("refusal", "advice"), [row[1:] for row in DISTURBANCES], ids=[row[0] for row in DISTURBANCES])
async def test_polling_outlives_disturbances_and_tells_what_to_do(
    refusal: Refusal, advice: str, tmp_path: Path
) -> None:
    with structlog.testing.capture_logs() as logs:
        async with office(tmp_path, mode="polling") as there:
            there.api.faults["getUpdates"] = [refusal] * 3
            update = there.person.message(text="你好")
            await there.api.put(update)
            await confirmed(there, update)
    told = [entry["advice"] for entry in logs if entry.get("doing") == "getUpdates"]
    assert len(told) == 3
    assert all(entry.startswith(advice) for entry in told)
    assert there.api.token not in str(logs)


@pytest.mark.parametrize(
    "answer", [(502, b"<html>Bad Gateway</html>"), (200, b"[]"), (200, b""), (200, b'{"ok":false}')]
)
async def test_polling_outlives_answers_that_are_none(answer: tuple[int, bytes], tmp_path: Path) -> None:
    async with office(tmp_path, mode="polling") as there:
        there.api.raw["getUpdates"] = [answer]
        update = there.person.message(text="你好")
        await there.api.put(update)
        await confirmed(there, update)
        assert len(there.api.texts_to(there.person.id)) == 1


async def test_all_parts_of_a_long_answer_go_by_the_bot_api(tmp_path: Path) -> None:
    def wordy(chat: Chat) -> Chat:
        return Wordy(chat.database, chat.words, chat.office)

    async with office(tmp_path, mode="polling", wrap=wordy) as there:
        await there.api.put(there.person.message(text="你好"))
        assert [text[0] for text in await said(there, 3)] == ["甲", "乙", "丙"]


@dataclass(frozen=True, slots=True)
class Wordy(Chat):
    """A talk whose answers are too long for one message."""

    def messages(self, answered: Answered) -> tuple[Message, ...]:
        """The texts."""
        return tuple(Message(sign * 4000) for sign in "甲乙丙")
