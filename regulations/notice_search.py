"""Finding notices by a question in own words: BM25 over their titles, words and topics, in the program's memory.

Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from math import log
from types import MappingProxyType

from regulations.notices import Library, Notice
from regulations.search_words import SearchWords, Weights, counted, is_han, is_telling, weighed

BEST = 3
K1, B = 1.2, 0.5
TITLE, TOPIC, TEXT = 3.0, 1.5, 1.0
LEAST = 0.2  # how much of what was said (weighed by how rare it is) the best notice must hold
SURE = 0.3  # the same, where what was said may be an answer to something else
NEAR = 0.35  # how near to the best one the others must come


@dataclass(frozen=True, slots=True)
class Found:
    """A notice, and how well it fits: its score, and the share of the question that it covers (0 to 1)."""

    notice: str
    score: float
    covers: float


@dataclass(frozen=True, slots=True)
class Index:
    """One language's notices, ready to be searched."""

    words: SearchWords
    documents: Mapping[str, Weights]
    lengths: Mapping[str, float]
    rarity: Mapping[str, float]

    def search(self, question: str, among: Set[str]) -> list[Found]:
        """Those that hold something of the question, the best first."""
        asked = weighed(question, self.words)
        whole = sum(weight * self._rarity(term) for term, weight in asked.items() if is_telling(term)) or 1.0
        found = [self._found(name, asked, whole) for name in self.documents if name in among]
        return sorted((one for one in found if one.covers > 0), key=lambda one: (-one.score, one.notice))

    def _found(self, name: str, asked: Weights, whole: float) -> Found:
        document, score, covered = self.documents[name], 0.0, 0.0
        for term in asked.keys() & document.keys():
            worth = asked[term] * self.rarity[term]
            often = document[term]
            score += worth * often * (K1 + 1) / (often + K1 * (1 - B + B * self.lengths[name]))
            covered += worth if is_telling(term) else 0.0
        return Found(name, score, covered / whole)

    def _rarity(self, term: str) -> float:
        return self.rarity.get(term, self._rarest)

    @property
    def _rarest(self) -> float:
        return log(1 + len(self.documents) / 2)


@dataclass(frozen=True, slots=True)
class Finder:
    """Every language's index. A question is looked for in the language it is written in."""

    indexes: Mapping[str, Index] = field(default_factory=lambda: MappingProxyType({}))

    def find(self, question: str, language: str, among: Set[str], least: float = LEAST) -> tuple[str, ...]:
        """The names of the notices that fit best, three at most; `among` are those that hold here."""
        index = self._index(question, language)
        if index is None or index.words.is_unsaid(question):
            return ()
        found = index.search(question, among)
        if not found or max(one.covers for one in found[:BEST]) < least:
            return ()
        return tuple(one.notice for one in found[:BEST] if one.score >= found[0].score * NEAR)

    def asks_something(self, said: str) -> bool:
        """Whether it looks like a question in any language."""
        return any(index.words.asks_something(said) for index in self.indexes.values())

    def names_somebody(self, said: str) -> bool:
        """Whether it tells who is meant, in any language."""
        return any(index.words.names_somebody(said) for index in self.indexes.values())

    def _index(self, question: str, language: str) -> Index | None:
        """Chinese signs are looked for in Chinese; anything else in the talk's language, or in one of Latin letters."""
        if is_han(question):
            return self.indexes.get("zh") or self.indexes.get(language)
        others = [self.indexes[code] for code in self.indexes if code != "zh"]
        return (self.indexes.get(language) if language != "zh" else None) or next(iter(others), None)


def build_index(library: Library, language: str, topics: Mapping[str, str], words: SearchWords) -> Index:
    """A language's index; topics: what each topic is called in it."""
    documents = {name: _document(notice, language, topics, words) for name, notice in library.notices.items()}
    sizes = {name: sum(document.values()) for name, document in documents.items()}
    usual = sum(sizes.values()) / max(1, len(sizes))
    lengths = {name: size / usual for name, size in sizes.items()}
    return Index(words, MappingProxyType(documents), MappingProxyType(lengths), _rarities(documents.values()))


def _document(notice: Notice, language: str, topics: Mapping[str, str], words: SearchWords) -> Weights:
    said = notice.words[language]
    found: dict[str, float] = {}
    for text, weight in ((said.title, TITLE), (topics.get(notice.header.topic, ""), TOPIC), (said.text, TEXT)):
        for term, number in counted(text, words).items():
            found[term] = found.get(term, 0.0) + number * weight
    return found


def _rarities(documents: Iterable[Weights]) -> Mapping[str, float]:
    held = list(documents)
    number = Counter(term for document in held for term in document)
    return MappingProxyType({term: log(1 + (len(held) - n + 0.5) / (n + 0.5)) for term, n in number.items()})
