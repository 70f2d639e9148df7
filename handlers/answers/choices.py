"""Picking one of several: by tap, number, label, or a clear part of it."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from handlers.answers.naming import Named, exactly, folded, mentioned, partly
from handlers.answers.numerals import number_in
from handlers.answers.text import tidy, words
from handlers.messages import Choice, Incoming, Tap
from handlers.steps import Context, InvalidAnswer, Parse
from handlers.vocabulary import Vocabulary
from storage.records import Answers

MATCHES_SHOWN = 8
REMEMBERED = 4_096  # a language has some hundreds

_NUMBER = re.compile(
    r"(?:我?选择?|no\.?|number|option|#)? ?第? ?([0-9]{1,3}|[一二三四五六七八九十两]{1,3}) ?(?:个|号|项|条|\u20e3)?"
)


def one_of(options: Callable[[Answers, Context], tuple[Choice, ...]]) -> Parse:
    """A parser for a question with options."""

    def parse(incoming: Incoming, answers: Answers, context: Context) -> Any:
        return pick(options(answers, context), incoming, context.vocabulary)

    return parse


def pick(choices: tuple[Choice, ...], incoming: Incoming, vocabulary: Vocabulary) -> str | InvalidAnswer:
    """The value that was meant: a tap, a number counted from 1, a label, or a part of exactly one.

    Options that several labels fit come as `matches` and `labels`, not as buttons: their numbers would then
    differ from those of the question.
    """
    options = tuple(choice for choice in choices if choice.role == "option")
    if incoming.choice is not None:
        return _tapped(options, incoming.choice)
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    picked = _by_name_or_number(options, folded(said), vocabulary)
    return _by_part(options, folded(said), vocabulary) if picked is None else picked


def numbered(said: str) -> int | None:
    """The number that words give as a choice (`2`, `第二个`); None for anything else."""
    written = _NUMBER.fullmatch(folded(tidy(said)))
    return number_in(written[1]) if written else None


def meant(choices: tuple[Choice, ...], said: str, vocabulary: Vocabulary) -> str | None:
    """The value that tidied words name outright (label, number, in a sentence); None if they may be something else."""
    picked = _by_name_or_number(choices, folded(said), vocabulary)
    if picked is None:
        found = mentioned(_named(choices, vocabulary), folded(said))
        picked = found[0] if len(found) == 1 else None
    return picked if isinstance(picked, str) else None


def _tapped(options: tuple[Choice, ...], tap: Tap) -> str | InvalidAnswer:
    same = (choice for choice in options if choice.value == tap.value and choice.step in {"", tap.step})
    return next((choice.value for choice in same), InvalidAnswer("pick_one"))


def _by_name_or_number(options: tuple[Choice, ...], said: str, vocabulary: Vocabulary) -> str | InvalidAnswer | None:
    """An exact label comes before a number, so that a label may be one."""
    named = exactly(_named(options, vocabulary), said)
    if named:
        return _only(named, options, vocabulary)
    number = numbered(said)
    if number is None:
        return None
    if 1 <= number <= len(options):
        return options[number - 1].value
    return InvalidAnswer("number_out_of_range", {"max": len(options)})


def _by_part(options: tuple[Choice, ...], said: str, vocabulary: Vocabulary) -> str | InvalidAnswer:
    named = _named(options, vocabulary)
    return _only(partly(named, said) or mentioned(named, said), options, vocabulary)


def _named(options: tuple[Choice, ...], vocabulary: Vocabulary) -> tuple[Named, ...]:
    return tuple(Named(choice.value, _names(choice, vocabulary)) for choice in options)


def _names(choice: Choice, vocabulary: Vocabulary) -> tuple[str, ...]:
    """A choice's own label may be a person's, so only the vocabulary's words are remembered."""
    aliases = vocabulary.aliases.get(choice.codes, {}).get(choice.value, ())
    if choice.label:
        own = folded(tidy(choice.label))
        return ((own,) if own else ()) + _compared(aliases)
    return _compared((vocabulary.label(choice.codes, choice.value), *aliases))


@lru_cache(REMEMBERED)
def _compared(names: tuple[str, ...]) -> tuple[str, ...]:
    """Words of the vocabulary as they are compared."""
    return tuple(compared for name in names if (compared := folded(tidy(name))))


def _label(choice: Choice, vocabulary: Vocabulary) -> str:
    return choice.label or vocabulary.label(choice.codes, choice.value)


def _only(found: list[str], options: tuple[Choice, ...], vocabulary: Vocabulary) -> str | InvalidAnswer:
    if len(found) == 1:
        return found[0]
    if not 1 < len(found) <= MATCHES_SHOWN:
        return InvalidAnswer("pick_one")
    fitting = [choice for choice in options if choice.value in found]
    labels = [_label(choice, vocabulary) for choice in fitting]
    return InvalidAnswer("ambiguous_choice", {"matches": found, "codes": fitting[0].codes, "labels": labels})
