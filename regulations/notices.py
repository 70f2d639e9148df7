"""Notices that make the law known (普法): a few plain words each, with law and article; a text file a language."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from importlib.resources.abc import Traversable
from types import MappingProxyType

from regulations.errors import (
    HeadersDiffer,
    LanguageMissing,
    LawTwice,
    NoticeRefused,
    SourcesDiffer,
    TitleTwice,
)
from regulations.notice_files import FOLDER, SUFFIX, Header, NoticeFile, figures, read_file

TOPICS = (
    "contract", "wages", "hours", "insurance", "injury", "arbitration", "renting", "registration", "permit", "school",
    "aid", "privacy", "fraud", "fire", "identity", "family", "landlord", "fairness",
)  # fmt: skip
AUDIENCES = ("migrant", "landlord", "both")


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice in every language. name: its files' name; words: language → what its file says."""

    name: str
    header: Header
    words: Mapping[str, NoticeFile]

    def is_overdue(self, today: date) -> bool:
        """Whether the day has passed by which somebody should have looked into the law again."""
        return self.header.next_check_on < today


@dataclass(frozen=True, slots=True)
class Library:
    """The notices that are right, each topic's in their order, and what is wrong with the others."""

    notices: Mapping[str, Notice] = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[NoticeRefused, ...] = ()

    def here(self, places: Set[str], topic: str = "") -> tuple[Notice, ...]:
        """Those that hold in one of the places (a pack's name and its parents'), of one topic if one is given."""
        return tuple(
            notice
            for notice in self.notices.values()
            if notice.header.place in places and topic in ("", notice.header.topic)
        )

    def topics(self, places: Set[str]) -> tuple[str, ...]:
        """The topics that have notices there, in their own order."""
        found = {notice.header.topic for notice in self.here(places)}
        return tuple(topic for topic in TOPICS if topic in found)

    def overdue(self, today: date) -> tuple[Notice, ...]:
        """Those whose next check is past."""
        return tuple(notice for notice in self.notices.values() if notice.is_overdue(today))


def read_library(folder: Traversable, languages: Iterable[str], places: Set[str]) -> Library:
    """Every notice of a templates folder, checked; a wrong one is left out and its fault is kept.

    languages: the folders that must have each notice; places: the names of packs that there are.
    """
    spoken = tuple(languages)
    read: dict[str, dict[str, NoticeFile]] = {}
    faults: list[NoticeRefused] = []
    for language in spoken:
        for name, file in _files(folder / language / FOLDER):
            try:
                found = read_file(f"{language}/{FOLDER}/{name}", file.read_text("utf-8"), TOPICS, AUDIENCES, places)
                read.setdefault(name, {})[language] = found
            except NoticeRefused as fault:
                faults.append(fault)
                read.setdefault(name, {})
    checked = _Checking(spoken)
    notices = [notice for name, words in sorted(read.items()) if (notice := checked.whole(name, words))]
    notices.sort(key=lambda notice: (notice.header.order, notice.name))
    return Library(MappingProxyType({notice.name: notice for notice in notices}), (*faults, *checked.faults))


def _files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    if folder.is_dir():
        for file in folder.iterdir():
            if file.name.endswith(SUFFIX):
                yield file.name.removesuffix(SUFFIX), file


class _Checking:
    """What only several files together can have wrong: languages of one notice, notices of one language."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self.faults: list[NoticeRefused] = []
        self._languages = languages
        self._titles: dict[tuple[str, str], str] = {}
        self._laws: dict[tuple[str, str], tuple[str, str]] = {}

    def whole(self, name: str, words: Mapping[str, NoticeFile]) -> Notice | None:
        """The notice; None where something is wrong with it, which is noted."""
        try:
            if missing := [language for language in self._languages if language not in words]:
                raise LanguageMissing(name, f"missing or refused: {', '.join(missing)}")
            spoken = {language: words[language] for language in self._languages}
            self._agree(name, spoken)
            self._differ(name, spoken)
        except NoticeRefused as fault:
            self.faults.append(fault)
            return None
        return Notice(name, spoken[self._languages[0]].header, MappingProxyType(spoken))

    def _agree(self, name: str, spoken: Mapping[str, NoticeFile]) -> None:
        """The languages say the same of a notice, and cite the same articles."""
        first, *others = spoken.values()
        for other in others:
            if wrong := first.header.differences(other.header):
                raise HeadersDiffer(name, ", ".join(wrong))
            cited = [[figures(source.article) for source in one.sources] for one in (first, other)]
            if cited[0] != cited[1]:
                raise SourcesDiffer(name, f"{first.cited()} and {other.cited()}")

    def _differ(self, name: str, spoken: Mapping[str, NoticeFile]) -> None:
        """No two notices have one title; a law is called the same everywhere."""
        for language, words in spoken.items():
            title = (language, words.title.casefold())
            if (other := self._titles.setdefault(title, name)) != name:
                raise TitleTwice(name, f"{words.title!r}, as in {other}")
        main, *others = spoken
        for language in others:
            for ours, theirs in zip(spoken[main].sources, spoken[language].sources, strict=True):
                for law, called in (((language, ours.law), theirs.law), ((main, theirs.law), ours.law)):
                    known, where = self._laws.setdefault(law, (called, name))
                    if known != called:
                        raise LawTwice(name, f"{called!r}, but {known!r} in {where}")


__all__ = ["AUDIENCES", "TOPICS", "Header", "Library", "Notice", "NoticeFile", "read_library"]
