"""A question's words in the form in which they are compared: pairs of Chinese signs, stems of English words."""

import re
import threading
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

LONGEST_QUESTION = 200  # signs; what comes after them is not looked at
SAID_OTHERWISE = 0.7  # how much a word counts that only means what was said
BETWEEN = 2  # how many words may stand between the words of an English saying
LEAST_SIGNS, LEAST_WORDS = 5, 4
STEMS_KEPT = 16_384  # more than all notices hold; what people type comes and goes
ONE_SIGN = 0.2  # a Chinese sign alone says less than two that stand together

_RUN = re.compile(r"(?P<han>[\u4e00-\u9fff]+)|(?P<latin>[a-z][a-z0-9]*(?:'[a-z]+)?)")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")  # numbers count within a saying only

Weights = Mapping[str, float]
Stems = tuple[str, ...]
Sayings = tuple[tuple[Stems, str], ...]


@dataclass(frozen=True, slots=True)
class SearchWords:
    """A language's `search.toml`.

    means: what people say in Chinese (parts with a blank between them: all of them, wherever they stand) → the words
    in which notices say it; sayings: the same in English, by the stem
    of a saying's first word; forms: words → the one they are forms of, where the stem doesn't tell (paid → pay);
    idle: words that tell nothing; asks: signs of a question; private: words that stand beside a name; unsaid: words
    that together make a question to which no notice is an answer, though single words of it stand in some; surnames:
    signs with which names begin; no_names: words in which they are no names.
    """

    means: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    sayings: Mapping[str, Sayings] = field(default_factory=lambda: MappingProxyType({}))
    forms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    idle: frozenset[str] = frozenset()
    asks: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    unsaid: tuple[tuple[str, ...], ...] = ()
    surnames: frozenset[str] = frozenset()
    no_names: tuple[str, ...] = ()

    def asks_something(self, said: str) -> bool:
        """Whether it looks like a question, and not like an answer."""
        plain = folded(said)
        words = _apart(plain)
        return any(f" {mark} " in words if _is_latin(mark) else mark in plain for mark in self.asks)

    def names_somebody(self, said: str) -> bool:
        """Whether it says something about who is meant, so that it isn't kept."""
        plain = folded(said)
        for word in self.no_names:
            plain = plain.replace(word, " ")
        return any(_has(plain, word) for word in self.private) or any(sign in plain for sign in self.surnames)

    def is_unsaid(self, said: str) -> bool:
        """Whether it is known that no notice answers this."""
        plain = folded(said)
        return any(all(_has(plain, word) for word in words) for words in self.unsaid)


def read_search_words(content: str) -> SearchWords:
    """What stands in a `search.toml`."""
    raw = tomllib.loads(content)
    means = {said: " ".join(meant) for said, meant in _several(raw.get("means", {})).items()}
    forms = {folded(word): form for form, many in raw.get("forms", {}).items() for word in many}
    return SearchWords(
        MappingProxyType({said: meant for said, meant in means.items() if is_han(said)}),
        _by_first_word({said: meant for said, meant in means.items() if not is_han(said)}, forms),
        MappingProxyType(forms),
        frozenset(folded(word) for word in raw.get("idle", ())),
        tuple(folded(word) for word in raw.get("asks", ())),
        tuple(folded(word) for word in raw.get("private", ())),
        tuple(tuple(folded(words).split()) for words in raw.get("unsaid", ())),
        frozenset(raw.get("surnames", "")),
        tuple(folded(word) for word in raw.get("no_names", ())),
    )


def folded(said: str) -> str:
    """NFKC, lower case, one kind of apostrophe."""
    return unicodedata.normalize("NFKC", said[:LONGEST_QUESTION]).casefold().replace("\u2019", "'").strip()


def is_sentence(said: str) -> bool:
    """Whether so much was said that it is no bare answer: five Chinese signs, or four words."""
    runs = list(_RUN.finditer(folded(said)))
    return sum(len(run["han"] or "") for run in runs) >= LEAST_SIGNS or len(runs) >= LEAST_WORDS


def is_han(word: str) -> bool:
    """Whether it holds Chinese signs."""
    return any("\u4e00" <= sign <= "\u9fff" for sign in word)


def weighed(said: str, words: SearchWords) -> Weights:
    """What is looked for, each with its weight: the words themselves and what they mean."""
    plain = folded(said)
    found: dict[str, float] = {}
    for term, weight in _terms(plain, words):
        found[term] = max(found.get(term, 0.0), weight)
    for meant in _meant(plain, words):
        for term, weight in _terms(folded(meant), words):
            found[term] = max(found.get(term, 0.0), weight * SAID_OTHERWISE)
    return found


def counted(text: str, words: SearchWords) -> Weights:
    """The words of a text, each as often as it stands there."""
    found: Counter[str] = Counter()
    for term, _ in _terms(folded(text), words):
        found[term] += 1
    return found


def is_telling(term: str) -> bool:
    """Whether a word says something by itself, as a Chinese sign alone doesn't."""
    return len(term) > 1 or term.isascii()


def _several(means: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """One saying may mean several things."""
    found: dict[str, list[str]] = {}
    for meant, many in means.items():
        for said in many:
            found.setdefault(folded(said), []).append(meant)
    return found


def _meant(plain: str, words: SearchWords) -> Iterator[str]:
    yield from (meant for said, meant in words.means.items() if all(part in plain for part in said.split()))
    stems = _stems(plain, words.forms)
    for at, stem in enumerate(stems):
        yield from (meant for saying, meant in words.sayings.get(stem, ()) if _goes_on(saying, stems[at + 1 :]))


def _goes_on(saying: Stems, stems: Stems) -> bool:
    """Whether a saying's other words follow in their order, each at most a little later."""
    return not saying or any(
        stem == saying[0] and _goes_on(saying[1:], stems[at + 1 :]) for at, stem in enumerate(stems[: BETWEEN + 1])
    )


def _by_first_word(means: Mapping[str, str], forms: Mapping[str, str]) -> Mapping[str, Sayings]:
    found: dict[str, Sayings] = {}
    for said, meant in means.items():
        first, *others = _stems(said, forms)
        found[first] = (*found.get(first, ()), (tuple(others), meant))
    return MappingProxyType(found)


def _stems(plain: str, forms: Mapping[str, str]) -> Stems:
    return tuple(_stem(forms.get(word, word)) for word in _WORD.findall(plain))


def _terms(plain: str, words: SearchWords) -> Iterator[tuple[str, float]]:
    for run in _RUN.finditer(plain):
        if run["latin"]:
            if run["latin"] not in words.idle:
                yield _stem(words.forms.get(run["latin"], run["latin"])), 1.0
        else:
            yield from _han_terms(run["han"], words.idle)


def _han_terms(run: str, idle: frozenset[str]) -> Iterator[tuple[str, float]]:
    """Pairs of neighbours, and each sign alone; idle words part the run."""
    for word in sorted(idle, key=len, reverse=True):
        run = run.replace(word, " ")
    for part in run.split():
        yield from ((part[at : at + 2], 1.0) for at in range(len(part) - 1))
        yield from ((sign, ONE_SIGN) for sign in part)


def _has(plain: str, words: str) -> bool:
    return f" {words} " in _apart(plain) if _is_latin(words) else words in plain


def _is_latin(words: str) -> bool:
    return words[0].isascii() and words[0].isalpha()


def _apart(plain: str) -> str:
    """Its words with a blank around each."""
    return f" {' '.join(run[0] for run in _RUN.finditer(plain))} "


@lru_cache(STEMS_KEPT)
def _stem(word: str) -> str:
    """The stem of an English word: pay of paying (Snowball's Porter2)."""
    return str(_stemmer().stemWord(word))


_of_thread = threading.local()


def _stemmer() -> Any:
    """Snowball's stemmer, loaded with the first question and not at start; each thread has its own, for it keeps the
    word that it is at."""
    if not hasattr(_of_thread, "stemmer"):
        from snowballstemmer import stemmer

        _of_thread.stemmer = stemmer("english")
    return _of_thread.stemmer
