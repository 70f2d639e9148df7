"""Writes what is answered and stored into transcripts: `python -m tests.talks.write FILE…`. Read the difference!"""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests import house
from tests.talks.engine import Engine
from tests.talks.player import play, stored
from tests.talks.transcript import Exchange, read, written


async def rewrite(path: Path) -> None:
    """Play a talk on the engine and write down what came of it."""
    transcript = read(path)
    with tempfile.TemporaryDirectory() as folder:
        async with house.opened(house.settings(f"sqlite:///{folder}/talk.db")) as opened:
            played = await play(transcript, Engine(opened, transcript.language, datetime.now(UTC)))
    transcript.exchanges = [
        Exchange(exchange.said, lines) for exchange, lines in zip(transcript.exchanges, played.lines, strict=True)
    ]
    transcript.stored = dated(stored(played))
    path.write_text(written(transcript), "utf-8")  # noqa: ASYNC240 -- a tool for one person


def dated(lines: list[str]) -> list[str]:
    """Days near today as words, so that the transcript stays true tomorrow."""
    from tests.talks.test_talks import told_day

    return [told_day(line) for line in lines]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        asyncio.run(rewrite(Path(name)))
