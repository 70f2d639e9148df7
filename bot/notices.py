"""The library of notices, read once from the templates folder, and the search in it."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from threading import Lock

from regulations.notice_search import Finder, Index, build_index
from regulations.notices import TOPICS, Library, read_library
from regulations.pack import Pack, shipped
from regulations.quiz import Book, read_book
from regulations.search_words import read_search_words

SEARCH = "search.toml"


def library(pack: Pack, languages: Iterable[str], folder: Traversable | None = None) -> Library:
    """Every notice that is right; it may be of a place that ships, or of the office's own pack and its parents."""
    places = frozenset((*shipped(), pack.name, *pack.parents))
    spoken = tuple(languages)
    return _shipped(spoken, places) if folder is None else read_library(folder, spoken, places)


def book(found: Library, languages: Iterable[str], folder: Traversable | None = None) -> Book:
    """The questions about a library's notices."""
    return read_book(folder or files("templates"), languages, found)


def titles(found: Library) -> dict[str, str]:
    """What can be typed for a notice, in every language, with the command that shows it."""
    return {words.title: f"law:{name}" for name, notice in found.notices.items() for words in notice.words.values()}


class LazyFinder:
    """The search, whose indexes are built with the first question: a start doesn't wait for them."""

    def __init__(self, found: Library, labels: Mapping[str, Mapping[str, str]], folder: Traversable) -> None:
        self._library = found
        self._labels = labels
        self._folder = folder
        self._finder: Finder | None = None
        self._building = Lock()

    def __call__(self) -> Finder:
        """Every language's index; who asks while it is built waits for it."""
        with self._building:
            if self._finder is None:
                self._finder = Finder({language: self._index(language) for language in self._labels})
            return self._finder

    def _index(self, language: str) -> Index:
        labels = self._labels[language]
        words = read_search_words((self._folder / language / SEARCH).read_text("utf-8"))
        topics = {topic: labels[f"law:{topic}"] for topic in TOPICS if f"law:{topic}" in labels}
        return build_index(self._library, language, topics, words)


@cache
def _shipped(languages: tuple[str, ...], places: frozenset[str]) -> Library:
    return read_library(files("templates"), languages, places)
