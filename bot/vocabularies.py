"""Reads each language's `words.toml` into what decisions and templates need."""

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from handlers.vocabulary import Vocabulary
from regulations.codelists import codes

STANDARD_LISTS = ("sex", "ethnicity", "education", "marital_status", "political_status", "industry")


NO_TITLES: Mapping[str, str] = {}


class WordClash(Exception):
    """A command word stands for two commands; take it out of one in words.toml."""

    def __init__(self, word: str, language: str) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} (templates/{language}/words.toml: {word})")


@dataclass(frozen=True, slots=True)
class Language:
    """A language folder's words: its own name, labels (templates still), aliases, commands, phrases, page strings."""

    code: str
    raw: Mapping[str, Any]

    def table(self, *names: str) -> Mapping[str, Any]:
        """A table of words.toml, empty where it has none."""
        found: Any = self.raw
        for name in names:
            found = found.get(name, {})
        return dict(found)


def languages(folder: Traversable | None = None) -> dict[str, Language]:
    """Every language there is a folder for, Chinese first."""
    root = folder or files("templates")
    found = {
        entry.name: _language(entry.name, (entry / "words.toml").read_text("utf-8"))
        for entry in root.iterdir()
        if entry.is_dir() and (entry / "words.toml").is_file()
    }
    return dict(sorted(found.items(), key=lambda item: (item[0] != "zh", item[0])))


@cache
def _language(code: str, text: str) -> Language:
    """A language's words, read once a process however many pages want them; nobody writes into them."""
    return Language(code, tomllib.loads(text))


def vocabulary(
    language: Language,
    everyone: Mapping[str, Language],
    labels: Mapping[str, Mapping[str, str]],
    titles: Mapping[str, str] = NO_TITLES,
) -> Vocabulary:
    """One language's vocabulary; commands and date words are understood in every language.

    titles: of notices, each with the command that shows it; a word that means something already keeps its meaning.
    """
    return Vocabulary(
        language=language.code,
        labels=labels,
        aliases=_aliases(everyone),
        commands={normalised(title): command for title, command in titles.items()} | _commands(everyone),
        relative_days=_merged(everyone, "relative_days"),
        months=_merged(everyone, "months"),
        desk=_desk(everyone),
    )


def standard_labels(language: str) -> dict[str, dict[str, str]]:
    """The labels of the standard code lists in a language."""
    return {name: {code.code: code.name(language) for code in codes(name)} for name in STANDARD_LISTS}


def normalised(word: str) -> str:
    """A word as it is compared: NFKC, lower case."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


def _commands(everyone: Mapping[str, Language]) -> dict[str, str]:
    found: dict[str, str] = {}
    for language in everyone.values():
        for word, name in (*_command_words(language), *_edit_words(language)):
            if found.setdefault(normalised(word), name) != name:
                raise WordClash(word, language.code)
    return found


def _command_words(language: Language) -> Iterator[tuple[str, str]]:
    for name, words in language.table("commands").items():
        yield from ((word, name) for word in (name, *words))


def _desk(everyone: Mapping[str, Language]) -> dict[str, str]:
    """What linked staff type; to everybody else these are no words at all."""
    return {
        normalised(word): name
        for language in everyone.values()
        for name, words in language.table("desk").items()
        for word in words
    }


def _edit_words(language: Language) -> Iterator[tuple[str, str]]:
    """The words of the buttons that change an answer (修改手机), typed."""
    phrase = language.table("phrases").get("edit", "")
    for step, label in language.table("labels", "steps").items():
        yield phrase.replace("{{ name }}", label), f"edit:{step}"


def _aliases(everyone: Mapping[str, Language]) -> dict[str, dict[str, tuple[str, ...]]]:
    """How people say a value, in any language: aliases of words.toml, of the standards, and other languages' labels."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for language in everyone.values():
        for name, value, words in (*_own_words(language), *_standard_words(language.code)):
            _add(found, name, value, words)
    return found


def _own_words(language: Language) -> Iterator[tuple[str, str, list[str]]]:
    for name, entries in language.table("aliases").items():
        yield from ((name, value, words) for value, words in entries.items())
    for name, labels in language.table("labels").items():
        if name not in {"commands", "steps"}:
            yield from ((name, value, [label]) for value, label in labels.items() if "{{" not in label)


def _standard_words(language: str) -> Iterator[tuple[str, str, list[str]]]:
    for name in STANDARD_LISTS:
        for code in codes(name):
            yield name, code.code, [code.name(language), *code.aliases.get(language, ())]


def _add(found: dict[str, dict[str, tuple[str, ...]]], name: str, value: str, words: list[str]) -> None:
    values = found.setdefault(name, {})
    values[value] = tuple(dict.fromkeys((*values.get(value, ()), *words)))


def _merged(everyone: Mapping[str, Language], table: str) -> dict[str, int]:
    return {
        normalised(word): int(number)
        for language in everyone.values()
        for word, number in language.table(table).items()
    }
