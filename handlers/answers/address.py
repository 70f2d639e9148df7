"""An address line, and a region of the country."""

import re
from typing import Any

from handlers.answers.text import words
from handlers.messages import Incoming
from handlers.steps import Context, InvalidAnswer
from regulations import regions
from regulations.regions import Region
from storage.records import Answers

LINE_LENGTHS = range(4, 121)
SHORTEST_REPEATED = 2
SHORTEST_WITHOUT_NUMBER = 6
LONGEST_REGION = 60
SEARCHED = 40
OFFERED = 8

_LEAD = re.compile(
    r"(?:(?:我|他|她)的?)?(?:(?:户口|户籍|老家|家)(?:所在地)?)?(?:就?[是在]|来自)?(?:from )?", re.IGNORECASE
)
_TRAIL = re.compile(r"(?:那边)?(?:的|人|的人)?$")
_LEVEL = re.compile(r"(?<=..)(?:省|市|区|县)$")


def line(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """Street, building, unit, room, in one line."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    if len(said) >= LINE_LENGTHS.stop:
        return InvalidAnswer("too_long", {"max": LINE_LENGTHS.stop - 1})
    letters = {character for character in said if character.isalpha()}
    if not letters:
        return InvalidAnswer("address_unclear")
    if len(said) < LINE_LENGTHS.start or (len(said) < SHORTEST_WITHOUT_NUMBER and not _has_digit(said)):
        return InvalidAnswer("address_too_short")
    repeated = len(letters) < SHORTEST_REPEATED and not _has_digit(said)
    return InvalidAnswer("address_unclear") if repeated else said


def _has_digit(said: str) -> bool:
    return any(character.isdigit() for character in said)


def region(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A county, district or city by its GB/T 2260 code or any part of its name; several hits are offered."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    found = _found(said)
    if not found:
        return InvalidAnswer("region_unknown")
    likely = _likely(found, said)
    if len(likely) > 1:
        language = context.vocabulary.language
        options = [[one.code, one.names.get(language) or one.names["zh"]] for one in likely[:OFFERED]]
        return InvalidAnswer("region_ambiguous", {"options": options})
    return likely[0].code if likely[0].code != likely[0].province else InvalidAnswer("region_too_wide")


def _found(said: str) -> tuple[Region, ...]:
    """What the words may mean as they stand, else without what is said around a place (我是…人)."""
    if len(said) > LONGEST_REGION:
        return ()
    bare = _TRAIL.sub("", _LEAD.sub("", said, count=1)).strip(" ,，。.、")
    ways = (said, bare, re.sub(r"[,，、。;；/\-]", " ", bare))
    return next((found for way in ways if (found := regions.find(way, SEARCHED))), ())


def _likely(found: tuple[Region, ...], said: str) -> tuple[Region, ...]:
    """Divisions of that very name before those that only contain it, and those that still exist before the others."""
    own = [one for one in found if _is_named(one, said)]
    chosen = own or list(found)
    return tuple(one for one in chosen if not one.abolished) or tuple(chosen)


def _is_named(one: Region, said: str) -> bool:
    own = {one.name, *one.names.values()}
    return said in own or said.casefold() in {_LEVEL.sub("", name).casefold() for name in own}
