"""People: looked up by what one knows of them, shown masked, and whole for a reason that they get to see."""

from starlette.responses import Response

from bot.console.errand import Errand
from bot.console.queue import TalkWords
from handlers.office import lookup
from handlers.office.lookup import LOOK_REASONS, Record, Seeker
from handlers.office.rights import scope
from handlers.reasons import fits
from handlers.steps import InvalidAnswer
from storage.records import Ask

PEOPLE = "/console/people"


async def ask(errand: Errand) -> Response:
    """The form. What is looked for is never part of an address, which browsers and proxies remember."""
    return errand.page("people", asked="", found=None, problem="")


async def search(errand: Errand) -> Response:
    """Who was found in the member's areas."""
    text, house = errand.field("asked"), errand.desk.house
    asked = lookup.read(text, house.chat.office, errand.language, errand.now)
    if isinstance(asked, InvalidAnswer):
        problem = house.words.say(errand.language, f"invalid/{asked.reason}", **asked.data)
        return errand.page("people", 422, asked=text, found=None, problem=problem)
    found = await errand.run(lambda unit: lookup.search(unit, _seeker(errand), asked, errand.now))
    words = TalkWords(errand)
    return errand.page("people", asked=text, found=found, problem="", words=words, most=lookup.MOST)


async def show(errand: Errand) -> Response:
    """One person's record, masked."""
    number = _id(errand)
    return _record(errand, await errand.run(lambda unit: lookup.look(unit, _seeker(errand), number, errand.now)))


async def unmask(errand: Errand) -> Response:
    """The whole record in this one answer; without a reason it stays masked."""
    number, reason = _id(errand), Ask(errand.field("reason"), errand.field("words"))
    if not fits(reason, LOOK_REASONS):
        record = await errand.run(lambda unit: lookup.look(unit, _seeker(errand), number, errand.now))
        return _record(errand, record, without_reason=True)
    record = await errand.run(lambda unit: lookup.unmask(unit, _seeker(errand), number, reason, errand.now))
    return _record(errand, record)


def _record(errand: Errand, record: Record | None, *, without_reason: bool = False) -> Response:
    if record is None:
        return errand.go(PEOPLE)
    shown = {"record": record, "words": TalkWords(errand), "reasons": LOOK_REASONS, "without_reason": without_reason}
    return errand.page("person", 422 if without_reason else 200, **shown)


def _seeker(errand: Errand) -> Seeker:
    return Seeker(errand.member.code, scope(errand.member, errand.areas))


def _id(errand: Errand) -> int:
    number = int(errand.request.path_params["person"])
    return number if number < 2**31 else 0
