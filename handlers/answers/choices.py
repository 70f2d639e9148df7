"""Picking one of several: by tap, number, label, or a clear part of it."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from handlers.answers.numerals import number_in
from handlers.answers.text import words
from handlers.messages import Choice, Incoming
from handlers.steps import Context, InvalidAnswer, Parse
from handlers.vocabulary import Vocabulary
from storage.records import Answers

SHORTEST_HAN = 2
SHORTEST_LATIN = 3
MATCHES_SHOWN = 5

_NEGATED = re.compile(r"(?:不是|不|没有|没|非|未|\bnot|\bnever|\bno|n't)\s*$")
_NUMBER = re.compile(
    r"^(?:第|选|选择|no\.?|number|option)?\s*([0-9一二三四五六七八九十两]{1,4})\s*(?:个|号|项|\.|、|\)|。)?$"
)


def one_of(options: Callable[[Answers, Context], tuple[Choice, ...]]) -> Parse:
    """A parser for a question with options."""

    def parse(incoming: Incoming, answers: Answers, context: Context) -> Any:
        return pick(options(answers, context), incoming, context.vocabulary)

    return parse


def pick(choices: tuple[Choice, ...], incoming: Incoming, vocabulary: Vocabulary) -> str | InvalidAnswer:
    """The value that was meant: a tap, a number counted from 1, a label, or a part of exactly one."""
    if incoming.choice is not None:
        pressed = incoming.choice.value
        return pressed if any(choice.value == pressed for choice in choices) else InvalidAnswer("pick_one")
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    folded = said.casefold().strip(" .。!！,，")
    number = _NUMBER.match(folded)
    if number is not None and (found := number_in(number[1])) is not None:
        return _numbered(choices, found)
    return _worded(choices, folded, vocabulary)


def _numbered(choices: tuple[Choice, ...], number: int) -> str | InvalidAnswer:
    if 1 <= number <= len(choices):
        return choices[number - 1].value
    return InvalidAnswer("number_out_of_range", {"max": len(choices)})


def _worded(choices: tuple[Choice, ...], said: str, vocabulary: Vocabulary) -> str | InvalidAnswer:
    """Exact beats beginning beats part beats being mentioned in a sentence."""
    named = [(choice, [name.casefold() for name in _names(choice, vocabulary)]) for choice in choices]
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name == said,
        lambda name: _is_enough(said) and name.startswith(said),
        lambda name: _is_enough(said) and said in name,
    )
    for test in tests:
        found = [choice for choice, names in named if any(map(test, names))]
        if found:
            return _only(found, vocabulary)
    return _mentioned(named, said, vocabulary)


def _mentioned(named: list[tuple[Choice, list[str]]], said: str, vocabulary: Vocabulary) -> str | InvalidAnswer:
    """A label inside a sentence; the longest wins, and none counts that is negated."""
    hits = [
        (len(name), choice) for choice, names in named for name in names if _is_enough(name) and _stands_in(name, said)
    ]
    if not hits:
        return InvalidAnswer("pick_one")
    longest = max(length for length, _ in hits)
    return _only(list(dict.fromkeys(choice for length, choice in hits if length == longest)), vocabulary)


def _stands_in(name: str, said: str) -> bool:
    bounded = rf"\b{re.escape(name)}\b" if name.isascii() else re.escape(name)
    return any(not _NEGATED.search(said[: match.start()]) for match in re.finditer(bounded, said))


def _is_enough(text: str) -> bool:
    """Whether a part is long enough to be meant: two Chinese characters or three letters."""
    return len(text) >= (SHORTEST_LATIN if text.isascii() else SHORTEST_HAN)


def _names(choice: Choice, vocabulary: Vocabulary) -> Iterable[str]:
    yield choice.label or vocabulary.label(choice.codes, choice.value)
    yield from vocabulary.aliases.get(choice.codes, {}).get(choice.value, ())


def _only(found: list[Choice], vocabulary: Vocabulary) -> str | InvalidAnswer:
    if len(found) == 1:
        return found[0].value
    options = [[choice.value, choice.label or vocabulary.label(choice.codes, choice.value)] for choice in found]
    return InvalidAnswer("ambiguous_choice", {"options": options[:MATCHES_SHOWN]})
