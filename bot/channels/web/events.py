"""Pushes to open pages: server-sent events (HTML standard, 9.2)."""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from time import monotonic

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

QUEUE_LENGTH = 64
REPLAY_SECONDS = 120.0
REPLAY_LENGTH = 2000
RECONNECT = b"retry: 3000\n\n"
HEARTBEAT = b": still here\n\n"


@dataclass(frozen=True, slots=True)
class Event:
    """One push: the page keeps the ids it has shown, and shows none twice."""

    id: str
    address: str
    frame: bytes
    at: float


@dataclass(eq=False, slots=True)
class Stream:
    """One open page."""

    address: str
    queue: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(QUEUE_LENGTH))
    ended: bool = False

    def put(self, event: Event) -> bool:
        """Hand an event over; a page that stopped reading is let go, and gets the rest when it comes back."""
        if self.ended or self.queue.full():
            self.ended = True
            return False
        self.queue.put_nowait(event)
        return True

    def end(self) -> None:
        """Let the page go, even where it waits."""
        self.ended = True
        if not self.queue.full():
            self.queue.put_nowait(None)


class Streams:
    """The open pages of this process, by address."""

    def __init__(self, *, per_address: int, total: int, heartbeat: float, index: Callable[[str], str] = str) -> None:
        """`heartbeat`: seconds between signs of life, so that nothing on the way closes a quiet connection.

        `index`: the keyed index of an address, by which other copies of the program name it.
        """
        self._index = index
        self._by_index: dict[str, str] = {}
        self._per_address = per_address
        self._total = total
        self._heartbeat = heartbeat
        self._open: dict[str, list[Stream]] = {}
        self._count = 0
        self._recent: deque[Event] = deque(maxlen=REPLAY_LENGTH)
        self._closed = False

    def has_room(self, address: str) -> bool:
        """Whether one more page of this address may listen."""
        return not self._closed and self._count < self._total and self.count(address) < self._per_address

    def count(self, address: str) -> int:
        """How many pages of this address listen."""
        return len(self._open.get(address, ()))

    def addresses(self) -> list[str]:
        """Every address with an open page."""
        return list(self._open)

    def address_of(self, index: str) -> str | None:
        """The address with an open page that has that index."""
        return self._by_index.get(index)

    def open(self, address: str, last_id: str) -> Stream:
        """Begin to listen; what was pushed in the last two minutes after `last_id` is given again.

        A push may be lost in a connection that died unseen, so it is repeated and the page leaves out what it has.
        """
        stream = Stream(address)
        self._by_index[self._index(address)] = address
        self._open.setdefault(address, []).append(stream)
        self._count += 1
        for event in self._missed(address, last_id):
            stream.put(event)
        return stream

    def push(self, address: str, data: bytes) -> bool:
        """Give every page of the address a line of JSON; whether any took it."""
        event_id = secrets.token_hex(8)
        frame = b"id: " + event_id.encode() + b"\nevent: said\ndata: " + data + b"\n\n"
        event = Event(event_id, address, frame, monotonic())
        taken = [stream.put(event) for stream in self._open.get(address, ())]
        if any(taken):
            self._recent.append(event)
        return any(taken)

    async def frames(self, stream: Stream) -> AsyncIterator[bytes]:
        """What goes over the wire, until the page is let go."""
        yield RECONNECT
        while not stream.ended or not stream.queue.empty():
            try:
                event = await asyncio.wait_for(stream.queue.get(), self._heartbeat)
            except TimeoutError:
                yield HEARTBEAT
                continue
            if event is None:
                break
            yield event.frame

    def leave(self, stream: Stream) -> None:
        """Forget a page."""
        left = [other for other in self._open.get(stream.address, []) if other is not stream]
        self._count -= self.count(stream.address) - len(left)
        if left:
            self._open[stream.address] = left
        else:
            self._open.pop(stream.address, None)
            self._by_index.pop(self._index(stream.address), None)

    def close(self) -> None:
        """End every stream and take no more."""
        self._closed = True
        for streams in self._open.values():
            for stream in streams:
                stream.end()

    def reopen(self) -> None:
        """Take streams again after a stop."""
        self._closed = False

    def _missed(self, address: str, last_id: str) -> list[Event]:
        since = monotonic() - REPLAY_SECONDS
        events = [event for event in self._recent if event.address == address and event.at > since]
        ids = [event.id for event in events]
        return events[ids.index(last_id) + 1 :] if last_id in ids else events


class EventResponse(StreamingResponse):
    """A stream as a response; the page is forgotten however it ends, even before the first byte."""

    def __init__(self, streams: Streams, stream: Stream) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(streams.frames(stream), headers=headers, media_type="text/event-stream")
        self._streams = streams
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until either side ends it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.leave(self._stream)
