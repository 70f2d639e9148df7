"""Broadcasts in the console: all of them, one as it stands, the steps that are open, how far it is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.responses import Response

from bot.broadcaster import broadcaster_of
from bot.console.broadcast_forms import shown
from bot.console.errand import Errand, NotHere
from bot.console.previews import Preview, previews, sample
from bot.console.queue import TalkWords, digits
from bot.places import Filler, check, places
from handlers.office.broadcasts import deciding, planning, saying, states
from handlers.office.broadcasts.deciding import Publisher, Wish
from handlers.office.broadcasts.planning import Plan
from handlers.office.rights import scope
from storage import audiences, broadcast_people, broadcasts, recipients, staff_chats
from storage.audiences import Audience, LeftOut, Terms
from storage.broadcasts import Broadcast, Content
from storage.unit import Unit

PATH = "/console/broadcasts"
ROWS = 30
PEOPLE = 50
BIGGEST = 2**31
ACCOUNTS_AT_ONCE = 20_000
UNPROCESSABLE = 422
ACTS_WITH_WORDS = ("send_back",)
BEFORE = ("draft", "proposed", "approved")
OPEN_ROWS = ("waiting", "queued")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: people by state, and by state and reason; how many wait for themselves or the platform."""

    states: Mapping[str, int]
    reasons: Mapping[tuple[str, str], int]
    total: int
    waits: Mapping[str, int]
    read: int
    answered: int

    @property
    def ended(self) -> int:
        """How many have an end."""
        return self.total - sum(self.states.get(state, 0) for state in OPEN_ROWS)


async def show(errand: Errand) -> Response:
    """All of the member's area, the newest first."""
    before = digits(errand.request.query_params.get("before", ""))
    areas = scope(errand.member, errand.areas)
    found = await errand.read(lambda unit: broadcasts.listed(unit, areas, min(before, BIGGEST), ROWS + 1))
    more = found[ROWS - 1].id if len(found) > ROWS else 0
    return errand.page(
        "broadcasts", rows=found[:ROWS], more=more, problem=errand.request.query_params.get("problem", "")
    )


async def begin(errand: Errand) -> Response:
    """A new draft, empty or like one that there is."""
    by, like = publisher_of(errand), digits(errand.field("like"))

    def write(unit: Unit) -> Broadcast:
        model = deciding.look(unit, by, min(like, BIGGEST)) if like else None
        content = Content() if model is None else Content(model.content.title, model.content.texts, model.content.link)
        audience = Audience() if model is None else model.audience
        return deciding.begin(unit, by, content, errand.now, audience)

    draft = await errand.run(write)
    return errand.go(f"{PATH}/{draft.id}/edit")


async def show_one(errand: Errand) -> Response:
    """One as it stands."""
    return await page(errand, await wanted(errand), errand.request.query_params.get("problem", ""))


async def progress(errand: Errand) -> Response:
    """How far it is alone, for the page that renews itself."""
    found = await wanted(errand)
    return errand.page("_cast_progress", **await _how_far(errand, found))


async def act(errand: Errand) -> Response:
    """A step: proposed, approved, started, paused …"""
    by, number = publisher_of(errand), _number(errand)
    wish = Wish(errand.field("act"), digits(errand.field("version")), errand.field("words"))
    outcome = await errand.run(lambda unit: deciding.act(unit, by, number, wish, errand.now))
    if outcome == "gone":
        raise NotHere
    return errand.go(f"{PATH}/{number}" + ("?done=cast" if outcome == "done" else f"?problem={outcome}"))


async def test(errand: Errand) -> Response:
    """Send it to the member's own chat accounts."""
    found, by = await wanted(errand), publisher_of(errand)
    if not found.content.texts:
        return errand.go(f"{PATH}/{found.id}?problem=no_text")

    def send(unit: Unit) -> str:
        filler = Filler(errand.desk.house.words)
        sent = saying.test(unit, errand.member, found, filler.fill, places, errand.now)
        if not sent:
            return "no_chat" if not staff_chats.of_member(unit, errand.member.id, errand.now) else "done"
        return "done" if deciding.tested(unit, by, found.id, found.version, errand.now) else "moved_on"

    outcome = await errand.run(send)
    return errand.go(f"{PATH}/{found.id}" + ("?done=cast_test" if outcome == "done" else f"?problem={outcome}"))


async def left_out(errand: Errand) -> Response:
    """Who would not hear it for one reason, before it begins; nothing of who they are but what they registered."""
    found, query = await wanted(errand), errand.request.query_params
    reason, after = query.get("reason", "")[:64], min(digits(query.get("after", "")), BIGGEST)
    terms = broadcaster_of(errand.desk.house).terms(found, errand.now)
    last, rows = await errand.read(audiences.highest), list[LeftOut]()
    at = after
    while at < last and len(rows) <= PEOPLE:
        rows += await _left_out(errand, terms, reason, at)
        at += ACCOUNTS_AT_ONCE
    more = rows[PEOPLE - 1].account if len(rows) > PEOPLE else 0
    return errand.page("broadcast_left_out", cast=found, rows=rows[:PEOPLE], more=more, reason=reason)


async def _left_out(errand: Errand, terms: Terms, reason: str, at: int) -> tuple[LeftOut, ...]:
    upto, most = at + ACCOUNTS_AT_ONCE, PEOPLE + 1
    return await errand.read(lambda unit: audiences.left_out(unit, terms, reason, at, upto, most))


async def page(errand: Errand, found: Broadcast, problem: str = "", status: int = 200) -> Response:
    """The page of one broadcast."""
    by = publisher_of(errand)
    wrote, steps = await errand.read(
        lambda unit: (deciding.wrote(unit, found, by.member.code), broadcasts.steps(unit, found.id))
    )
    before = found.state in BEFORE
    return errand.page(
        "broadcast",
        status,
        steps=steps,
        wrote=wrote,
        problem=problem,
        editable=found.state in states.EDITABLE,
        typed=shown(errand, found),
        previews={code: _previews(errand, found, code) for code in found.content.texts},
        plan=await plan_of(errand, found) if before and found.content.texts else None,
        listed=await errand.read(lambda unit: broadcast_people.listed(unit, found.id)),
        words=TalkWords(errand),
        **await _how_far(errand, found, wrote=wrote),
    )


async def wanted(errand: Errand) -> Broadcast:
    """The broadcast that the path names; NotHere for another area's, too."""
    by, number = publisher_of(errand), _number(errand)
    found = await errand.read(lambda unit: deciding.look(unit, by, number))
    if found is None:
        raise NotHere
    return found


async def plan_of(errand: Errand, found: Broadcast) -> Plan:
    """Who would hear it in which way now: counted some accounts at a time, so that nothing else waits."""
    settings = errand.desk.house.settings
    terms = broadcaster_of(errand.desk.house).terms(found, errand.now)
    last, after = await errand.read(audiences.highest), 0
    counts: Counter[tuple[str, str, str, str]] = Counter()
    while after < last:
        counts.update(await _counted(errand, terms, after))
        after += ACCOUNTS_AT_ONCE
    return planning.plan(counts, {"telegram": settings.telegram_rate, "wechat": settings.wechat_rate})


def publisher_of(errand: Errand) -> Publisher:
    """Whoever asks."""
    return Publisher(errand.member, errand.areas)


def preview_of(errand: Errand, content: Content, language: str, area: str) -> tuple[Preview, ...]:
    """One language's text on each channel, for an invented person; none for a text that isn't good."""
    text = content.texts.get(language, "")
    if not text or check(text) is not None:
        return ()
    names = {code: table.say("cast.sample_name") for code, table in errand.desk.pages.tables.items()}
    known = sample(names, language, area or _some_area(errand), _today(errand))
    return tuple(previews(errand.desk.house.words, content, language, known))


def _previews(errand: Errand, found: Broadcast, language: str) -> tuple[Preview, ...]:
    return preview_of(errand, found.content, language, found.area)


async def _counted(errand: Errand, terms: Terms, after: int) -> Mapping[tuple[str, str, str, str], int]:
    return await errand.read(lambda unit: audiences.count(unit, terms, after, after + ACCOUNTS_AT_ONCE))


async def _how_far(errand: Errand, found: Broadcast, *, wrote: bool = False) -> dict[str, Any]:
    shown = {"cast": found, "acts": states.open_acts(found.state, wrote_it=wrote)}
    if found.state in BEFORE:
        return {"progress": None, "retryable": 0, **shown}
    far, again = await errand.read(lambda unit: (_progress(unit, found, errand), recipients.retryable(unit, found.id)))
    return {"progress": far, "retryable": again, **shown}


def _progress(unit: Unit, found: Broadcast, errand: Errand) -> Progress:
    by_state: Counter[str] = Counter()
    by_reason: Counter[tuple[str, str]] = Counter()
    for (state, _, reason), number in recipients.counts(unit, found.id).items():
        by_state[state] += number
        if state not in OPEN_ROWS:
            by_reason[state, reason] += number
    read, answered = broadcast_people.tally(unit, found.id)
    waits = recipients.waiting_for_people(unit, found.id, errand.now)
    return Progress(by_state, dict(sorted(by_reason.items())), sum(by_state.values()), waits, read, answered)


def _number(errand: Errand) -> int:
    number = int(errand.request.path_params["cast"])
    return number if number < BIGGEST else 0


def _some_area(errand: Errand) -> str:
    below = [area.code for area in errand.areas if area.parent]
    return (below or [""])[0]


def _today(errand: Errand) -> date:
    return errand.desk.pages.today_on(errand.now)
