"""Replies into words, in every language there is a folder for."""

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from bot.channels.channel import Message
from bot.notices import book, library, titles
from bot.tongue import OfficeFacts, Tongue
from bot.vocabularies import languages, vocabulary
from handlers.turns import Answered
from handlers.vocabulary import Vocabulary
from regulations.pack import Pack
from storage.records import Area


class Words:
    """Everything that is said, in every language there is a folder for."""

    def __init__(
        self, pack: Pack, office: OfficeFacts, areas: Callable[[], tuple[Area, ...]], folder: Traversable | None = None
    ) -> None:
        root = folder or files("templates")
        self.languages = languages(root)
        self.library = library(pack, self.languages, folder)
        self.book = book(self.library, self.languages, folder)
        self._tongues = {
            code: Tongue(language, root / code, pack, office, areas, self.library, self.book)
            for code, language in self.languages.items()
        }
        self.vocabularies: dict[str, Vocabulary] = {
            code: vocabulary(language, self.languages, self._tongues[code].labels, titles(self.library))
            for code, language in self.languages.items()
        }

    def messages(self, answered: Answered) -> Sequence[Message]:
        """An answer in words: all of it, or after `more` the last question with all its options."""
        tongue = self._tongues[answered.language]
        return tuple(tongue.message(reply) for reply in answered.replies)

    def say(self, language: str, template: str, **data: Any) -> str:
        """One template's words."""
        return self._tongue(language).text(template, data)

    def label(self, language: str, codes: str, value: str) -> str:
        """One label."""
        return self._tongue(language).label(codes, value)

    def commands(self) -> Mapping[str, Mapping[str, str]]:
        """What commands are called, by language."""
        return {code: tongue.labels["commands"] for code, tongue in self._tongues.items()}

    def phrase(self, language: str, phrase: str, /, **data: Any) -> str:
        """A short phrase of words.toml, such as a channel needs around a message."""
        return self._tongue(language).phrase(phrase, **data)

    def page(self, language: str) -> Mapping[str, str]:
        """The web page's own strings."""
        return self._tongue(language).page

    def fill(self, language: str, text: str, data: Mapping[str, Any]) -> str:
        """A short text's places filled from a reply's data."""
        return self._tongue(language).fill(text, data)

    def wechat(self, language: str) -> Mapping[str, Any]:
        """A language's `wechat.toml`: what approved templates carry; empty where there is none."""
        return self._tongue(language).wechat

    def notices(self, language: str) -> Mapping[str, str]:
        """The strings of the page on which people agree to notifications."""
        return self._tongue(language).notices

    def map_wechat(self, mapping: Mapping[str, Any]) -> None:
        """Let approved templates carry something else, in every language."""
        for tongue in self._tongues.values():
            tongue.wechat = mapping

    def table(self, language: str, name: str) -> Mapping[str, str]:
        """A table of words.toml that belongs to one page or paper."""
        return self._tongue(language).table(name)

    def day(self, language: str, iso: str) -> str:
        """A day without its weekday."""
        return self._tongue(language).day(iso, weekday=False)

    def answer(self, language: str, line: Mapping[str, Any]) -> str:
        """A stored answer as a person reads it."""
        return self._tongue(language).value_of(line)

    def templates(self, language: str) -> frozenset[str]:
        """The names of a language's templates."""
        return self._tongues[language].templates

    def faults(self) -> list[str]:
        """Every template that can't be read, with the place; all of them are compiled then."""
        return [fault for tongue in self._tongues.values() for fault in tongue.faults()]

    def _tongue(self, language: str) -> "Tongue":
        return self._tongues.get(language) or self._tongues["zh"]
