"""What a turn costs in CPU, without an HTTP server: people talk to the application itself, 32 at once.

`python -m bench.cost [--dialect telegram|wechat|wechat_aes] [--postgres] [--rounds 12]`: prints the
program's milliseconds of CPU a turn (user and system, every thread), the least and the median of the rounds: the
least is what other programs on the machine disturb least.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, MutableMapping
from contextlib import ExitStack, contextmanager, redirect_stderr
from pathlib import Path
from typing import Any

import uvloop
from starlette.applications import Starlette

from bench import ours
from bench.dialects import DIALECTS
from bench.load import CONNECTIONS
from bot import logs
from bot.app import build_app, build_server
from bot.copies import Parts
from bot.house import open_house
from bot.settings import Settings
from tests import house as houses
from tests import postgres

QUIET = Parts(clock=False, sender=False)
OK = 200


async def talk(app: Starlette, dialect: str, person: int, lines: tuple[str, ...] = ours.TALK) -> None:
    """One person's whole talk."""
    for line in lines:
        head, _, body = DIALECTS[dialect](person, line).partition(b"\r\n\r\n")
        await _post(app, head, body)


async def _post(app: Starlette, head: bytes, body: bytes) -> None:
    first, *rest = head.split(b"\r\n")
    path, _, query = first.split(b" ")[1].partition(b"?")
    headers = [(name.lower(), value) for name, _, value in (line.partition(b": ") for line in rest)]
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path.decode(),
        "raw_path": path, "query_string": query, "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    await app(scope, receive, send)
    if said[0]["status"] != OK or not said[1]["body"]:
        raise RuntimeError(f"refused: {said}")


async def measure(settings: Settings, dialect: str, rounds: int) -> list[float]:
    """Milliseconds of CPU a turn, round by round."""
    house = await open_house(settings)
    try:
        app = build_app(build_server(house, QUIET))
        await _round(app, dialect, 0)
        return [await _round(app, dialect, number) for number in range(1, rounds + 1)]
    finally:
        house.database.close()


async def _round(app: Starlette, dialect: str, number: int) -> float:
    begun = time.process_time()
    first = 1_000_000 + number * CONNECTIONS
    await asyncio.gather(*(talk(app, dialect, first + lane) for lane in range(CONNECTIONS)))
    return (time.process_time() - begun) * 1000 / CONNECTIONS / len(ours.TALK)


@contextmanager
def _database(folder: Path, *, on_postgres: bool) -> Iterator[str]:
    if not on_postgres:
        yield ours.sqlite(folder)
        return
    with postgres.durable_server() as server, postgres.fresh_database(server) as url:
        houses.migrate(url)
        yield url


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="telegram")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--rounds", type=int, default=12)
    chosen = parser.parse_args()
    with ExitStack() as stack:
        # The turns' lines are written, which is part of what they cost, but nobody reads them here.
        stack.enter_context(redirect_stderr(stack.enter_context(Path(os.devnull).open("w", encoding="utf-8"))))
        logs.configure(as_json=True, for_good=True)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(_database(folder, on_postgres=chosen.postgres))
        environment = ours.environment(url, "http://127.0.0.1:1", aes=chosen.dialect == "wechat_aes")
        os.environ.update(environment)
        settings = Settings(_env_file=None)  # type: ignore[call-arg]  # pydantic-settings takes it besides the fields
        costs = uvloop.run(measure(settings, chosen.dialect, chosen.rounds))
    store = "PostgreSQL" if chosen.postgres else "SQLite"
    least, median = min(costs), statistics.median(costs)
    print(f"{chosen.dialect}, {store}: {least:.3f} ms CPU a turn at least, {median:.3f} in the median")  # noqa: T201 -- a command's output


if __name__ == "__main__":
    main()
