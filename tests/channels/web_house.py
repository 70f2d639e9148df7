"""The real program on a free port of this machine, for the tests of the web chat."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import uvicorn

from bot.app import Server, build_app, build_server
from bot.channels.web import WebChannel
from bot.copies import EVERY_PART, Parts
from bot.house import House
from tests import house as houses

AGREE = {"form": "migrant", "step": "consent", "value": "agree"}


@dataclass(frozen=True, slots=True)
class WebHouse:
    """A house that is served, and where."""

    house: House
    server: Server
    url: str

    @property
    def channel(self) -> WebChannel:
        """The web channel."""
        return cast(WebChannel, self.server.channels["web"])

    def browser(self, **headers: str) -> httpx.AsyncClient:
        """A client that keeps its cookies and tells its origin, as a browser does."""
        return httpx.AsyncClient(base_url=self.url, headers={"Origin": self.url, **headers}, timeout=30)


@asynccontextmanager
async def served(folder: Path, parts: Parts = EVERY_PART, /, **changes: Any) -> AsyncIterator[WebHouse]:
    """The whole program around a database of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio sees no protocol here and leaves it
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        own = {} if "database_url" in changes else {"database_url": houses.migrated_file(folder / "anju.db")}
        # Whenever a test runs, messages leave: the evening in Hangzhou is no other time than the morning.
        chosen = houses.settings(**own, **{"base_url": url, "quiet_hours": "", **changes})
        async with houses.opened(chosen) as house:
            server = build_server(house, parts)
            async with _running(server, listening):
                yield WebHouse(house, server, url)


@asynccontextmanager
async def _running(server: Server, listening: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(build_app(server), log_config=None, access_log=False, timeout_graceful_shutdown=5)
    program = uvicorn.Server(config)
    task = asyncio.create_task(program.serve(sockets=[listening]))
    try:
        while not program.started:  # noqa: ASYNC110 -- uvicorn offers no event
            await asyncio.sleep(0.01)
        yield
    finally:
        await server.channels["web"].stop()
        program.should_exit = True
        await task


def said(text: str = "", **more: Any) -> dict[str, Any]:
    """A message as the page posts it, with an id of its own."""
    return {"id": secrets.token_hex(8), "text": text, **more}


async def post(client: httpx.AsyncClient, message: Mapping[str, Any]) -> dict[str, Any]:
    """Say a message that must be answered."""
    response = await client.post("/chat/messages", json=message)
    assert response.status_code == 200, response.text
    return cast(dict[str, Any], response.json())


def choice_of(answer: Mapping[str, Any], value: str) -> dict[str, Any]:
    """The button of an answer by its value."""
    buttons = [
        button
        for message in answer["messages"]
        for button in (*message["options"], *message["lines"], *message["controls"])
    ]
    return next(cast(dict[str, Any], button["choice"]) for button in buttons if button["choice"]["value"] == value)
