"""What whoever answers for homes does in the talk: registering one, the list, reporting who came and who left."""

import secrets
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from handlers import engine
from handlers.aside import put_aside
from handlers.forms.conditions import value
from handlers.forms.home import HOME
from handlers.forms.tenant import HOMES, MOVED_OUT, TENANT, TENANTS
from handlers.messages import Choice, Reply, control
from handlers.office import duties, home_codes, leaving, links, talks, tenancies, tenancy_notices
from handlers.office.corrections import over
from handlers.office.tenancies import Report
from handlers.office.tenancy_answers import Answer as Said
from handlers.office.tenancy_answers import Heard
from handlers.office.tenancy_notices import choice
from handlers.office.tenancy_views import LandlordSees, landlord_sees
from handlers.steps import Form
from handlers.turns import Turn
from handlers.visit import Visit
from storage import homes
from storage import tenancies as kept
from storage.records import Answer, Answers, Conversation, Home, TenancyState

MOST_OPEN = 6
MOST_HOMES = 10
FROM = "from:"
MOST_DIGITS = 6
TOLD = ("tenant_name", "tenant_phone", "tenant_id_number")


def register(visit: Visit) -> Turn:
    """A home is registered; what was told with the last one, of who owns it and who acts, needn't be told again."""
    last = own(visit)[-1:]
    return _start(visit, HOME, _known(last[0]) if last else {})


def own(visit: Visit) -> tuple[Home, ...]:
    """The homes that the one talking answers for."""
    return homes.of_holder(visit.unit, visit.conversation.holder_id)


def shown(visit: Visit, code: str = "") -> Reply:
    """The list of homes; of one home (or the only one) its rooms and tenants with what there is to do."""
    mine = own(visit)
    if not mine:
        return Reply("say/no_homes", {}, (control("home"), control("import"), control("person")))
    chosen = next((home for home in mine if home.code == code), mine[0] if len(mine) == 1 else None)
    return _list(visit, mine, _first(code)) if chosen is None else _one(visit, chosen)


def posters(visit: Visit, code: str) -> Reply:
    """Links to the poster and the stickers of a home; only its landlord gets them, once the office has confirmed it."""
    home = _confirmed(visit, code)
    if home is None:
        return shown(visit)
    codes = homes.codes(visit.unit, home.code)
    link = links.Link("poster", codes[0].id)
    data = {
        "address": home.address,
        "code": home_codes.clear(codes[0].code),
        "token": links.token(visit.unit.vault, link, visit.now),
        "rooms": len(home.rooms),
        "hours": int(links.LASTS.total_seconds() // 3600),
    }
    return Reply("say/poster", data, (_button("new_code", home), control("my_homes")))


def _confirmed(visit: Visit, code: str) -> Home | None:
    """The home that is meant, or the only one; none that the office hasn't confirmed."""
    mine = tuple(home for home in own(visit) if home.state == "confirmed")
    return next((one for one in mine if one.code == code), mine[0] if len(mine) == 1 and not code else None)


def renew_codes(visit: Visit, argument: str) -> Reply:
    """Posters were lost: after a second word the old codes are retired."""
    sure = argument == "yes" or argument.startswith("yes:")
    home = _confirmed(visit, argument.removeprefix("yes").removeprefix(":") if sure else argument)
    if home is None:
        return shown(visit)
    if not sure:
        yes = Choice(f"new_code:yes:{home.code}", codes="commands", role="control")
        return Reply("say/new_code_sure", {"address": home.address}, (yes, control("my_homes")))
    home_codes.renew(visit.unit, home.code, visit.now)
    return posters(visit, home.code)


def report(visit: Visit, code: str = "") -> Turn:
    """Who moved in: of which home, if there are several."""
    mine = own(visit)
    if not mine:
        return talks.present(visit, shown(visit))
    told: list[Any] = [[home.code, home.address, [room.name for room in home.rooms], home.acts_as] for home in mine]
    answers = {HOMES: Answer("derived", told)}
    only = next((home.code for home in mine if home.code == code or len(mine) == 1), "")
    return _start(visit, TENANT, answers | ({"report_home": Answer("given", only)} if only else {}))


def send_report(visit: Visit, turn: Turn) -> Turn:
    """The report is kept, once; the landlord gets an invitation to pass on."""
    answers = turn.conversation.answers
    home = next((one for one in own(visit) if one.code == value(answers, "report_home")), None)
    if home is None:
        return over(visit, turn.conversation, shown(visit))
    tenancy, fresh = tenancies.report(visit.unit, home, _report(home, answers), visit.office, visit.now)
    duty = duties.of(visit.unit, tenancy.id, "start")
    data = tenancy_notices.facts(home, tenancy) | {
        "name": tenancy.name,
        "again": not fresh,
        "invitation": tenancies.invite(visit.unit, tenancy.id, visit.now) if tenancy.state == "reported" else "",
        "days": tenancies.INVITATION_LASTS.days,
        "rule": duty.rule if duty else "",
        "due_on": _iso(duty.due_on if duty else None),
        "in_time": duty.in_time if duty else None,
    }
    return over(visit, turn.conversation, Reply("say/tenant_reported", data, _after()))


def moved_out(visit: Visit, number: str = "") -> Turn:
    """Who moved out, and when."""
    listed = [one for home in own(visit) for one in _tenants(visit, home)]
    if not listed:
        return talks.present(visit, shown(visit))
    picked = number if any(str(one.number) == number for one in listed) else ""
    told = [[one.number, " ".join(part for part in (one.name, one.room) if part) or str(one.number)] for one in listed]
    answers = {TENANTS: Answer("derived", told)}
    only = picked or (str(listed[0].number) if len(listed) == 1 else "")
    return _start(visit, MOVED_OUT, answers | ({"gone_which": Answer("given", only)} if only else {}))


def send_moved_out(visit: Visit, turn: Turn) -> Turn:
    """The tenant is asked; who never had an account here is simply gone."""
    answers = turn.conversation.answers
    said = Said(visit.conversation.holder_id, int(value(answers, "gone_which")), visit.now)
    on = date.fromisoformat(value(answers, "moved_out_on"))
    return over(visit, turn.conversation, _told(visit, leaving.by_landlord(visit.unit, said, on, visit.office), on))


def _told(visit: Visit, heard: Heard | None, on: date) -> Reply:
    if heard is None:
        return shown(visit)
    duty = duties.of(visit.unit, heard.tenancy.id, "end")
    data = {
        "name": heard.tenancy.name,
        "on": on.isoformat(),
        "asked": heard.tenancy.state == "leaving",
        "rule": duty.rule if duty else "",
        "due_on": _iso(duty.due_on if duty else None),
        "in_time": duty.in_time if duty else None,
    }
    return Reply("say/moved_out_received", data, _after())


def _first(argument: str) -> int:
    """Where a page of the list begins: `from:10`."""
    begins = argument.removeprefix(FROM)
    return int(begins) if argument.startswith(FROM) and begins.isdecimal() and len(begins) < MOST_DIGITS else 0


def _list(visit: Visit, mine: tuple[Home, ...], first: int) -> Reply:
    """A page of the homes; what is said of them stays short, however many there are."""
    whole, first = len(mine), first if first < len(mine) else 0
    mine, following = mine[first : first + MOST_HOMES], first + MOST_HOMES
    counted = kept.counts(visit.unit, [home.code for home in mine])
    lines = [
        {
            "area": home.area,
            "address": home.address,
            "state": home.state,
            "tenants": sum(
                number for (code, state), number in counted.items() if code == home.code and state in LIVING
            ),
            "open": counted.get((home.code, "claimed"), 0),
        }
        for home in mine
    ]
    buttons = tuple(
        Choice(f"my_homes:{home.code}", codes="commands", label=home.address, role="control") for home in mine
    )
    more = (control(f"my_homes:{FROM}{following}"),) if following < whole else ()
    return Reply(
        "say/homes",
        {"homes": lines, "first": first, "whole": whole},
        (*buttons, *more, control("report_tenant"), control("duties"), control("import"), control("home")),
    )


def _one(visit: Visit, home: Home) -> Reply:
    tenants = _tenants(visit, home)
    data = {
        "area": home.area,
        "address": home.address,
        "state": home.state,
        "acts_as": home.acts_as,
        "kind": home.kind,
        "capacity": home.capacity,
        "rooms": [room.name for room in home.rooms],
        "tenants": [_line(one) for one in tenants],
    }
    poster = (_button("poster", home),) if home.state == "confirmed" else ()
    report_one = _button("report_tenant", home)
    controls = (report_one, control("moved_out"), control("duties"), *poster, control("home"))
    return Reply("say/home", data, (*_questions(tenants), *controls))


def _questions(tenants: tuple[LandlordSees, ...]) -> tuple[Choice, ...]:
    """The answers that are still open, as buttons with the room in front."""
    waiting = [one for one in tenants if one.state == "claimed"][:MOST_OPEN]
    if len(waiting) != 1:
        return tuple(choice("ask", one.number, label=one.room) for one in waiting)
    return tuple(choice(word, waiting[0].number) for word in ("yes", "no", "not_yet"))


def _tenants(visit: Visit, home: Home) -> tuple[LandlordSees, ...]:
    return landlord_sees(visit.unit, visit.conversation.holder_id, home, visit.context.today) or ()


def _line(one: LandlordSees) -> dict[str, Any]:
    """A line of the list: JSON values."""
    days = {"since", "report_by", "end_by"}
    return {name: _iso(told) if name in days else told for name, told in asdict(one).items()}


def _report(home: Home, answers: Answers) -> Report:
    named = {step.removeprefix("tenant_"): value(answers, step) for step in TOLD if value(answers, step)}
    room = next((room.id for room in home.rooms if room.name == value(answers, "report_room")), None)
    return Report(named, room, date.fromisoformat(value(answers, "moved_in_on")))


def _known(home: Home) -> dict[str, Answer]:
    told = {"home_consent": "agree", "acts_as": home.acts_as, "owner_kind": home.owner_kind, **home.owner}
    return {step.name: Answer("given", told[step.name]) for step in HOME.steps if told.get(step.name)}


def _start(visit: Visit, form: Form, answers: Answers) -> Turn:
    """Begin a form; a talk under way waits, but not one in which nothing was said yet."""
    begun = visit.conversation
    blank = replace(begun, draft="", answers={}) if not begun.answers else begun
    conversation: Conversation = put_aside(blank)
    return engine.start(conversation, form, secrets.token_hex(16), answers, replace(visit.context, home=None))


def _button(command: str, home: Home) -> Choice:
    return Choice(f"{command}:{home.code}", codes="commands", role="control")


def _after() -> tuple[Choice, ...]:
    return (control("report_tenant"), control("moved_out"), control("my_homes"))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


LIVING: tuple[TenancyState, ...] = ("claimed", "reported", "confirmed", "disputed", "leaving")
