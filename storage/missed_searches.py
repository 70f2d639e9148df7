"""Questions to which no notice was an answer: sealed, for whoever writes notices, and gone after some weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from storage import tables
from storage.unit import Unit

WORDS = "missed_searches.words"

_rows = tables.missed_searches.c


@dataclass(frozen=True, slots=True)
class Missed:
    """What was asked, in which language the talk was, how often, and when last."""

    id: int
    words: str
    language: str
    times: int
    last_at: datetime


def note(unit: Unit, words: str, language: str, now: datetime) -> None:
    """Somebody asked this; the same words again are counted."""
    index = words_index(unit, words)
    fresh = {
        "words_index": index,
        "words_sealed": unit.vault.seal(words.encode(), WORDS),
        "language": language,
        "times": 0,
        "first_at": now,
        "last_at": now,
    }
    unit.insert_once(tables.missed_searches, fresh)
    again = update(tables.missed_searches).where(_rows.words_index == index)
    unit.execute(again.values(times=_rows.times + 1, last_at=now))


def words_index(unit: Unit, words: str) -> bytes:
    """The keyed index under which the same words are found again."""
    return unit.vault.index("missed search", words)


def newest(unit: Unit, limit: int) -> Sequence[Missed]:
    """Those asked most often first, then the newest."""
    found = select(tables.missed_searches).order_by(_rows.times.desc(), _rows.last_at.desc(), _rows.id).limit(limit)
    return [
        Missed(row.id, unit.vault.open(row.words_sealed, WORDS).decode(), row.language, row.times, row.last_at)
        for row in unit.execute(found)
    ]


def drop(unit: Unit, number: int) -> bool:
    """The editor is done with it; False if it is gone already."""
    return bool(unit.execute(delete(tables.missed_searches).where(_rows.id == number)).rowcount)
