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
    "sticker": "sticker_not_expected",
    "video": "file_not_expected",
    "document": "file_not_expected",
    "other": "file_not_expected",
}

# Control and format characters (zero-width, direction marks, NUL) and halves of surrogate pairs, which no
# database takes; then variation selectors, which make 1️⃣ of 1.
_DROPPED = frozenset({"Cc", "Cf", "Cs"})
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def tidy(text: str) -> str:
    """Full-width forms made plain (NFKC), invisible characters dropped, runs of spaces made one."""
    plain = _SELECTORS.sub("", unicodedata.normalize("NFKC", text[: 2 * LONGEST]))
    visible = plain if plain.isprintable() else "".join(filter(_is_visible, plain))
    return " ".join(visible.split())


def wrong_kind(incoming: Incoming) -> InvalidAnswer | None:
    """Why this message has no words to read; None if it may have."""
    if incoming.files:
        return InvalidAnswer(WRONG_KINDS[incoming.files[0].kind])
    if incoming.place is not None:
        return InvalidAnswer("place_not_expected")
    if incoming.contact is not None:
        return InvalidAnswer("contact_not_expected")
    return None


def words(incoming: Incoming) -> str | InvalidAnswer:
    """The words of a message (a tap's value counts as words), or why there are none that can be read."""
    wrong = wrong_kind(incoming)
    if wrong is not None:
        return wrong
    text = incoming.text if incoming.choice is None else incoming.choice.value
    said = tidy(text)
    if max(len(text), len(said)) > LONGEST:
        return InvalidAnswer("too_long", {"max": LONGEST})
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


def _is_visible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in _DROPPED
