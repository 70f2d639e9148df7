"""Requests that trickle or never end: their connection ends, and nobody else notices (slow-loris)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.patience import Patient
from tests import house as houses
from tests.warm_program import WarmProgram

FIRST = 0.4
PAUSE = 0.05
ENOUGH = 30.0
LONG = 200.0  # the program itself waits for 15 s, and uvicorn alone for ever
cut_off: list[str] = []


class Hasty(Patient):
    """The same with a test's patience."""

    first_seconds = FIRST
    least_rate = 1024


async def length(request: Request) -> Response:
    """How long a body is."""
    try:
        return PlainTextResponse(str(len(await request.body())))
    except ClientDisconnect:
        cut_off.append(request.url.path)
        raise


async def drip(request: Request) -> Response:
    """An answer that takes longer than a request may."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(8):
            await asyncio.sleep(FIRST / 4)
            yield b"."

    return StreamingResponse(pieces())


@asynccontextmanager
async def served() -> AsyncIterator[int]:
    app = Starlette(routes=[Route("/", length, methods=["GET", "POST"]), Route("/drip", drip)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=Hasty, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 -- uvicorn tells it no other way
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


async def sent(port: int, pieces: Iterable[bytes], pause: float = PAUSE, enough: float = ENOUGH) -> bytes:
    """What comes back while these pieces leave one by one, until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def leave() -> None:
        with contextlib.suppress(OSError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)

    leaving = asyncio.create_task(leave())
    try:
        async with asyncio.timeout(enough):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        writer.close()


def endless(begin: bytes, piece: bytes) -> Callable[[], Iterable[bytes]]:
    def pieces() -> Iterable[bytes]:
        yield begin
        while True:
            yield piece

    return pieces


WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
DAWDLERS = {
    "nothing at all": endless(b"", b""),
    "a head that trickles": endless(b"GET / HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n"),
    "a first line that trickles": endless(b"G", b"E"),
    "a body that trickles": endless(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n", b"x"),
    "pieces that trickle": endless(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


@pytest.mark.parametrize("dawdler", DAWDLERS)
async def test_who_dawdles_is_cut_off_and_others_are_answered(dawdler: str) -> None:
    async with served() as port:
        slow = [asyncio.create_task(sent(port, DAWDLERS[dawdler]())) for _ in range(5)]
        assert (await sent(port, [WHOLE])).endswith(b"\r\n\r\n0")
        assert all(not answer.startswith(b"HTTP/1.1 200") for answer in await asyncio.gather(*slow))
        assert (await sent(port, [WHOLE])).endswith(b"\r\n\r\n0")


async def test_who_reads_a_body_that_is_cut_off_is_told() -> None:
    cut_off.clear()
    async with served() as port:
        await sent(port, DAWDLERS["a body that trickles"]())
    assert cut_off == ["/"]  # a server that ends waits for what it has begun


async def test_a_slow_line_may_take_its_time() -> None:
    pieces = [b"x" * 1024] * 24
    head = f"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {24 * 1024}\r\n\r\n".encode()
    async with served() as port:
        assert (await sent(port, [head, *pieces])).endswith(str(24 * 1024).encode())


async def test_an_answer_may_take_its_time() -> None:
    async with served() as port:
        answer = await sent(port, [b"GET /drip HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
    assert answer.count(b".") >= 8


async def test_a_head_without_end_is_cut_off_early() -> None:
    left = 0

    def pieces() -> Iterable[bytes]:
        nonlocal left
        yield b"GET / HTTP/1.1\r\nHost: a\r\n"
        while True:
            left += 16 * 1024
            yield b"X-A: " + b"b" * (16 * 1024 - 7) + b"\r\n"

    async with served() as port:
        assert not (await sent(port, pieces(), pause=0)).startswith(b"HTTP/1.1 200")
    assert left < 16 * 2**20


@pytest.mark.slow
async def test_the_program_itself_cuts_off_who_dawdles(tmp_path: Path) -> None:
    program = WarmProgram(tmp_path, houses.migrated_file(tmp_path / "anju.db"))
    await asyncio.to_thread(program.start)
    said = f"POST /chat/messages HTTP/1.1\r\nHost: a\r\nOrigin: {program.url}\r\nContent-Type: application/json\r\n"
    body = endless(f"{said}Content-Length: 60000\r\n\r\n".encode(), b"x")
    dawdlers = [DAWDLERS["nothing at all"], DAWDLERS["a head that trickles"], body]
    try:
        slow = [asyncio.create_task(sent(program.port, one(), enough=LONG)) for one in dawdlers]
        async with httpx.AsyncClient(base_url=program.url, timeout=60) as other:
            while not all(one.done() for one in slow):
                assert (await other.get("/healthz")).status_code == 200
                await asyncio.sleep(PAUSE)
            told = (await other.get("/metrics")).text
    finally:
        program.kill()
    assert [await one for one in slow] == [b"", b"", b""]
    assert f'anju_rejected_requests_total{{channel="http",reason="too_slow"}} {len(dawdlers)}.0' in told
