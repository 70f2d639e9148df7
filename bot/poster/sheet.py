"""What stands on a poster, in words: each line in Chinese with English below it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.render import Words
from bot.tongue import OfficeFacts
from handlers.office.home_codes import clear
from storage.homes import Code
from storage.records import Home

LANGUAGES = ("zh", "en")
STEPS = ("scan", "answer", "done")
Both = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Poster:
    """One code's poster; `url` is what the QR code holds, `code` the same in clear. Nothing of who lives there."""

    url: str
    code: str
    where: str
    title: Both
    room: Both
    steps: tuple[Both, ...]
    typed: Both
    private: Both
    office: Both
    made_at: datetime


def posters(home: Home, codes: Sequence[Code], words: Words, office: OfficeFacts) -> tuple[Poster, ...]:
    """The home's own poster, and one for each of its rooms."""
    return tuple(_poster(home, code, words, office) for code in codes)


def _poster(home: Home, code: Code, words: Words, office: OfficeFacts) -> Poster:
    tables = {language: words.table(language, "poster") for language in LANGUAGES}

    def both(name: str) -> Both:
        return tables["zh"][name], tables["en"][name]

    room = next((room.name for room in home.rooms if room.id == code.room_id), "")
    return Poster(
        url=f"{office.url}/h/{code.code}",
        code=clear(code.code),
        where=f"{words.label('zh', 'areas', home.area)} {home.address}",
        title=both("title"),
        room=(f"{both('room')[0]} {room}", f"{both('room')[1]} {room}") if room else ("", ""),
        steps=tuple(both(step) for step in STEPS),
        typed=both("typed"),
        private=both("private"),
        office=both("office"),
        made_at=code.created_at,
    )
