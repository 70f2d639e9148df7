"""The webhook: who may call it, what it answers, and when an update is acknowledged."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from bot.channels.channel import Message
from bot.channels.telegram.compose import LIMIT
from bot.channels.telegram.endpoint import SECRET_HEADER
from bot.chat import Chat
from handlers.messages import Incoming
from handlers.turns import Answered
from storage import conversations, deliveries, submissions
from storage.errors import Busy, Unavailable
from tests.channels.telegram_house import SECRET, Office, office
from tests.doubles.telegram import Refusal


@dataclass(frozen=True, slots=True)
class Failing(Chat):
    """A talk that fails, as long as there are faults."""

    faults: list[Exception] = field(default_factory=list)

    async def answer(self, incoming: Incoming) -> Answered:
        """Fail, or answer."""
        if self.faults:
            raise self.faults.pop(0)
        return await super(Failing, self).answer(incoming)


@dataclass(frozen=True, slots=True)
class Wordy(Chat):
    """A talk whose answers have these texts."""

    texts: tuple[str, ...] = ()

    def messages(self, answered: Answered) -> tuple[Message, ...]:
        """The texts."""
        return tuple(Message(text) for text in self.texts)


def failing(*faults: Exception) -> Any:
    """A wrapping with these faults."""
    return lambda chat: Failing(chat.database, chat.words, chat.office, faults=list(faults))


def wordy(*texts: str) -> Any:
    """A wrapping with these texts."""
    return lambda chat: Wordy(chat.database, chat.words, chat.office, texts=texts)


async def waiting(there: Office) -> int:
    """How many messages wait in the outbox."""
    counts = await there.house.database.read(deliveries.counts)
    return sum(number for (_, _, state), number in counts.items() if state == "waiting")


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", SECRET.upper(), "密"])
async def test_without_the_secret_nothing_is_read(secret: str | None, tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        headers = [] if secret is None else [(SECRET_HEADER.encode(), secret.encode())]
        async with httpx.AsyncClient() as client:
            update = there.person.message(text="你好")
            response = await client.post(f"{there.person.url}/telegram", json=update, headers=headers)
        assert (response.status_code, response.content) == (401, b"")
        assert await there.asked() == ""


async def test_with_the_secret_the_answer_rides_in_the_response(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        update = there.person.message(text="你好")
        async with httpx.AsyncClient(headers={SECRET_HEADER: SECRET}) as client:
            response = await client.post(f"{there.person.url}/telegram", json=update)
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
        answer = response.json()
        assert (answer["method"], answer["chat_id"]) == ("sendMessage", there.person.id)
        assert "parse_mode" not in answer
        assert answer["link_preview_options"] == {"is_disabled": True}
        assert await there.asked() == "consent"
        assert "sendMessage" not in there.api.methods()


BODIES = [
    ("no JSON", b"{"),
    ("no UTF-8", b"\xff\xfe"),
    ("empty", b""),
    ("a list", b"[]"),
    ("a number", b"7"),
    ("without its number", b'{"message":{}}'),
    ("a message that is none", b'{"update_id":1,"message":[]}'),
    ("nested too deep", b"[" * 5000),
    ("of no kind that is used", b'{"update_id":1,"edited_message":{}}'),
    ("of no kind at all", b'{"update_id":1}'),
]


@pytest.mark.parametrize("body", [row[1] for row in BODIES], ids=[row[0] for row in BODIES])
async def test_what_cannot_be_read_or_used_is_acknowledged_so_that_it_does_not_come_again(
    body: bytes, tmp_path: Path
) -> None:
    async with office(tmp_path) as there, httpx.AsyncClient(headers={SECRET_HEADER: SECRET}) as client:
        response = await client.post(f"{there.person.url}/telegram", content=body)
        assert (response.status_code, response.content) == (200, b"")


async def test_a_body_beyond_all_reason_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as there, httpx.AsyncClient(headers={SECRET_HEADER: SECRET}) as client:
        response = await client.post(f"{there.person.url}/telegram", content=b" " * (1024 * 1024 + 1))
        assert response.status_code == 413


async def test_nothing_of_a_person_is_logged(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with office(tmp_path, wrap=failing(ValueError("李伟 341225199003071233"))) as there:
            await there.person.say("李伟 341225199003071233")
            await there.person.deliver({"update_id": 1, "message": {"text": "李伟"}})
            await there.person.say("李伟")
    assert {entry["event"] for entry in logs} >= {"telegram_fault", "telegram_unreadable", "turn"}
    assert not any(said in str(logs) for said in ("李伟", "3412", str(there.person.id), there.api.token))


@pytest.mark.parametrize("fault", [Busy(), Unavailable()])
async def test_what_could_not_be_saved_comes_again(fault: Exception, tmp_path: Path) -> None:
    async with office(tmp_path, wrap=failing(fault)) as there:
        update = there.person.message(text="你好")
        assert (await there.person.deliver(update)).status_code == 503
        assert (await there.person.deliver(update)).status_code == 200
        assert await there.asked() == "consent"


async def test_a_fault_of_the_program_is_told_in_the_persons_language(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=failing(KeyError("x"), KeyError("y"))) as there:
        assert (await there.person.say("你好"))["text"] == there.house.words.say("zh", "say/trouble")
        there.person.language = "en"
        assert (await there.person.say("hello"))["text"] == there.house.words.say("en", "say/trouble")
        assert "ask/consent" not in (await there.person.say("hello"))["text"]
        assert await there.asked() == "consent"


async def test_an_update_that_comes_again_is_answered_with_the_same_words_and_registers_once(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        first = there.person.message(text="你好")
        answers = [(await there.person.deliver(first)).json() for _ in range(3)]
        assert answers[0] == answers[1] == answers[2]
        there.person.language = "en"
        other = (await there.person.deliver(there.person.message(text="help"))).json()
        assert other["text"] != answers[0]["text"]
        assert (await there.person.deliver(first)).json() == answers[0]
        assert await there.house.database.read(submissions.count) == 0


async def test_a_long_answer_goes_in_several_messages_the_last_in_the_response(tmp_path: Path) -> None:
    async with office(tmp_path, wrap=wordy("甲" * LIMIT, "乙" * LIMIT, "丙")) as there:
        last = await there.person.say("你好")
        assert [text[0] for text in there.api.texts_to(there.person.id)] == ["甲", "乙", "丙"]
        assert last["text"] == "丙"
        assert there.api.methods().count("sendMessage") == 2


LATER = [
    ("too many messages", Refusal(429, "Too Many Requests: retry after 7", retry_after=7), 1),
    ("out of order", Refusal(502, "Bad Gateway"), 1),
    ("blocked", Refusal(403, "Forbidden: bot was blocked by the user"), 0),
    ("not understood", Refusal(400, "Bad Request: can't parse something"), 0),
]


@pytest.mark.parametrize(("refusal", "kept"), [row[1:] for row in LATER], ids=[row[0] for row in LATER])
async def test_an_answer_that_cannot_leave_now_waits_in_the_outbox_once(
    refusal: Refusal, kept: int, tmp_path: Path
) -> None:
    async with office(tmp_path, wrap=wordy("甲" * LIMIT, "乙")) as there:
        update = there.person.message(text="你好")
        for _ in range(2):
            there.api.faults["sendMessage"] = [refusal]
            response = await there.person.deliver(update)
            assert (response.status_code, response.content) == (200, b"")
        assert await waiting(there) == kept
        assert there.api.texts_to(there.person.id) == []


async def test_a_chat_that_tells_its_new_id_keeps_its_talk(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        await there.person.say("你好")
        moved = there.person.message(migrate_to_chat_id=-100200)
        moved["message"]["chat"]["type"] = "group"
        response = await there.person.deliver(moved)
        assert (response.status_code, response.content) == (200, b"")
        assert await there.asked("-100200") == "consent"
        assert await there.asked() == ""


@pytest.mark.parametrize(("status", "reach"), [("kicked", "blocked"), ("member", "reachable")])
async def test_blocking_the_bot_and_letting_it_in_again_is_noticed(status: str, reach: str, tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        await there.person.say("/start")
        address = str(there.person.id)
        before = "reachable" if status == "kicked" else "blocked"
        await there.house.database.run(lambda unit: conversations.note_reach(unit, "telegram", address, before))
        told = {"chat": {"id": there.person.id, "type": "private"}, "new_chat_member": {"status": status}}
        response = await there.person.deliver({"update_id": 1, "my_chat_member": told})
        assert response.status_code == 200
        kept = await there.house.database.read(lambda unit: conversations.find(unit, "telegram", address))
        assert kept is not None
        assert kept.reach == reach
