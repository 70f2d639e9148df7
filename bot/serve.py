"""`anju serve`: the server on uvicorn, and what it says on the terminal."""

import asyncio
import gc
import sys
from collections.abc import Callable
from socket import socket

import uvicorn
from starlette.applications import Starlette

from bot.app import Server, build_app, build_server, build_worker
from bot.copies import EVERY_PART, Parts
from bot.house import House, open_house
from bot.settings import Settings

Tell = Callable[[House, list[str]], None]

GRACE_SECONDS = 10


def run(settings: Settings, tell: Tell | None = None, parts: Parts = EVERY_PART) -> None:
    """Serve until SIGTERM or Ctrl-C; `tell` says at the start what is there, in place of the usual lines."""
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(settings, tell or _tell, build_app, parts))


def work(settings: Settings, parts: Parts) -> None:
    """Send and keep the clock until SIGTERM or Ctrl-C, without receiving anything."""
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(settings, _tell_work, build_worker, parts))


async def _serve(settings: Settings, tell: Tell, build: Callable[[Server], Starlette], parts: Parts) -> None:
    house = await open_house(settings)
    try:
        server = build_server(house, parts)
        tell(house, sorted(server.channels))
        config = uvicorn.Config(
            build(server),
            host=settings.host,
            port=settings.port if build is build_app else settings.work_port,
            http=_http(),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=75,
            proxy_headers=settings.env == "production",
        )
        await _Server(config, server).serve()
    finally:
        house.database.close()


class _Server(uvicorn.Server):
    """uvicorn waits for open connections before it ends the lifespan; pages that listen are let go before that."""

    def __init__(self, config: uvicorn.Config, server: Server) -> None:
        super().__init__(config)
        self._channels = server.channels

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """From here on the collector looks only at what is made later: what a start made stays."""
        await super().startup(sockets)
        gc.freeze()
        gc.enable()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Stop the channels, then take leave of who is still connected."""
        for channel in self._channels.values():
            await channel.stop()
        await super().shutdown(sockets)


def _tell(house: House, channels: list[str]) -> None:
    url = house.settings.public_url
    _line(f"Anju (安居) · {house.settings.pack.title['zh']} · {', '.join(channels)}")
    _line(f"  Web chat / 网页登记  {url}/")
    _line(f"  Console / 工作台     {url}/console  (anju staff add)")
    _line(f"  Health               {url}/healthz")
    _line(f"  Metrics              {url}/metrics")
    _line("  Stop with Ctrl-C.")


def _tell_work(house: House, channels: list[str]) -> None:
    url = f"http://{house.settings.host}:{house.settings.work_port}"
    _line(f"Anju (安居) works: {', '.join(channels)}")
    _line(f"  Health               {url}/healthz")
    _line(f"  Metrics              {url}/metrics")
    _line("  Stop with Ctrl-C.")


def _line(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _http() -> type[asyncio.Protocol] | str:
    """What waits for nobody who dawdles, where the parser under it exists; elsewhere that is for the reverse proxy."""
    try:
        from bot.patience import Patient
    except ImportError:
        return "auto"
    return Patient


def _loop() -> asyncio.AbstractEventLoop:
    """uvloop where it exists: the same loop, faster."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
