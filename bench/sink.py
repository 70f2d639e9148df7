"""A Bot API (and WeChat's) that answers at once, and tells who was written to: in the load generator's own process.

`python -m bench.sink` serves it on PORT, as a process of its own.
"""

import asyncio
import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvloop

ME = b'{"ok":true,"result":{"id":42,"is_bot":true,"first_name":"Bench","username":"bench_bot"}}'
SENT = b'{"ok":true,"result":{"message_id":7,"date":1700000000,"chat":{"id":%s,"type":"private"},"text":"x"}}'
TRUE = b'{"ok":true,"result":true}'
TOKEN = b'{"access_token":"token","expires_in":7200}'
TAKEN = b'{"errcode":0,"errmsg":"ok"}'
CHAT = re.compile(rb'chat_id["=:\s]*(\d+)')


@dataclass(slots=True)
class Sink:
    """What was taken, by method; and who waits to be told that somebody was written to."""

    api: str = ""
    taken: Counter[str] = field(default_factory=Counter)
    waiting: dict[bytes, Callable[[], None]] = field(default_factory=dict)

    def awaited(self, person: int, told: Callable[[], None]) -> None:
        """Call back once that person is written to."""
        self.waiting[str(person).encode()] = told

    def answer(self, path: bytes, body: bytes) -> bytes:
        """The answer to a call, as the platforms' documents show it."""
        method = path.partition(b"?")[0].rpartition(b"/")[2]
        self.taken[method.decode()] += 1
        if method == b"sendMessage":
            return self._sent(body)
        known = {b"getMe": ME, b"stable_token": TOKEN, b"send": TAKEN, b"create": TAKEN}
        return known.get(method, TRUE)

    def _sent(self, body: bytes) -> bytes:
        found = CHAT.search(body)
        chat = found[1] if found else b"0"
        told = self.waiting.pop(chat, None)
        if told is not None:
            asyncio.get_running_loop().call_soon(told)
        return SENT % chat


class _Connection(asyncio.Protocol):
    """Reads one request after another."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # a socket's transport is one

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, body = self._buffer.partition(b"\r\n\r\n")
            length = _length(head.lower())
            if len(body) < length:
                return
            self._buffer = body[length:]
            said = self._sink.answer(head.split(b" ", 2)[1], body[:length])
            self._transport.write(_HEAD % len(said) + said)


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


@asynccontextmanager
async def served() -> AsyncIterator[Sink]:
    """The sink on a free port of loopback."""
    sink = Sink()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(sink), "127.0.0.1", 0)
    sink.api = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield sink
    finally:
        server.close()


async def _serve_until_stopped() -> None:
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(Sink()), "127.0.0.1", int(os.environ["PORT"])
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve_until_stopped())
