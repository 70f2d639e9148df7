"""What was said, tidied; and what isn't words where words are expected."""

import re
import unicodedata
from typing import Any

from handlers.messages import Incoming
from handlers.steps import Context, InvalidAnswer
from storage.records import Answers

LONGEST = 500
LONGEST_LINE = 120
SHORTEST_LINE = 2
WRONG_KINDS = {
    "image": "photo_not_expected",
    "voice": "voice_not_expected",
    "video": "photo_not_expected",
    "sticker": "sticker_not_expected",
    "document": "file_not_expected",
    "other": "file_not_expected",
}

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
_SPACES = re.compile(r"\s+")


def tidy(text: str) -> str:
    """Full-width forms made plain (NFKC), invisible characters dropped, runs of spaces made one."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text[: LONGEST * 2]).translate(_INVISIBLE)).strip()


def wrong_kind(incoming: Incoming) -> InvalidAnswer | None:
    """Why this message has no words to read; None if it has."""
    if incoming.files:
        return InvalidAnswer(WRONG_KINDS[incoming.files[0].kind])
    if incoming.place is not None:
        return InvalidAnswer("place_not_expected")
    if incoming.contact is not None:
        return InvalidAnswer("contact_not_expected")
    return None


def words(incoming: Incoming) -> str | InvalidAnswer:
    """The words of a message, or why there are none that can be read."""
    wrong = wrong_kind(incoming)
    if wrong is not None:
        return wrong
    if len(incoming.text) > LONGEST:
        return InvalidAnswer("too_long", {"max": LONGEST})
    said = tidy(incoming.choice.value if incoming.choice is not None else incoming.text)
    return said or InvalidAnswer("empty")


def line(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A short line in own words: an employer, a school."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    if len(said) > LONGEST_LINE:
        return InvalidAnswer("too_long", {"max": LONGEST_LINE})
    if len(said) < SHORTEST_LINE or not any(character.isalpha() for character in said):
        return InvalidAnswer("line_unclear")
    return said
