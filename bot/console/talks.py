"""Talks with people who asked for a person: who waits, one talk, and what staff do in it."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from bot.console.errand import Errand
from handlers.office import answering, talk_page
from handlers.office.answering import Clerk, Outcome
from handlers.office.rights import scope
from handlers.office.talk_page import Talk, Told
from storage.deliveries import WAITING_FOR_THE_PERSON

PATH = "/console/talks"
AWAY = "not connected"
ENDS = frozenset({"failed", "expired", "suppressed"})
ONCE_BYTES = 8


async def show(errand: Errand) -> Response:
    """Everybody who waits, or is being talked to."""
    return await _rows(errand, "talks")


async def rows(errand: Errand) -> Response:
    """The same list alone, for the page that renews itself."""
    return await _rows(errand, "_talk_rows")


async def show_one(errand: Errand) -> Response:
    """One talk with everything that was said in it."""
    number, clerk = _number(errand), _clerk(errand)
    talk = await errand.run(lambda unit: talk_page.opened(unit, clerk, number, errand.areas, errand.now))
    return _page(errand, talk, problem=errand.request.query_params.get("problem", ""))


async def lines(errand: Errand) -> Response:
    """What was said alone, for the page that renews itself."""
    talk = await _talk(errand)
    return _gone(errand) if talk is None else errand.page("_talk_lines", **_said(errand, talk))


async def file(errand: Errand) -> Response:
    """A photo or document that the person sent."""
    number, file_id = _number(errand), str(errand.request.path_params["file"])
    found = await errand.read(lambda unit: talk_page.file(unit, _clerk(errand), number, file_id))
    if found is None:
        return errand.go(f"{PATH}/{number}?problem=no_file")
    kept, content = found
    return Response(content, media_type=kept.content_type)


async def take(errand: Errand) -> Response:
    """Answer somebody who waits, or go on in place of a colleague."""
    number, clerk, expected = _number(errand), _clerk(errand), errand.field("from")
    outcome = await errand.run(lambda unit: answering.take(unit, clerk, number, expected, errand.now))
    return _led_on(errand, outcome, f"{PATH}/{number}#reply")


async def say(errand: Errand) -> Response:
    """Own words, a quick reply, or both; what could not be sent stands in the form again."""
    number, clerk, once = _number(errand), _clerk(errand), errand.field("once")[:32]
    talk = await _talk(errand)
    if talk is None:
        return _gone(errand)
    quick = _quick_replies(errand, talk).get(errand.field("quick"), "")
    own = str(errand.fields.get("words", "")).replace("\r\n", "\n").strip()
    text = "\n".join(part for part in (quick, own) if part)
    office = errand.desk.house.chat.office
    outcome = await errand.run(lambda unit: answering.say(unit, clerk, number, text, once, office, errand.now))
    if outcome == "done":
        return errand.go(f"{PATH}/{number}#reply")
    return _page(errand, await _talk(errand), 422, problem=outcome, words=text, once=once)


async def give(errand: Errand) -> Response:
    """Let a colleague go on."""
    number, clerk, to = _number(errand), _clerk(errand), errand.field("to")
    outcome = await errand.run(lambda unit: answering.give(unit, clerk, number, to, errand.areas, errand.now))
    return _led_on(errand, outcome, f"{PATH}?done=given")


async def hand_back(errand: Errand) -> Response:
    """The bot goes on; a talk that nobody answered is settled."""
    number, clerk, office = _number(errand), _clerk(errand), errand.desk.house.chat.office
    outcome = await errand.run(lambda unit: answering.hand_back(unit, clerk, number, office, errand.now))
    return _led_on(errand, outcome, f"{PATH}?done=handed_back")


async def _rows(errand: Errand, template: str) -> Response:
    everyone = await errand.read(lambda unit: talk_page.everyone(unit, _clerk(errand)))
    problem = errand.request.query_params.get("problem", "")
    return errand.page(template, everyone=everyone, now=errand.now, problem=problem, minutes=_minutes(errand.now))


async def _talk(errand: Errand) -> Talk | None:
    number = _number(errand)
    return await errand.read(lambda unit: talk_page.one(unit, _clerk(errand), number, errand.areas))


def _page(
    errand: Errand, talk: Talk | None, status: int = 200, *, problem: str, words: str = "", once: str = ""
) -> Response:
    if talk is None:
        return _gone(errand)
    found = talk.listed.hand_over
    return errand.page(
        "talk",
        status,
        **_said(errand, talk),
        problem=problem,
        mine=found.taken_by == errand.member.code,
        may_say=(found.is_open or found.is_unanswered) and found.taken_by in {"", errand.member.code},
        words=words,
        once=once or secrets.token_hex(ONCE_BYTES),
        longest=answering.LONGEST,
        quick=_quick_replies(errand, talk),
        step=errand.desk.house.words.label(errand.language, "steps", found.step) if found.step else "",
    )


def _said(errand: Errand, talk: Talk) -> dict[str, Any]:
    """What the part of the page needs that renews itself."""
    told = [(one, _fate(one)) for one in talk.told]
    return {"talk": talk, "told": told, "now": errand.now, "minutes": _minutes(errand.now)}


def _fate(told: Told) -> str:
    """What became of the staff's words, as the page calls it; empty for anything else."""
    if told.line.author != "staff" or told.line.kind != "words":
        return ""
    if told.state in ENDS:
        return "failed"
    if told.state in {"sent", "accepted"}:
        return "sent"
    waits = {WAITING_FOR_THE_PERSON: "no_window", AWAY: "away"}
    return waits.get(told.reason, "sending") if told.state == "waiting" else "sending"


def _quick_replies(errand: Errand, talk: Talk) -> Mapping[str, str]:
    """Short answers in the person's language."""
    return errand.desk.house.words.table(talk.listed.language, "quick_replies")


def _minutes(now: datetime) -> object:
    return lambda since: max(0, int((now - since).total_seconds()) // 60)


def _led_on(errand: Errand, outcome: Outcome, path: str) -> Response:
    if outcome == "done":
        return errand.go(path)
    return _gone(errand) if outcome == "gone" else errand.go(f"{PATH}/{_number(errand)}?problem={outcome}")


def _gone(errand: Errand) -> Response:
    return errand.go(f"{PATH}?problem=gone")


def _clerk(errand: Errand) -> Clerk:
    return Clerk(errand.member.code, scope(errand.member, errand.areas))


def _number(errand: Errand) -> int:
    number = int(errand.request.path_params["talk"])
    return number if number < 2**31 else 0
