"""The citizen's ID number (GB 11643-1999), and what it tells."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum.iso7064 import mod_11_2

from handlers.answers.choices import meant
from handlers.answers.names import name
from handlers.answers.text import words
from handlers.messages import Choice, Incoming
from handlers.steps import Context, InvalidAnswer
from regulations.regions import is_known
from storage.records import Answers

LENGTH = 18
OLD_LENGTH = 15
FIRST_YEAR = 1900
FEW_DIGITS = 8

_NONE = (Choice("none", codes="id_number"),)
_PARTING = re.compile(r"[\s\-‐‑‒–—−_·./|]")
_WITHIN = re.compile(r"(?<![0-9A-Z])[0-9]{17}[0-9X](?![0-9A-Z])")
_AROUND = re.compile(r"^[^0-9A-Z]+|[^0-9A-Z]+$")
_PERMIT_HMT = re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?|8[123]0000[0-9]{11}[0-9X]")
_PASSPORT = re.compile(r"[A-Z]{1,3}[0-9]{6,9}|[A-Z]{3}[0-9]{12}|9[0-9]{16}[0-9X]")


@dataclass(frozen=True, slots=True)
class IdFacts:
    """What an ID number tells: sex (GB/T 2261.1), birth date (ISO), region of first registration (GB/T 2260)."""

    sex: str
    birth_date: str
    hukou_region: str


def id_number(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """An ID number, 18 characters with X in capitals, or `none`. Its digits never come into a reason's data."""
    if incoming.choice is not None:
        return "none" if incoming.choice.value == "none" else InvalidAnswer("pick_one")
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    few = sum(character.isdecimal() for character in said) < FEW_DIGITS
    if few and meant(_NONE, said, context.vocabulary) == "none":
        return "none"
    number = _bare(said)
    wrong = _other_paper(number) or _form_fault(number) or _content_fault(number, context.today)
    return number if wrong is None else wrong


def facts(number: str) -> IdFacts:
    """What a checked ID number tells."""
    birth = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    return IdFacts("1" if int(number[16]) % 2 else "2", birth, number[:6])


def age(born_on: date, today: date) -> int:
    """Full years on that day; the birthday itself completes the year."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def _bare(said: str) -> str:
    """The number without spaces and dashes, taken out of a sentence."""
    joined = _PARTING.sub("", said).upper()
    within = _WITHIN.search(joined)
    return within[0] if within else _AROUND.sub("", joined)


def _other_paper(number: str) -> InvalidAnswer | None:
    """Permits of residents of Hong Kong, Macao and Taiwan; passports and foreigners' residence permits."""
    if _PERMIT_HMT.fullmatch(number):
        return InvalidAnswer("id_number_residence_permit_hmt")
    if _PASSPORT.fullmatch(number) and not (len(number) == LENGTH and not mod_11_2.is_valid(number)):
        return InvalidAnswer("id_number_passport")
    return InvalidAnswer("id_number_15") if len(number) == OLD_LENGTH and number.isdecimal() else None


def _form_fault(number: str) -> InvalidAnswer | None:
    if not re.fullmatch(r"[0-9]+X?", number):
        return InvalidAnswer("id_number_characters")
    return None if len(number) == LENGTH else InvalidAnswer("id_number_length", {"length": len(number)})


def _content_fault(number: str, today: date) -> InvalidAnswer | None:
    """Region before day before check digit: the first that is wrong tells best what was mistyped.

    A code younger than the person is right: numbers were first given out in the 1980s, with the codes of then.
    """
    if not is_known(number[:6]):
        return InvalidAnswer("id_number_region")
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return InvalidAnswer("id_number_date")
    if born_on.year < FIRST_YEAR:
        return InvalidAnswer("id_number_date")
    if born_on > today:
        return InvalidAnswer("id_number_future")
    return None if mod_11_2.is_valid(number) else InvalidAnswer("id_number_check_digit")


__all__ = ["IdFacts", "age", "facts", "id_number", "name"]
