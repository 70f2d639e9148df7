"""The form in which a landlord registers a home: who they are to it, where it is, its rooms, who owns it."""

from typing import Any

from handlers.answers import dwelling, identity, phone
from handlers.answers.choices import one_of
from handlers.forms.conditions import answered, value
from handlers.forms.household import PLACE
from handlers.forms.options import from_list
from handlers.messages import Incoming, Reply, control
from handlers.steps import Context, Form, Step
from storage.records import Answers

ROLES = ("owner", "for_owner", "manager", "employer", "agent")
KINDS = ("flat", "room", "urban_village", "dormitory", "shop", "other")

_consents = from_list("consent", "agree", "decline")
_roles = from_list("acts_as", *ROLES)
_kinds = from_list("home_kind", *KINDS)
_rooms = from_list("home_rooms", "none")
_owners = from_list("owner_kind", "person", "company")


def ends(answers: Answers, context: Context) -> Reply | None:
    """Without consent nothing is kept."""
    if value(answers, "home_consent") == "decline":
        return Reply("say/declined", {}, (control("home"), control("person")))
    return None


def _owner_name(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A person's name, or a company's."""
    parse = dwelling.company if value(answers, "owner_kind") == "company" else identity.name
    return parse(incoming, answers, context)


def _another_acts(answers: Answers, context: Context) -> bool:
    """Somebody else than the owner answers for the home, or a person for a company."""
    return bool(value(answers, "acts_as") != "owner" or value(answers, "owner_kind") == "company")


def _role(answers: Answers, context: Context) -> dict[str, Any]:
    return {"acts_as": value(answers, "acts_as"), "owner_kind": value(answers, "owner_kind")}


HOME = Form(
    "home",
    "2026-11",
    (
        Step("home_consent", one_of(_consents), _consents, codes="consent", hidden=True),
        Step("acts_as", one_of(_roles), _roles, codes="acts_as"),
        Step("home_kind", one_of(_kinds), _kinds, codes="home_kind"),
        *PLACE,
        Step("home_rooms", dwelling.rooms, _rooms, codes="home_rooms"),
        Step("capacity", dwelling.people),
        Step("owner_kind", one_of(_owners), _owners, codes="owner_kind", resets=lambda v: ("owner_name", "owner_uscc")),
        Step("owner_name", _owner_name, data=_role),
        Step("owner_uscc", dwelling.company_number, applies=answered("owner_kind", "company")),
        Step("acting_name", identity.name, applies=_another_acts, data=_role),
        Step("contact_phone", phone.mobile, accepts=frozenset({"contact"}), data=_role),
    ),
    ends,
    summary="ask/confirm_home",
    may_drop=True,
)
