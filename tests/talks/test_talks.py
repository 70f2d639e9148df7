"""Whole talks on the engine: every branch, both languages, wrong answers, coming back."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests import house
from tests.talks.engine import Engine
from tests.talks.player import ZONE, play, stored
from tests.talks.transcript import Transcript, every

RECENT = 60  # days

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")


def told_day(line: str) -> str:
    """A stored day of the last weeks as `today-3`."""
    found = _DAY.search(line)
    if not found:
        return line
    ago = (datetime.now(UTC).astimezone(ZONE).date() - date.fromisoformat(found[0])).days
    return line[: found.start()] + (f"today-{ago}" if 0 <= ago <= RECENT else found[0])


def test_there_are_enough_talks() -> None:
    assert len(every()) >= 30
    assert {talk.language for talk in every()} >= {"", "en"}


@pytest.mark.parametrize("transcript", every(), ids=lambda transcript: transcript.name)
async def test_a_talk_goes_as_written(transcript: Transcript, tmp_path: Path) -> None:
    async with house.opened(house.settings(house.migrated_file(tmp_path / "talk.db"))) as opened:
        played = await play(transcript, Engine(opened, transcript.language, datetime.now(UTC)))
    assert list(played.lines) == [exchange.answers for exchange in transcript.exchanges]
    assert [told_day(line) for line in stored(played)] == transcript.stored
