"""How a double is served on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.doubles.troubles import Troubles

HOST = "127.0.0.1"


@asynccontextmanager
async def running(app: web.Application, troubles: Troubles, port: int = 0) -> AsyncIterator[str]:
    """The server's address; whoever hangs up is not answered, and answers held back end with the server."""
    runner = web.AppRunner(app, shutdown_timeout=1.0, handler_cancellation=True, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        host, bound = runner.addresses[0][:2]
        yield f"http://{host}:{bound}"
    finally:
        troubles.over.set()
        await runner.cleanup()
