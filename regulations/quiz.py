"""Questions about the notices, for fun: the answer stands in the notice, wrong ones don't; a table a language."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from regulations.errors import NoticeRefused, QuizLanguageMissing, QuizUnclear, QuizWithoutNotice
from regulations.notices import Library

FILE = "quiz.toml"
FEWEST, MOST = 2, 3  # wrong options
LONGEST_ASK, LONGEST_OPTION = 120, 40


@dataclass(frozen=True, slots=True)
class QuizWords:
    """A question in one language; options: the right one, then the wrong ones."""

    ask: str
    options: tuple[str, ...]

    @property
    def right(self) -> str:
        """The right answer."""
        return self.options[0]


@dataclass(frozen=True, slots=True)
class Book:
    """The questions by their notice and language, and what is wrong with others."""

    questions: Mapping[str, Mapping[str, QuizWords]] = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[NoticeRefused, ...] = ()


def read_book(folder: Traversable, languages: Iterable[str], library: Library) -> Book:
    """Every language's quiz.toml, checked; a wrong question is left out and its fault is kept."""
    spoken = tuple(languages)
    tables = {language: _table(folder / language / FILE) for language in spoken}
    questions: dict[str, Mapping[str, QuizWords]] = {}
    faults: list[NoticeRefused] = []
    for name in sorted({name for table in tables.values() for name in table}):
        try:
            questions[name] = _question(name, tables, library)
        except NoticeRefused as fault:
            faults.append(fault)
    return Book(MappingProxyType(questions), tuple(faults))


def shuffled(number: int, notice: str, options: int) -> tuple[int, ...]:
    """In which order a quiz shows the options of a question: always the same, and never the right one always first."""
    return tuple(sorted(range(options), key=lambda n: sha256(f"{number} {notice} {n}".encode()).digest()))


def _table(file: Traversable) -> Mapping[str, Any]:
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def _question(name: str, tables: Mapping[str, Mapping[str, Any]], library: Library) -> Mapping[str, QuizWords]:
    if name not in library.notices:
        raise QuizWithoutNotice(name)
    if missing := [language for language, table in tables.items() if name not in table]:
        raise QuizLanguageMissing(name, f"missing: {', '.join(missing)}")
    words = {language: _words(name, table[name]) for language, table in tables.items()}
    if len({len(one.options) for one in words.values()}) > 1:
        raise QuizLanguageMissing(name)
    return MappingProxyType(words)


def _words(name: str, raw: Any) -> QuizWords:
    if not isinstance(raw, dict) or set(raw) != {"ask", "right", "wrong"} or not isinstance(raw["wrong"], list):
        raise QuizUnclear(name)
    options = tuple(str(one).strip() for one in (raw["right"], *raw["wrong"]))
    different = len({option.casefold() for option in options}) == len(options)
    short = all(0 < len(option) <= LONGEST_OPTION for option in options) and 0 < len(str(raw["ask"])) <= LONGEST_ASK
    if not FEWEST <= len(raw["wrong"]) <= MOST or not different or not short:
        raise QuizUnclear(name)
    return QuizWords(str(raw["ask"]), options)
