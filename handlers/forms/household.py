"""Where the person lives, since when, how long, and why."""

from collections.abc import Mapping
from typing import Any

from handlers.answers import address, days, phone, text
from handlers.answers.choices import one_of
from handlers.answers.identity import name
from handlers.answers.text import tidy
from handlers.forms.conditions import answered, both, has_id_number, value
from handlers.forms.nearby import nearest
from handlers.forms.options import from_areas, from_list, from_standard
from handlers.messages import Choice, Incoming
from handlers.steps import Context, InvalidAnswer, Step
from storage.records import Answers, Value

_home = from_list("home", "yes", "no")
_kinds = from_list("stay_kind", "rented", "own", "dormitory", "relatives", "other")
_months = from_list("stay_months", "under_1", "1_to_6", "6_to_12", "over_12", "unknown")
_reasons = from_list("reason", "work", "study", "business", "family", "medical", "other")
_industries = from_standard("industry")
_insurances = from_list("social_insurance", "yes", "no", "unknown")
_streets = from_areas(lambda answers: "")
_communities = from_areas(lambda answers: str(value(answers, "area_street")))


def _scanned(answers: Answers, context: Context) -> bool:
    return context.home is not None


def _told_by_home(given: Value, answers: Answers, context: Context) -> Mapping[str, Value]:
    if given != "yes" or context.home is None:
        return {}
    home = context.home
    street = next((area.parent for area in context.areas if area.code == home.area), "")
    told = {"area_street": street, "area": home.area, "address": home.address}
    return told if home.room is None else {**told, "room": home.room.name}


def _has_rooms(answers: Answers, context: Context) -> bool:
    return context.home is not None and bool(context.home.rooms)


def _rooms(answers: Answers, context: Context) -> tuple[Choice, ...]:
    rooms = () if context.home is None else context.home.rooms
    return tuple(Choice(room.name, codes="rooms", label=room.name) for room in rooms)


def _room(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A room by its very name before any number in the list."""
    said = tidy(incoming.text).removesuffix("室").casefold()
    named = next((one for one in _rooms(answers, context) if one.value.casefold() == said), None)
    return one_of(_rooms)(incoming, answers, context) if named is None else named.value


def _street(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A street by name, or a shared location: the nearest community's street."""
    if incoming.place is None:
        return one_of(_streets)(incoming, answers, context)
    community = nearest(incoming.place, context.areas)
    return InvalidAnswer("place_not_here") if community is None else community.parent


def _community(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A community by name, or a shared location: the nearest one in that street."""
    if incoming.place is None:
        return one_of(_communities)(incoming, answers, context)
    street = value(answers, "area_street")
    community = nearest(incoming.place, tuple(area for area in context.areas if area.parent == street))
    return InvalidAnswer("place_not_here") if community is None else community.code


def _home_data(answers: Answers, context: Context) -> Mapping[str, Any]:
    home = context.home
    if home is None:
        return {}
    return {"address": home.address, "area": home.area, "room": home.room.name if home.room else ""}


def _may_not_know(answers: Answers, context: Context) -> bool:
    return True


_place = frozenset({"place"})
PLACE = (
    Step("area_street", _street, _streets, codes="areas", accepts=_place, resets=lambda v: ("area",)),
    Step("area", _community, _communities, codes="areas", accepts=_place),
    Step("address", address.line),
)
WHERE = (
    Step(
        "home", one_of(_home), _home, applies=_scanned, derives=_told_by_home, codes="home", data=_home_data,
        hidden=True,
    ),
    Step("room", _room, _rooms, applies=both(_scanned, answered("home", "yes"), _has_rooms), skippable=_may_not_know,
         short=8),
    *PLACE,
    Step("stay_kind", one_of(_kinds), _kinds, codes="stay_kind", applies=has_id_number),
    Step("landlord_name", name, applies=both(has_id_number, answered("stay_kind", "rented")), skippable=_may_not_know),
    Step(
        "landlord_phone", phone.any_phone, applies=both(has_id_number, answered("stay_kind", "rented")),
        skippable=_may_not_know,
    ),
)  # fmt: skip
_works = answered("reason", "work", "business")
STAY = (
    Step("arrived_on", days.day_in_the_past, applies=has_id_number),
    Step("stay_months", one_of(_months), _months, codes="stay_months", applies=has_id_number),
    Step("reason", one_of(_reasons), _reasons, codes="reason", applies=has_id_number),
    Step("employer", text.line, applies=both(has_id_number, _works)),
    Step("industry", one_of(_industries), _industries, codes="industry", applies=both(has_id_number, _works), short=8),
    Step("school", text.line, applies=both(has_id_number, answered("reason", "study"))),
    Step("social_insurance", one_of(_insurances), _insurances, codes="social_insurance",
         applies=both(has_id_number, answered("reason", "work"))),
)  # fmt: skip
