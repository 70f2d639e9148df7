"""Consent, what has changed, and whether registration is needed at all."""

from handlers.answers.choices import one_of
from handlers.forms.conditions import answered, comes_back, value
from handlers.forms.options import from_list
from handlers.messages import Choice, Reply, control
from handlers.steps import Context, Step
from storage.records import Answers, Value

CHANGES = {
    "nothing": (),
    "address": (
        "lodging", "stay_length", "home", "area_street", "area", "address", "stay_kind", "landlord_name",
        "landlord_phone", "arrived_on", "stay_months", "paper_dwelling",
    ),
    "job": ("reason", "employer", "industry", "school", "social_insurance"),
    "phone": ("phone",),
    "other": (),
}  # fmt: skip
RECORDED_BY_THE_HOST = ("hotel", "hospital", "school", "shelter")


def ends(answers: Answers, context: Context) -> Reply | None:
    """The talk ends early without consent, or where the law asks for no registration; with the reason."""
    if value(answers, "consent") == "decline":
        return Reply("say/declined", {}, (control("start"), control("person")))
    if value(answers, "guardian_consent") == "decline":
        return Reply("say/guardian_declined", {}, (control("start"), control("person")))
    reason = _not_needed(answers, context)
    return None if reason is None else Reply(f"say/{reason}", {}, (control("start"), control("person"), control("law")))


def _not_needed(answers: Answers, context: Context) -> str | None:
    """Which words tell why no registration is needed; None where it is."""
    kind, lodging, stay = (value(answers, step) for step in ("hukou_kind", "lodging", "stay_length"))
    if kind in {"here", "hk_mo_tw", "foreign"}:
        return f"not_needed_{kind}"
    if lodging in RECORDED_BY_THE_HOST and context.pack.has(f"registration.exempt.{lodging}"):
        return f"not_needed_{lodging}"
    if stay == "under_min" and context.pack.has("registration.min_stay"):
        return "not_needed_under_min"
    return "not_needed_relatives" if lodging == "relatives" and _is_free_with_relatives(stay, context) else None


def _is_free_with_relatives(stay: Value, context: Context) -> bool:
    """With near relatives the law may set a limit of days, or none at all."""
    rule = context.pack.find("registration.exempt.relatives")
    return rule is not None and (rule.unit == "flag" or stay == "under_relatives")


def _what_changed(value: Value) -> tuple[str, ...]:
    return CHANGES.get(str(value), ())


def _lengths(answers: Answers, context: Context) -> tuple[Choice, ...]:
    """With near relatives the law has a limit of its own."""
    at_relatives = value(answers, "lodging") == "relatives" and context.pack.has("registration.exempt.relatives")
    return (_lengths_at_relatives if at_relatives else _usual_lengths)(answers, context)


_kinds = from_list("hukou_kind", "elsewhere", "here", "hk_mo_tw", "foreign")
_lodgings = from_list("lodging", "ordinary", "relatives", "hotel", "hospital", "school", "shelter")
_usual_lengths = from_list("stay_length", "longer", "under_min")
_lengths_at_relatives = from_list("stay_at_relatives", "under_relatives", "longer")
_changes = from_list("changed", *CHANGES)
_consents = from_list("consent", "agree", "decline")

NEED = (
    Step("consent", one_of(_consents), _consents, codes="consent", hidden=True, data=lambda a, c: {"abroad": c.abroad}),
    Step("changed", one_of(_changes), _changes, applies=comes_back, codes="changed", resets=_what_changed),
    Step("hukou_kind", one_of(_kinds), _kinds, codes="hukou_kind", hidden=True),
    Step(
        "lodging",
        one_of(_lodgings),
        _lodgings,
        codes="lodging",
        applies=answered("hukou_kind", "elsewhere"),
        hidden=True,
        resets=lambda value: ("stay_length",),
    ),
    Step("stay_length", one_of(_lengths), _lengths, codes="stay_length", hidden=True),
)
