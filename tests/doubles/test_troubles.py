"""What can go wrong on demand, at both platforms: what the caller notices, and what the person saw nevertheless."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from tests.doubles.telegram import TelegramDouble, telegram_double
from tests.doubles.troubles import Trouble, Troubles
from tests.doubles.wechat import WeChatDouble
from tests.doubles.wechat_client import LI, client
from tests.doubles.wechat_meter import CUSTOM

SHORT = 0.2


@dataclass
class Place:
    """A double, somebody who may be written to, and one message to them; the message's HTTP status."""

    double: WeChatDouble | TelegramDouble
    person: str
    path: str
    send: Callable[[float], Awaitable[int]]


@asynccontextmanager
async def wechat() -> AsyncIterator[Place]:
    """WeChat, with a window open."""
    async with client() as program:
        program.double.wrote(LI)

        async def send(patience: float) -> int:
            program.http.timeout = httpx.Timeout(patience)
            body = {"touser": LI, "msgtype": "text", "text": {"content": "hi"}}
            response = await program.http.post(CUSTOM, params={"access_token": program.token}, json=body)
            return response.status_code

        yield Place(program.double, LI, CUSTOM, send)


@asynccontextmanager
async def telegram() -> AsyncIterator[Place]:
    """Telegram."""
    async with telegram_double() as double, httpx.AsyncClient(base_url=double.base) as http:

        async def send(patience: float) -> int:
            url = f"/bot{double.token}/sendMessage"
            response = await http.post(url, json={"chat_id": 7, "text": "hi"}, timeout=patience)
            return response.status_code

        yield Place(double, "7", "sendMessage", send)


Platform = Callable[[], AbstractAsyncContextManager[Place]]
PLATFORMS: list[Platform] = [wechat, telegram]
UNANSWERED = [
    (Trouble.LOST_ANSWER, httpx.ReadTimeout, ["hi"]),
    (Trouble.RESET_AFTER, httpx.TransportError, ["hi"]),
    (Trouble.RESET_BEFORE, httpx.TransportError, []),
]


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(("trouble", "error", "seen"), UNANSWERED)
async def test_a_call_without_an_answer_may_have_been_taken(
    platform: Platform,
    trouble: Trouble,
    error: type[httpx.TransportError],
    seen: list[str],
) -> None:
    async with platform() as place:
        place.double.troubles.next(trouble)
        with pytest.raises(error):
            await place.send(SHORT)
        assert place.double.seen_by(place.person) == seen
        assert await place.send(5) == 200
        assert place.double.troubles.count(trouble) == 1


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_500_takes_nothing(platform: Platform) -> None:
    async with platform() as place:
        place.double.troubles.next(Trouble.ERROR, calls=2)
        assert [await place.send(5) for _ in range(3)] == [500, 500, 200]
        assert place.double.seen_by(place.person) == ["hi"]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_slow_answer_comes(platform: Platform) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    async with platform() as place:
        place.double.troubles.sleep, place.double.troubles.seconds = wait, 4.0
        place.double.troubles.next(Trouble.SLOW)
        assert await place.send(5) == 200
        assert (waited, place.double.seen_by(place.person)) == ([4.0], ["hi"])


async def test_telegrams_token_is_refused_on_demand() -> None:
    async with telegram() as place:
        place.double.troubles.next(Trouble.TOKEN_GONE)
        assert [await place.send(5) for _ in range(2)] == [401, 200]
        assert [call.code for call in place.double.refused] == [401]


async def test_a_double_ends_although_somebody_still_waits_for_an_answer() -> None:
    async with telegram_double() as double, httpx.AsyncClient(base_url=double.base) as http:
        double.troubles.next(Trouble.LOST_ANSWER)
        url = f"/bot{double.token}/sendMessage"
        sending = asyncio.create_task(http.post(url, json={"chat_id": 7, "text": "hi"}, timeout=60))
        await double.until(lambda: double.seen)
        double.troubles.over.set()
        with pytest.raises(httpx.TransportError):
            await sending


def test_troubles_meet_only_the_calls_they_are_for() -> None:
    troubles = Troubles()
    troubles.next(Trouble.ERROR, path="custom/send")
    assert troubles.draw("/cgi-bin/stable_token") is None
    assert troubles.draw("/cgi-bin/message/custom/send") is Trouble.ERROR
    assert troubles.draw("/cgi-bin/message/custom/send") is None


def test_chances_are_the_same_for_the_same_seed() -> None:
    drawn = []
    for seed in (1, 1, 2):
        troubles = Troubles(seed)
        troubles.chance(Trouble.ERROR, 0.1)
        troubles.chance(Trouble.RESET_AFTER, 0.1, path="send")
        drawn.append([troubles.draw("send") for _ in range(200)])
        assert 20 <= troubles.count(Trouble.ERROR, Trouble.RESET_AFTER) <= 60
    assert drawn[0] == drawn[1] != drawn[2]


def test_troubles_can_end() -> None:
    troubles = Troubles()
    troubles.next(Trouble.ERROR)
    troubles.chance(Trouble.ERROR, 1.0)
    troubles.end()
    assert troubles.draw("anything") is None
