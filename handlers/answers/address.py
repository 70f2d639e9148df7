"""An address line, and a region of the country."""

from typing import Any

from handlers.answers.text import words
from handlers.messages import Incoming
from handlers.steps import Context, InvalidAnswer
from regulations import regions
from storage.records import Answers

LINE_LENGTHS = range(4, 121)
OFFERED = 6


def line(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """Street, building, unit, room, in one line."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    if len(said) >= LINE_LENGTHS.stop:
        return InvalidAnswer("too_long", {"max": LINE_LENGTHS.stop - 1})
    if len(said) < LINE_LENGTHS.start:
        return InvalidAnswer("address_too_short")
    return said if any(character.isalpha() for character in said) else InvalidAnswer("address_unclear")


def region(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A county or district by its GB/T 2260 code or any part of its name; several hits are offered."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    if regions.is_known(said):
        return said
    found = regions.find(said, OFFERED + 1)
    exact = [entry for entry in found if said in {entry.name, *entry.names.values()}]
    if len(found) == 1 or len(exact) == 1:
        return (exact or found)[0].code
    if not found:
        return InvalidAnswer("region_unknown")
    language = context.vocabulary.language
    offered = [[entry.code, entry.names.get(language) or entry.names["zh"]] for entry in found[:OFFERED]]
    return InvalidAnswer("region_ambiguous", {"options": offered})
