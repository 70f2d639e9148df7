"""Pushes to open pages, by server-sent events."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from bot.channels.channel import Message, Push, SendFailed
from bot.channels.web.session import Sessions
from handlers.messages import Incoming
from tests.channels.web_house import WebHouse, post, said, served


class Listener:
    """A page that listens, as a browser's EventSource reads it."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def begun(self) -> None:
        """Wait for the first bytes: from then on pushes arrive."""
        assert await anext(self._lines) == "retry: 3000"

    async def event(self) -> tuple[str, dict[str, Any]]:
        """The next event: its id and its data."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line and "data" in fields:
                return fields["id"], cast(dict[str, Any], json.loads(fields["data"]))
            name, _, value = line.partition(": ")
            fields[name] = value
        raise AssertionError("the stream ended")


@asynccontextmanager
async def listening(client: httpx.AsyncClient, last_id: str = "") -> AsyncIterator[Listener]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    async with client.stream("GET", "/chat/events", headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        listener = Listener(response)
        await listener.begun()
        yield listener


async def identity(web: WebHouse, client: httpx.AsyncClient) -> str:
    """Open the page; who the browser is now."""
    await client.get("/")
    address = Sessions(web.house.database.vault.derived("web cookie"), secure=False).address(client.cookies)
    assert address is not None
    return address


def texts(data: dict[str, Any]) -> list[str]:
    return [message["text"] for message in data["messages"]]


async def test_a_push_reaches_every_open_page_of_the_address_and_no_other(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client, web.browser() as stranger:
        address, other = await identity(web, client), await identity(web, stranger)
        async with listening(client) as one, listening(client) as two, listening(stranger) as three:
            await web.channel.send(address, Push((Message("审核通过"),)))
            await web.channel.send(other, Push((Message("别人的"),)))
            events = [await page.event() for page in (one, two, three)]
    assert [texts(data) for _, data in events] == [["审核通过"], ["审核通过"], ["别人的"]]
    assert events[0][0] == events[1][0] != events[2][0]


async def test_where_no_page_is_open_the_push_is_to_be_tried_again(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        address = await identity(web, client)
        with pytest.raises(SendFailed) as failure:
            await web.channel.send(address, Push((Message("审核通过"),)))
    assert failure.value.retryable


async def test_what_waits_in_the_outbox_comes_when_the_page_begins_to_listen(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        address = await identity(web, client)
        incoming = Incoming("web", address, "1", datetime.now(UTC), kind="open", language="zh")
        answered = await web.house.chat.answer(incoming)
        assert await web.house.chat.deliver_later(answered)
        async with listening(client) as page:
            _, data = await page.event()
    assert texts(data) == [message.text for message in web.house.chat.messages(answered)]


async def test_after_a_break_what_was_missed_comes_again_and_nothing_twice(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        address = await identity(web, client)
        async with listening(client) as page:
            for number in range(3):
                await web.channel.send(address, Push((Message(str(number)),)))
            first, _ = await page.event()
        async with listening(client, last_id=first) as page:
            missed = [texts(data) for _, data in (await page.event(), await page.event())]
            await web.channel.send(address, Push((Message("new"),)))
            _, data = await page.event()
    assert missed == [["1"], ["2"]]
    assert texts(data) == ["new"]


async def test_nobody_without_an_identity_listens(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        assert (await client.get("/chat/events")).status_code == 204


async def test_one_browser_may_not_take_every_stream(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await identity(web, client)
        async with AsyncExitStack() as pages:
            for _ in range(6):
                await pages.enter_async_context(listening(client))
            refused = await client.get("/chat/events")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "60"


async def test_a_stopping_channel_lets_its_pages_go(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await identity(web, client)
        async with listening(client) as page:
            await web.channel.stop()
            with pytest.raises(AssertionError, match="the stream ended"):
                await page.event()
        assert (await client.get("/chat/events")).status_code == 429


async def test_an_answer_comes_in_the_response_and_not_as_a_push(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        address = await identity(web, client)
        async with listening(client) as page:
            await post(client, said(kind="open"))
            await web.channel.send(address, Push((Message("the first push"),)))
            _, data = await page.event()
    assert texts(data) == ["the first push"]
