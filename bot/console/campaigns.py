"""A new campaign: a topic's notices in an order, for whom, from one day to another."""

from dataclasses import replace
from datetime import timedelta

from starlette.datastructures import FormData
from starlette.responses import Response

from bot.console.errand import FIELD_LENGTH, Errand
from bot.console.notices import PATH
from handlers.office import notice_desk
from handlers.office.notice_desk import LONGEST_TITLE, Typed
from handlers.office.rights import EVERYWHERE
from handlers.office.traits import GROUPS, TRAITS
from regulations.notices import Notice
from storage.campaigns import Campaign

USUAL = timedelta(weeks=4)
UNPROCESSABLE = 422
ORDER = "order:"


async def show(errand: Errand) -> Response:
    """The form, with the notices of one topic in their own order."""
    errand.require("publish", EVERYWHERE)
    topic = errand.request.query_params.get("topic", "")
    order = {one.name: str(number) for number, one in enumerate(_of(errand, topic), 1)} if topic else {}
    return _form(errand, replace(_fresh(errand), order=order), topic)


async def add(errand: Errand) -> Response:
    """Put it on, list another topic's notices as well, or say what is wrong; nothing typed is lost."""
    errand.require("publish", EVERYWHERE)
    typed = _typed(errand.fields)
    if errand.field("do") == "list":
        return _form(errand, typed, errand.field("topic"))
    today, there = errand.desk.pages.today_on(errand.now), {one.name for one in _of(errand, "")}
    new = notice_desk.checked(typed, there, today, errand.member.code)
    if not isinstance(new, Campaign):
        return _form(errand, typed, errand.field("topic"), new)
    await errand.run(lambda unit: notice_desk.begin(unit, new, errand.now))
    return errand.go(f"{PATH}?done=campaign")


def _form(errand: Errand, typed: Typed, topic: str, problem: str = "") -> Response:
    library = errand.desk.house.words.library
    topics = library.topics(errand.desk.house.chat.office.places)
    shown = topic if topic in topics else ""
    kept = {name for name, number in typed.order.items() if number}
    listed = [one for one in _of(errand, "") if one.header.topic == shown or one.name in kept]
    return errand.page(
        "campaign",
        UNPROCESSABLE if problem else 200,
        typed=typed,
        topic=shown,
        topics={name: errand.desk.house.words.commands()[errand.language][f"law:{name}"] for name in topics},
        listed=[(one.name, one.words[errand.language]) for one in listed],
        groups=GROUPS,
        problem=problem,
        longest=LONGEST_TITLE,
    )


def _of(errand: Errand, topic: str) -> tuple[Notice, ...]:
    """The notices that may be sent here, of one topic or all: not those past their next check."""
    today = errand.desk.pages.today_on(errand.now)
    here = errand.desk.house.words.library.here(errand.desk.house.chat.office.places, topic)
    return tuple(one for one in here if not one.is_overdue(today))


def _fresh(errand: Errand) -> Typed:
    today = errand.desk.pages.today_on(errand.now)
    return Typed("", {}, (), today.isoformat(), (today + USUAL).isoformat())


def _typed(fields: FormData) -> Typed:
    order = {name.removeprefix(ORDER): str(typed).strip() for name, typed in fields.items() if name.startswith(ORDER)}
    audience = tuple(str(trait) for trait in fields.getlist("audience") if trait in TRAITS)
    title, begins, ends = (str(fields.get(name, "")).strip()[:FIELD_LENGTH] for name in ("title", "begins", "ends"))
    return Typed(title, order, audience, begins, ends)
