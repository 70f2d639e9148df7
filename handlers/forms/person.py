"""Who: the ID number and what it tells, name, ethnicity, hukou, phone, education."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from handlers.answers import address, days, identity, phone
from handlers.answers.choices import one_of
from handlers.forms.conditions import acts_for_another, both, has_id_number, is_listed, is_under, value
from handlers.forms.options import from_list, from_standard
from handlers.messages import Choice, Incoming
from handlers.steps import Context, InvalidAnswer, Step
from regulations.deadlines import is_under_age
from storage.records import Answers, Value

COMMON = 8
COMMON_POLITICAL = ("13", "03", "01", "02")  # GB/T 4762: none, Youth League, Party, probationary

_none = from_list("id_number", "none")
_sexes = from_standard("sex")
_ethnicities = from_standard("ethnicity")
_educations = from_standard("education")
_marital = from_standard("marital_status")
_political_list = from_standard("political_status")
_guardian = from_list("guardian_consent", "agree", "decline")
is_very_young = is_under("privacy.guardian_consent")


def _id_number(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """The person's ID number; its age must fit for whom the registration is."""
    parsed = identity.id_number(incoming, answers, context)
    if isinstance(parsed, InvalidAnswer) or parsed == "none":
        return parsed
    if acts_for_another(answers, context) and parsed == value(answers, "agent_id_number"):
        return InvalidAnswer("same_person")
    wrong = _wrong_age(identity.facts(parsed).birth_date, answers, context)
    return parsed if wrong is None else wrong


def _birth_date(incoming: Incoming, answers: Answers, context: Context) -> Any:
    parsed = days.birth_date(incoming, answers, context)
    if isinstance(parsed, InvalidAnswer):
        return parsed
    wrong = _wrong_age(parsed, answers, context)
    return parsed if wrong is None else wrong


def _wrong_age(birth_date: str, answers: Answers, context: Context) -> InvalidAnswer | None:
    """Under 16 the guardian declares; a child is under 16 (the pack's registration.proxy.minor)."""
    rule = context.pack.find("registration.proxy.minor")
    if rule is None:
        return None
    subject, limit = value(answers, "subject"), rule.value
    young = is_under_age(rule, date.fromisoformat(birth_date), context.today)
    if young and subject == "self":
        return InvalidAnswer("minor_registers_self", {"limit": limit, "edit": "subject"})
    if not young and subject == "child":
        return InvalidAnswer("child_grown_up", {"limit": limit, "edit": "subject"})
    return None


def _told_by_id_number(number: Value, answers: Answers, context: Context) -> Mapping[str, Value]:
    if number == "none":
        return {}
    facts = identity.facts(number)
    return {"sex": facts.sex, "birth_date": facts.birth_date, "hukou_region": facts.hukou_region}


def _read_off(answers: Answers, context: Context) -> Mapping[str, Any]:
    """What the ID number told, for showing it before anything else is asked."""
    number = value(answers, "id_number")
    if number in {None, "none"}:
        return {"facts": None}
    facts = identity.facts(number)
    age = identity.age(date.fromisoformat(facts.birth_date), context.today)
    return {
        "facts": {"sex": facts.sex, "birth_date": facts.birth_date, "region": facts.hukou_region, "age": age},
    }


def _political(answers: Answers, context: Context) -> tuple[Choice, ...]:
    """The common ones first: most people are in no party."""
    listed = {choice.value: choice for choice in _political_list(answers, context)}
    common = [listed.pop(code) for code in COMMON_POLITICAL if code in listed]
    return (*common, *listed.values())


def _may_decline(answers: Answers, context: Context) -> bool:
    return True


PERSON = (
    Step("id_number", _id_number, _none, derives=_told_by_id_number, codes="id_number"),
    Step("name", identity.name, data=_read_off),
    Step("birth_date", _birth_date),
    Step("guardian_consent", one_of(_guardian), _guardian, applies=is_very_young, codes="guardian_consent"),
    Step("sex", one_of(_sexes), _sexes, codes="sex", applies=has_id_number),
    Step("ethnicity", one_of(_ethnicities), _ethnicities, codes="ethnicity", short=COMMON, applies=has_id_number),
    Step("hukou_region", address.region, codes="region", applies=has_id_number),
    Step("hukou_address", address.line, applies=has_id_number),
    Step("phone", phone.mobile, accepts=frozenset({"contact"})),
    Step("education", one_of(_educations), _educations, codes="education",
        applies=both(has_id_number, is_listed("education"))),
    Step(
        "marital_status", one_of(_marital), _marital, codes="marital_status", skippable=_may_decline,
        applies=both(
            has_id_number, is_listed("marital_status"), lambda a, c: not is_under("registration.proxy.minor")(a, c)
        ),
    ),
    Step(
        "political_status", one_of(_political), _political, codes="political_status", skippable=_may_decline, short=4,
        applies=both(has_id_number, is_listed("political_status"), lambda a, c: not is_very_young(a, c)),
    ),
)  # fmt: skip
