"""One account that floods us: it is told so once, nothing of the flood is saved, and nobody else waits."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bot.fairness import Fairness, TooFast
from bot.house import House
from handlers.messages import Incoming
from storage.database import open_database
from storage.secrets import Keyring, Vault
from tests import house as houses
from tests.channels import telegram_house, wechat_house
from tests.channels.web_house import post, said, served
from tests.conftest import NOW
from tests.talks.typed import TALK, typed
from tests.warm_program import WarmProgram

BURST = 12
FLOOD = 40
TOO_FAST = "太快"
CONNECTIONS = 12
FLOOD_SECONDS = 2.5
ENOUGH, A_MINUTE = 40, 60  # more than somebody needs who registers


async def kept(house: House) -> int:
    """How many messages were stored."""
    return await house.database.read(lambda unit: int(unit.execute(text("SELECT count(*) FROM messages")).scalar_one()))


async def test_wechat_is_told_once_and_then_only_acknowledged(tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path, messages_at_once=BURST, messages_per_minute=10) as there:
        replies = [await there.phone.say(f"你好{number}") for number in range(FLOOD)]
        assert sum(TOO_FAST in reply for reply in replies) == 1
        assert replies.count("") == FLOOD - BURST - 1
        assert await kept(there.house) == BURST
        other = replace(there.phone, openid="oPerson0000000000000000000002", replies=[])
        assert "安居" in await other.say("你好")


async def test_telegram_is_told_once_and_does_not_deliver_the_flood_again(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path, messages_at_once=BURST, messages_per_minute=10) as there:
        answers = [await there.person.deliver(there.person.message(text=f"你好{n}")) for n in range(FLOOD)]
        assert {answer.status_code for answer in answers} == {200}
        assert sum(TOO_FAST in answer.text for answer in answers) == 1
        assert [answer.content for answer in answers].count(b"") == FLOOD - BURST - 1
        assert await kept(there.house) == BURST


async def test_the_web_chat_keeps_what_was_too_fast_and_others_do_not_wait(tmp_path: Path) -> None:
    async with (
        served(tmp_path, messages_at_once=BURST, messages_per_minute=10) as web,
        web.browser() as flood,
        web.browser() as other,
    ):
        await post(flood, said("你好"))
        answers = await asyncio.gather(*(flood.post("/chat/messages", json=said("你好")) for _ in range(FLOOD)))
        refused = [answer for answer in answers if answer.status_code == 429]
        assert len(refused) == FLOOD - BURST + 1
        assert all(TOO_FAST in answer.json()["error"] and answer.headers["retry-after"] for answer in refused)
        assert await kept(web.house) == BURST
        assert (await post(other, said("你好")))["messages"]


@dataclass(slots=True)
class Flood:
    """An account that says as much as several connections carry, until it is told to stop; what it was answered."""

    client: httpx.AsyncClient
    answers: Counter[int] = field(default_factory=Counter)
    refused: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def flow(self) -> None:
        """From every connection."""
        await asyncio.gather(*(self._connection() for _ in range(CONNECTIONS)))

    async def _connection(self) -> None:
        while not self.over.is_set():
            answer = await self.client.post("/chat/messages", json=said("你好"))
            self.answers[answer.status_code] += 1
            if answer.status_code == 429:
                self.refused.set()


@pytest.mark.slow
async def test_while_one_floods_the_program_another_registers(tmp_path: Path) -> None:
    url = houses.migrated_file(tmp_path / "anju.db")
    most = {"ANJU_MESSAGES_AT_ONCE": str(ENOUGH), "ANJU_MESSAGES_PER_MINUTE": str(A_MINUTE)}
    program = WarmProgram(tmp_path, url, **most)
    await asyncio.to_thread(program.start)
    try:
        async with browser(program) as flooder, browser(program) as other:
            await asyncio.gather(flooder.get("/"), other.get("/"))
            flood, begun = Flood(flooder), time.monotonic()
            flowing = asyncio.create_task(flood.flow())
            await flood.refused.wait()
            heard = [await post(other, said(line)) for line in typed()]
            await asyncio.sleep(begun + FLOOD_SECONDS - time.monotonic())
            flood.over.set()
            await flowing
            seconds = time.monotonic() - begun
    finally:
        program.kill()
    assert all(answer["messages"] for answer in heard)
    assert set(flood.answers) == {200, 429}
    assert flood.answers[200] <= ENOUGH + A_MINUTE / 60 * seconds
    assert sorted(stored(url)) == sorted([len(TALK), flood.answers[200]])


def browser(program: WarmProgram) -> httpx.AsyncClient:
    """Somebody's, with as many connections as it wants."""
    return httpx.AsyncClient(base_url=program.url, headers={"Origin": program.url}, timeout=60)


def stored(url: str) -> list[int]:
    """How many messages of each account were stored."""
    database = open_database(url, Vault(Keyring.parse(houses.KEYS)))
    counted = text("SELECT count(*) FROM messages GROUP BY conversation_id")
    try:
        return database.run_now(lambda unit: [int(number) for number in unit.execute(counted).scalars()])
    finally:
        database.close()


@pytest.mark.parametrize(("waited", "more"), [(0, 0), (1, 1), (6, 6), (3600, BURST)])
def test_an_account_may_write_again_after_a_while(monkeypatch: pytest.MonkeyPatch, waited: float, more: int) -> None:
    moment = time.monotonic()
    monkeypatch.setattr("bot.pages.limits.monotonic", lambda: moment)
    fairness = Fairness(BURST, 60)
    assert heard(fairness, FLOOD) == BURST
    moment += waited
    assert heard(fairness, FLOOD) == more
    assert heard(fairness, 1, "another") == 1


def test_what_was_not_saved_and_comes_again_does_not_count() -> None:
    fairness = Fairness(BURST, 60)
    message = Incoming("telegram", "me", "m", NOW)
    for _ in range(FLOOD):
        fairness.check(message, "zh")
        fairness.give_back(message)
    assert heard(fairness, FLOOD) == BURST


def heard(fairness: Fairness, number: int, who: str = "me") -> int:
    """How many of so many messages are let through."""
    through = 0
    for each in range(number):
        try:
            fairness.check(Incoming("web", who, f"m{each}", NOW), "zh")
        except TooFast:
            continue
        through += 1
    return through
