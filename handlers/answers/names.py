"""A person's name: Chinese, with · between its parts, or in letters."""

import re
import unicodedata
from typing import Any

from handlers.answers.text import words
from handlers.messages import Incoming
from handlers.steps import Context, InvalidAnswer
from storage.records import Answers

LENGTHS = range(2, 51)
MOST_WORDS = 8

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\u3007\U00020000-\U0003347f"
_HAN_NAME = re.compile(rf"[{_HAN}]+(?:·[{_HAN}]+)*")
_ANY_HAN = re.compile(rf"[{_HAN}]")
_DOT_BETWEEN = re.compile(rf"(?<=[{_HAN}]) ?[・•‧∙⋅●.·] ?(?=[{_HAN}])")
_SPACE_BETWEEN = re.compile(rf"(?<=[{_HAN}]) (?=[{_HAN}])")
_INTRODUCTION = re.compile(
    r"(?:(?:我|他|她|孩子|小孩|老人|房东)(?:的(?:名字|姓名))?|本人|名字|姓名)(?:姓名)?"
    r"(?:叫做|就是|[叫是为])(?: ?[:,])? ?"
    r"|(?:姓名|名字|本人|叫)(?: ?[:,])? ?"
    r"|(?:hello|hi)?,? ?(?:(?:my|his|her|the) (?:full )?name(?: is|'s)|(?:i am|i'm|this is|call me|i am called)) "
    r"|name ?: ?",
    re.IGNORECASE,
)
_APOSTROPHES = str.maketrans("‘’ʼ`´", "'''''")
_EDGES = " 。.,，、!！;；~"
_TITLE = re.compile(r"(?:先生|女士|小姐|太太|师傅|老师|阿姨|老板)$|^(?:mr|mrs|ms|miss|dr|madam|sir)\b", re.IGNORECASE)
_WITHIN_WORDS = frozenset(" '-.")


def name(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A name of 2 to 50 characters, as written in the paper; taken out of 我叫李伟 or my name is Li Wei."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    bare = _bare(said)
    return _fault(bare) or bare


def _bare(said: str) -> str:
    """The name alone: one kind of dot and apostrophe, no space between Chinese characters."""
    straight = said.translate(_APOSTROPHES).strip(_EDGES)
    introduction = _INTRODUCTION.match(straight)
    alone = straight[introduction.end() :] if introduction else straight
    return _SPACE_BETWEEN.sub("", _DOT_BETWEEN.sub("·", alone.strip(_EDGES)))


def _fault(bare: str) -> InvalidAnswer | None:
    if any(character.isdigit() for character in bare):
        return InvalidAnswer("name_digits")
    if len(bare) < LENGTHS.start:
        return InvalidAnswer("name_too_short" if not bare or bare.isalpha() else "name_characters")
    if len(bare) >= LENGTHS.stop:
        return InvalidAnswer("too_long", {"max": LENGTHS.stop - 1})
    if _TITLE.search(bare):
        return InvalidAnswer("name_title")
    return None if _HAN_NAME.fullmatch(bare) or _is_in_letters(bare) else InvalidAnswer("name_characters")


def _is_in_letters(bare: str) -> bool:
    """Words of letters with their marks, joined by spaces, hyphens, apostrophes; nothing Chinese among them."""
    if _ANY_HAN.search(bare) or not bare[0].isalpha() or len(bare.split()) > MOST_WORDS:
        return False
    return all(sign in _WITHIN_WORDS or unicodedata.category(sign)[0] in "LM" for sign in bare)
