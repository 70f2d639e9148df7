"""One program's round: started fresh, warmed, loaded, stopped."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import sink
from bench.dialects import DIALECTS
from bench.load import CONNECTIONS, Heard, Talkers, centile
from bench.peers import redis
from bench.peers.entries import BARE, Entry, Given
from bench.running import Running, settled, start
from tests import house as houses
from tests import postgres

WARMING_SECONDS = 1.5
SAID = (b"sendMessage", b"<Content>", b"<Encrypt>", b"\nContent", b"<Encrypt")


@dataclass(frozen=True, slots=True)
class Measured:
    """Turns a second, milliseconds of CPU a turn (of the program alone), 99th centile in ms, refused or empty."""

    rate: float
    cpu: float
    p99: float
    refused: int


async def measure(entry: Entry, seconds: float) -> Measured:
    """Start it, load it, stop it; starting and stopping it calls the Bot API, so they are waited for in a thread."""
    async with sink.served() as api, AsyncExitStack() as stack:
        started = _started(entry, api.api)
        programs = await asyncio.to_thread(started.__enter__)
        stack.push_async_callback(asyncio.to_thread, started.__exit__, None, None, None)
        await _load(entry, programs, api, WARMING_SECONDS)
        await settled(*programs)
        before = sum(program.cpu for program in programs)
        heard = await _load(entry, programs, api, seconds)
        cpu = sum(program.cpu for program in programs) - before
    times = [taken for each in heard for taken in each.times]
    rate = sum(each.rate for each in heard)
    cost = cpu * 1000 / len(times) if times else 0.0
    return Measured(rate, cost, centile(times, 0.99), sum(each.refused for each in heard))


async def _load(entry: Entry, programs: list[Running], api: sink.Sink, seconds: float) -> list[Heard]:
    awaited = api.awaited if entry.by == "API call" else None
    talkers = [
        Talkers(program.port, DIALECTS[entry.dialect], entry.lines, _is_said(entry), awaited) for program in programs
    ]
    return await asyncio.gather(*(each.talk(seconds, CONNECTIONS // len(programs)) for each in talkers))


def _is_said(entry: Entry) -> Callable[[bytes], bool]:
    if entry.name == BARE:
        return bool
    return lambda body: any(sign in body for sign in SAID)


@contextmanager
def _started(entry: Entry, api: str) -> Iterator[list[Running]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(_postgres(entry)) if entry.store == "PostgreSQL" else ""
        if entry.store == "Redis":
            redis.empty()
        environment = entry.environment(Given(folder, url, api))
        running = []
        for _ in range(entry.copies):
            program = start(entry.command, folder, environment)
            stack.callback(program.stop)
            running.append(program)
        yield running


@contextmanager
def _postgres(entry: Entry) -> Iterator[str]:
    with postgres.durable_server() as server, postgres.fresh_database(server) as url:
        if "bot" in entry.command:
            houses.migrate(url)
        yield url
