"""The library of notices, read once from the templates folder."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from regulations.notices import Library, read_library
from regulations.pack import Pack, shipped


def library(pack: Pack, languages: Iterable[str], folder: Traversable | None = None) -> Library:
    """Every notice that is right; it may be of a place that ships, or of the office's own pack and its parents."""
    places = frozenset((*shipped(), pack.name, *pack.parents))
    spoken = tuple(languages)
    return _shipped(spoken, places) if folder is None else read_library(folder, spoken, places)


def titles(found: Library) -> dict[str, str]:
    """What can be typed for a notice, in every language, with the command that shows it."""
    return {words.title: f"law:{name}" for name, notice in found.notices.items() for words in notice.words.values()}


@cache
def _shipped(languages: tuple[str, ...], places: frozenset[str]) -> Library:
    return read_library(files("templates"), languages, places)
