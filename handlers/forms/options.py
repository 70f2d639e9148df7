"""Where a question's options come from."""

from collections.abc import Callable

from handlers.messages import Choice
from handlers.steps import Context
from regulations.codelists import codes
from regulations.rule import Rule
from storage.records import Answers

Options = Callable[[Answers, Context], tuple[Choice, ...]]


def from_list(name: str, *values: str) -> Options:
    """These values of a list of words."""
    choices = tuple(Choice(value, codes=name) for value in values)
    return lambda answers, context: choices


def from_standard(name: str) -> Options:
    """Every value of a standard code list, in its order."""
    return lambda answers, context: tuple(Choice(code.code, codes=name) for code in codes(name))


def from_areas(parent: Callable[[Answers], str]) -> Options:
    """The areas under a parent, with their own names."""

    def options(answers: Answers, context: Context) -> tuple[Choice, ...]:
        above, language = parent(answers), context.vocabulary.language
        return tuple(
            Choice(area.code, codes="areas", label=area.names.get(language) or area.names["zh"])
            for area in context.areas
            if area.parent == above
        )

    return options


def from_rule(key: str, *more: str) -> Options:
    """The names that a rule of the pack lists, in its own words, and these values of the list `listed`."""

    def options(answers: Answers, context: Context) -> tuple[Choice, ...]:
        rule = context.pack.find(key)
        listed = () if rule is None else tuple(_listed(rule, name, context.vocabulary.language) for name in rule.names)
        return (*listed, *(Choice(value, codes="listed") for value in more))

    return options


def _listed(rule: Rule, name: str, language: str) -> Choice:
    words = rule.items.get(name, {}).get(language, "")
    return Choice(name, codes="listed", label=words)
