"""What a landlord tells of a home: its rooms, how many may live there, a company's name and number."""

import re
from typing import Any

from stdnum.cn import uscc

from handlers.answers.choices import meant
from handlers.answers.numerals import number_in
from handlers.answers.text import line, words
from handlers.messages import Choice, Incoming
from handlers.steps import Context, InvalidAnswer
from storage.records import Answers

MOST_ROOMS = 500
LONGEST_ROOM = 12
MOST_PEOPLE = 2000

_WHOLE = (Choice("none", codes="home_rooms"),)
_PARTING = re.compile(r"[\s,，、;；]+")
_RANGE = re.compile(r"([A-Za-z]?)(\d{1,4})\s*(?:[-~～—–]|至|到)\s*\1(\d{1,4})")
_ROOM = re.compile(r"[0-9A-Za-z\u4e00-\u9fff#\-]+")
_TRAIL = re.compile(r"(?:号?房间?|室)$")
_COUNT = re.compile(
    r"(?:约|大约|最多|about )?\s*([0-9]{1,4}|[一二三四五六七八九十两百]{1,5})\s*(?:个?人|人|people|persons?)?", re.I
)
_USCC_PARTING = re.compile(r"[\s\-]")
USCC_LENGTH = 18


def rooms(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """The rooms let by themselves (`101 102 201-206`), as names with spaces between; `none` for a home let whole."""
    if incoming.choice is not None:
        return "none" if incoming.choice.value == "none" else InvalidAnswer("pick_one")
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    if _may_be_none(said) and meant(_WHOLE, said, context.vocabulary) == "none":
        return "none"
    named = list(dict.fromkeys(name for part in _PARTING.split(said) if part for name in _names(part)))
    if len(named) > MOST_ROOMS:
        return InvalidAnswer("rooms_too_many", {"max": MOST_ROOMS})
    if not named or any(len(name) > LONGEST_ROOM or not _ROOM.fullmatch(name) for name in named):
        return InvalidAnswer("rooms_unclear")
    return " ".join(named)


def people(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """How many may live there, as a number."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    found = _COUNT.fullmatch(said)
    number = number_in(found[1]) if found else None
    if number is None:
        return InvalidAnswer("people_unclear")
    return number if 1 <= number <= MOST_PEOPLE else InvalidAnswer("people_out_of_range", {"max": MOST_PEOPLE})


def company(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A company's name in one line."""
    return line(incoming, answers, context)


def company_number(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A 统一社会信用代码 (GB 32100): 18 characters, the last a check character."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    number = _USCC_PARTING.sub("", said).upper()
    if len(number) != USCC_LENGTH:
        return InvalidAnswer("uscc_length", {"length": len(number)})
    return number if uscc.is_valid(number) else InvalidAnswer("uscc_check_digit")


def _may_be_none(said: str) -> bool:
    """The option's number or words; anything longer with digits is rooms."""
    return len(said) == 1 or not any(character.isdecimal() for character in said)


def _names(part: str) -> list[str]:
    """One room, or all of a range (301-306)."""
    bare = _TRAIL.sub("", part)
    within = _RANGE.fullmatch(bare)
    if within is None:
        return [bare]
    first, last = int(within[2]), int(within[3])
    if not first <= last < first + MOST_ROOMS:
        return [bare]
    width = len(within[2])
    return [f"{within[1]}{number:0{width}d}" for number in range(first, last + 1)]
