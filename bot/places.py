"""Texts that staff write: places filled for each person, in a sandbox; a mistake is shown with its line and column.

What may stand in a text is a short list: `{{ name }}`, `{{ area }}`, `{{ next_date }}` (also by their Chinese names),
`{{ name or "friend" }}`, and `{% if area %} … {% else %} … {% endif %}`. Everything else is refused before it is kept.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from jinja2 import StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.render import Words
from storage.broadcast_parts import Known

PLACES: Mapping[str, str] = {
    "name": "name", "area": "area", "next_date": "next_date", "姓名": "name", "社区": "area", "日期": "next_date",
}  # fmt: skip
BLOCKS = frozenset({"if", "elif", "else", "endif"})
JOINING = frozenset({"or", "and", "not"})
LONGEST = 4000
SPACES = re.compile(r"[ \t]+\n")
Wrong = Literal["unknown_place", "not_allowed", "unfinished", "too_long", "empty"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text, and where: line and column count from 1; `what` is the piece that can't stay."""

    wrong: Wrong
    line: int
    column: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a template with its place."""

    kind: str
    text: str
    line: int
    column: int


_environment = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, cache_size=0
)  # plain texts: pages and channels escape what they show
_environment.globals.clear()
_environment.filters.clear()
_environment.tests.clear()


def check(text: str) -> Fault | None:
    """The first thing that is wrong with a text; None for a good one."""
    source = _even(text)
    if len(source) > LONGEST:
        line = source.count("\n", 0, LONGEST) + 1
        return Fault("too_long", line, LONGEST - source.rfind("\n", 0, LONGEST))
    try:
        fault = _misplaced(source)
        if fault is None:
            _environment.compile(_environment.parse(source))
    except TemplateSyntaxError as error:
        return _unfinished(source, error.lineno)
    return fault


def places(text: str) -> frozenset[str]:
    """Which places a good text has: name, area, next_date."""
    found = (piece.text for piece in _pieces(_even(text)) if piece.kind == "name")
    return frozenset(PLACES[name] for name in found if name in PLACES)


@lru_cache(maxsize=256)
def _template(text: str) -> Template:
    return _environment.from_string(_even(text))


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills texts for people; what isn't known of them is said in a polite general word, but never a day."""

    words: Words

    def fill(self, language: str, text: str, known: Known) -> str | None:
        """The text for one person; None where it tells a day and none is known."""
        if "{" not in text:
            return text
        values = self._values(language, known, guarded=_is_guarded(text))
        if not values["next_date"] and "next_date" in places(text) and not _is_guarded(text):
            return None
        return SPACES.sub("\n", _template(text).render({name: values[place] for name, place in PLACES.items()})).strip()

    def _values(self, language: str, known: Known, *, guarded: bool) -> dict[str, str]:
        words = self.words

        def general(phrase: str) -> str:
            return "" if guarded else words.phrase(language, phrase)

        return {
            "name": known.name or general("somebody"),
            "area": words.label(language, "areas", known.area) if known.area else general("our_area"),
            "next_date": words.day(language, known.next_on.isoformat()) if known.next_on else "",
        }


def _is_guarded(text: str) -> bool:
    """Whether the author says what becomes of a place that isn't known."""
    return any(piece.kind == "name" and piece.text in {"if", "or"} for piece in _pieces(_even(text)))


def _misplaced(source: str) -> Fault | None:
    """The first piece of a tag that isn't on the list."""
    first = False
    inside = ""
    for piece in _pieces(source):
        if piece.kind in {"variable_begin", "block_begin"}:
            inside, first = piece.kind, True
        elif piece.kind in {"variable_end", "block_end"}:
            inside = ""
        elif inside and piece.kind != "whitespace":
            if not _may_stand(piece, inside, first=first):
                return Fault(_kind(piece), piece.line, piece.column, piece.text)
            first = False
        elif piece.kind.startswith(("comment", "raw", "line")):
            return Fault("not_allowed", piece.line, piece.column, piece.text)
    return None


def _may_stand(piece: Piece, inside: str, *, first: bool) -> bool:
    if inside == "block_begin" and first:
        return piece.kind == "name" and piece.text in BLOCKS
    return piece.kind == "string" or (piece.kind == "name" and piece.text in PLACES.keys() | JOINING)


def _kind(piece: Piece) -> Wrong:
    return "unknown_place" if piece.kind == "name" else "not_allowed"


def _unfinished(source: str, line: int) -> Fault:
    """A tag that isn't closed, or nothing in it: where the line's last tag begins."""
    lines = source.split("\n")
    number = min(max(line, 1), len(lines))
    shown = lines[number - 1]
    return Fault("unfinished", number, max(shown.rfind("{{"), shown.rfind("{%"), 0) + 1, shown.strip()[:40])


def _pieces(source: str) -> Iterator[Piece]:
    """The source's pieces in order; TemplateSyntaxError where it can't be read on."""
    at = 0
    for _, kind, text in _environment.lex(source):
        begins = source.find(text, at) if text else at
        line = source.count("\n", 0, begins) + 1
        yield Piece(kind, text, line, begins - source.rfind("\n", 0, begins))
        at = begins + len(text)


def _even(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
