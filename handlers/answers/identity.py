"""The citizen's ID number (GB 11643-1999) and the name."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum.iso7064 import mod_11_2

from handlers.answers.text import tidy, words
from handlers.messages import Incoming
from handlers.steps import Context, InvalidAnswer
from regulations.regions import is_known
from storage.records import Answers

LENGTH = 18
OLD_LENGTH = 15
NAME_LENGTHS = range(2, 51)

_PARTING = re.compile(r"[\s\-–—·.]")
_LEADING = re.compile(
    r"^(?:我的|他的|她的)?(?:身份证号码|身份证号|身份证|证件号|id ?number|id|no\.?)\s*(?:是|为|is)?\s*[::]?\s*",
    re.IGNORECASE,
)
_PASSPORT = re.compile(r"[A-Z]{1,2}\d{7,8}")
_NONE = frozenset(
    {
        "none",
        "没有",
        "无",
        "没带",
        "没有身份证",
        "身份证丢了",
        "没有证件",
        "no",
        "i have none",
        "don't have one",
        "i don't have one",
    }
)


@dataclass(frozen=True, slots=True)
class IdFacts:
    """What an ID number tells: sex (GB/T 2261.1), birth date (ISO), region of first registration (GB/T 2260)."""

    sex: str
    birth_date: str
    hukou_region: str


def id_number(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """An ID number, 18 characters with X in capitals, or `none`."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    if said.casefold() in _NONE or said in context.vocabulary.aliases.get("id_number", {}).get("none", ()):
        return "none"
    number = _PARTING.sub("", _LEADING.sub("", said)).upper()
    wrong = _form_fault(number) or _content_fault(number, context.today)
    return number if wrong is None else wrong


def facts(number: str) -> IdFacts:
    """What a checked ID number tells."""
    birth = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    return IdFacts("1" if int(number[16]) % 2 else "2", birth, number[:6])


def age(born_on: date, today: date) -> int:
    """Full years on that day; the birthday itself completes the year."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def _form_fault(number: str) -> InvalidAnswer | None:
    if _PASSPORT.fullmatch(number):
        return InvalidAnswer("id_number_passport")
    if len(number) == OLD_LENGTH and number.isdecimal():
        return InvalidAnswer("id_number_15")
    if not re.fullmatch(r"[0-9X]+", number):
        return InvalidAnswer("id_number_characters")
    if len(number) != LENGTH:
        return InvalidAnswer("id_number_length", {"length": len(number)})
    return None if number[:-1].isdecimal() else InvalidAnswer("id_number_characters")


def _content_fault(number: str, today: date) -> InvalidAnswer | None:
    if number[:2] in {"81", "82", "83"}:
        return InvalidAnswer("id_number_residence_permit_hmt")
    try:
        born_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return InvalidAnswer("id_number_date")
    if not mod_11_2.is_valid(number):
        return InvalidAnswer("id_number_check_digit")
    if not is_known(number[:6]):
        return InvalidAnswer("id_number_region")
    return InvalidAnswer("id_number_future") if born_on > today else None


_HAN = r"㐀-䶿一-鿿〇\U00020000-\U0003134F"
_HAN_NAME = re.compile(rf"[{_HAN}]+(?:·[{_HAN}]+)*")
_LATIN_NAME = re.compile(r"[^\W\d_]+(?:[ '’\-.]{1,2}[^\W\d_]+)*\.?")
_DOTS = re.compile(rf"(?<=[{_HAN}])\s*[・•‧⋅･.·]\s*(?=[{_HAN}])")
_SENTENCE = re.compile(
    r"^(?:我的名字是|我的名字叫|我的姓名是|姓名|名字|我叫做|我叫|我是|叫"
    r"|my name is|my name's|i am called|i am|i'm|name\b)\s*[:：]?\s*",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:先生|女士|小姐|师傅|老师)$|^(?:mr|mrs|ms|miss)\b\.?", re.IGNORECASE)


def name(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A name: Chinese, with · between parts, or in Latin letters; taken out of a sentence such as 我叫李伟."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    bare = tidy(_DOTS.sub("·", _SENTENCE.sub("", said))).strip(" 。.!,，")
    fault = _name_fault(bare)
    return _spaced(bare) if fault is None else fault


def _name_fault(bare: str) -> InvalidAnswer | None:
    if any(character.isdigit() for character in bare):
        return InvalidAnswer("name_digits")
    if len(bare) not in NAME_LENGTHS:
        return InvalidAnswer(
            "name_too_short" if len(bare) < NAME_LENGTHS.start else "too_long", {"max": NAME_LENGTHS.stop - 1}
        )
    if _TITLE.search(bare):
        return InvalidAnswer("name_title")
    joined = bare.replace(" ", "")
    known = _HAN_NAME.fullmatch(joined) or (_LATIN_NAME.fullmatch(bare) and not re.search(f"[{_HAN}]", bare))
    return None if known else InvalidAnswer("name_characters")


def _spaced(bare: str) -> str:
    """Spaces belong into Latin names only."""
    return bare.replace(" ", "") if re.search(f"[{_HAN}]", bare) else bare
