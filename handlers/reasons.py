"""Reasons that a reviewer picks from; their words are the labels `ask_reasons` and `refusal_reasons`."""

from collections.abc import Mapping
from types import MappingProxyType

from storage.records import Ask

OWN_WORDS = "own_words"
LONGEST = 300

# Whether the person may leave the answer as it is: where the office doubts it, but not where it can't be used.
ASK_REASONS: Mapping[str, bool] = MappingProxyType(
    {
        "unclear": False,
        "wrong": False,
        "missing": False,
        "unreadable": False,
        "expired": False,
        "incomplete": False,
        "differs": True,
        "please_check": True,
        OWN_WORDS: True,
    }
)
REFUSAL_REASONS = (
    "not_here", "no_duty", "not_the_person", "false_paper", "twice", "no_answer", "conditions_not_met", OWN_WORDS,
)  # fmt: skip


def may_keep(ask: Ask) -> bool:
    """Whether an answer asked again for this reason may stay as it was."""
    return ASK_REASONS.get(ask.reason, True)


def fits(ask: Ask, reasons: Mapping[str, bool] | tuple[str, ...] = tuple(ASK_REASONS)) -> bool:
    """Whether the reason is of the list, and own words are there where they are the reason, and short."""
    told = bool(ask.words.strip()) or ask.reason != OWN_WORDS
    return ask.reason in reasons and told and len(ask.words) <= LONGEST
