"""The small forms of whoever answers for a home: reporting who moved in, and who moved out."""

from typing import Any

from handlers.answers import days, identity, phone
from handlers.answers.choices import one_of
from handlers.forms.conditions import value
from handlers.messages import Choice, Incoming, Reply
from handlers.steps import Context, Form, InvalidAnswer, Step
from storage.records import Answers

HOMES = "homes"  # a hidden answer: [[code, address, [room names], acts_as], …]: the homes of the one talking
TENANTS = "tenants"  # a hidden answer: [[tenancy's number, name and room], …]
FEW = 8


def _homes(answers: Answers, context: Context) -> tuple[Choice, ...]:
    return tuple(Choice(home[0], codes="homes", label=home[1]) for home in value(answers, HOMES) or [])


def _chosen(answers: Answers) -> list[Any]:
    """The home that was picked, as it was told at the beginning."""
    picked = value(answers, "report_home")
    return next((home for home in value(answers, HOMES) or [] if home[0] == picked), ["", "", [], ""])


def _rooms(answers: Answers, context: Context) -> tuple[Choice, ...]:
    return tuple(Choice(name, codes="rooms", label=name) for name in _chosen(answers)[2])


def _has_rooms(answers: Answers, context: Context) -> bool:
    return bool(_chosen(answers)[2])


def _room(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A room by its very name before any number in the list."""
    said = incoming.text.strip().removesuffix("室").casefold()
    named = next((one.value for one in _rooms(answers, context) if one.value.casefold() == said), None)
    return one_of(_rooms)(incoming, answers, context) if named is None else named


def _whose(answers: Answers, context: Context) -> dict[str, Any]:
    """What the one who reports is to the home: an employer has workers and not tenants."""
    return {"acts_as": _chosen(answers)[3]}


def _id_number(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """The ID number, if it is at hand."""
    parsed = identity.id_number(incoming, answers, context)
    return InvalidAnswer("skip_id_number") if parsed == "none" else parsed


def _may_not_know(answers: Answers, context: Context) -> bool:
    return True


def _never_ends(answers: Answers, context: Context) -> Reply | None:
    return None


def _tenants(answers: Answers, context: Context) -> tuple[Choice, ...]:
    return tuple(Choice(str(number), codes="numbers", label=name) for number, name in value(answers, TENANTS) or [])


TENANT = Form(
    "tenant",
    "2026-11",
    (
        Step("report_home", one_of(_homes), _homes, codes="homes", short=FEW, resets=lambda v: ("report_room",)),
        Step("report_room", _room, _rooms, applies=_has_rooms, skippable=_may_not_know, short=FEW),
        Step("tenant_name", identity.name, data=_whose),
        Step("tenant_phone", phone.mobile, accepts=frozenset(), data=_whose),
        Step("tenant_id_number", _id_number, skippable=_may_not_know, data=_whose),
        Step("moved_in_on", days.day_moved_in, data=_whose),
    ),
    _never_ends,
    summary="ask/confirm_tenant",
    may_drop=True,
)
MOVED_OUT = Form(
    "moved_out",
    "2026-11",
    (
        Step("gone_which", one_of(_tenants), _tenants, codes="numbers", short=FEW),
        Step("moved_out_on", days.day_near),
    ),
    _never_ends,
    summary="ask/confirm_moved_out",
    may_drop=True,
)
