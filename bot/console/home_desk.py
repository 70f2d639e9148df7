"""What the office does with a home: confirms or refuses it, prints its posters, replaces lost codes, notes visits."""

import asyncio
import re
from urllib.parse import quote

from starlette.responses import Response

from bot.console.errand import Errand, NotHere
from bot.console.homes import HOMES, code_of
from bot.console.queue import digits, reviewer_of
from bot.house import office_facts
from bot.pages.poster import MAKERS
from bot.poster.sheet import Poster, posters
from handlers.office import dwellings, visiting
from handlers.office import homes as office_homes
from handlers.office.homes import Deciding, HomeDone, HomeUnfit
from handlers.office.visiting import Told
from storage import homes
from storage.records import Ask
from storage.unit import Unit

ONCE = re.compile(r"[0-9a-f]{32}")


async def confirm(errand: Errand) -> Response:
    """The office confirms a home, once."""
    code, version, reviewer = code_of(errand), digits(errand.field("version")), reviewer_of(errand)
    outcome = await errand.run(lambda unit: office_homes.confirm(unit, reviewer, code, version, errand.now))
    return _decided(errand, outcome, f"{HOMES}/{code}?done=home_confirmed")


async def refuse(errand: Errand) -> Response:
    """The office can't take a home, with a reason; it is gone from the list then."""
    code, version, reviewer = code_of(errand), digits(errand.field("version")), reviewer_of(errand)
    reason = Ask(errand.field("reason"), errand.field("words"))
    outcome = await errand.run(lambda unit: office_homes.refuse(unit, reviewer, code, version, reason, errand.now))
    return _decided(errand, outcome, f"{HOMES}?done=home_refused")


async def poster(errand: Errand) -> Response:
    """A poster to print: a page for the home and each of its rooms, a sheet of stickers, or a picture."""
    code, ending = code_of(errand), str(errand.request.path_params["kind"])
    sheets = await errand.read(lambda unit: _sheets(errand, unit, code))
    if not sheets:
        return errand.go(f"{HOMES}?problem=gone")
    if ending not in MAKERS:
        raise NotHere
    media_type, make = MAKERS[ending]
    async with errand.desk.drawing:
        content = await asyncio.to_thread(make, sheets)
    name = quote(f"{errand.desk.house.words.table('zh', 'poster')['file_name']}-{sheets[0].code}.{ending}")
    return Response(content, media_type=media_type, headers={"Content-Disposition": f"inline; filename*=UTF-8''{name}"})


async def replace_codes(errand: Errand) -> Response:
    """Posters were lost: all codes of the home are replaced."""
    code, seen, reviewer = code_of(errand), digits(errand.field("seen")), reviewer_of(errand)
    done = await errand.run(lambda unit: office_homes.replace_codes(unit, reviewer, code, seen, errand.now))
    if done is None:
        return errand.go(f"{HOMES}?problem=gone")
    return errand.go(f"{HOMES}/{code}?{'done=codes' if done else 'problem=codes'}")


async def visit(errand: Errand) -> Response:
    """Somebody was there."""
    code, once, reviewer = code_of(errand), errand.field("once"), reviewer_of(errand)
    told = Told(errand.field("outcome"), errand.field("note"), once)
    if not ONCE.fullmatch(once):
        return errand.go(f"{HOMES}/{code}?problem=outcome")
    outcome = await errand.run(lambda unit: visiting.record(unit, reviewer, code, told, errand.now))
    if outcome == "gone":
        return errand.go(f"{HOMES}?problem=gone")
    return errand.go(f"{HOMES}/{code}?{'done=visited' if outcome == 'done' else f'problem={outcome}'}")


def _decided(errand: Errand, outcome: Deciding, path: str) -> Response:
    if isinstance(outcome, HomeDone):
        return errand.go(path)
    if outcome is None:
        return errand.go(f"{HOMES}?problem=gone")
    return errand.go(f"{HOMES}/{code_of(errand)}?problem={'unfit' if isinstance(outcome, HomeUnfit) else 'decided'}")


def _sheets(errand: Errand, unit: Unit, code: str) -> tuple[Poster, ...]:
    home = dwellings.theirs(unit, reviewer_of(errand), code)
    if home is None or home.state != "confirmed":
        return ()
    house = errand.desk.house
    return posters(home, homes.codes(unit, code), house.words, office_facts(house.settings))
