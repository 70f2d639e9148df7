"""What is known of a person that decides which notices fit them: coarse traits, never more than a word each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from handlers.forms.conditions import value
from storage import homes, permits, submissions
from storage.records import Submission
from storage.unit import Unit

GROUPS: Mapping[str, tuple[str, ...]] = {
    "role": ("migrant", "landlord"),
    "stage": ("new", "settled", "permit"),
    "work": (
        "employed", "self_employed", "student", "uninsured", "manufacturing", "construction", "catering", "retail",
        "transport", "domestic",
    ),
    "family": ("parent",),
    "home": ("rented", "own_home", "dormitory", "with_relatives"),
}  # fmt: skip
TRAITS = tuple(trait for group in GROUPS.values() for trait in group)
SETTLED_AFTER = timedelta(days=182)
SCHOOL_AGE = range(3, 16)  # from kindergarten to the end of compulsory schooling
STANDING = ("received", "in_review", "needs_answers", "registered")
REASONS = {"work": "employed", "business": "self_employed", "study": "student"}
HOMES = {"rented": "rented", "own": "own_home", "dormitory": "dormitory", "relatives": "with_relatives"}


def fits_audience(audience: Collection[str], theirs: Collection[str]) -> bool:
    """Whether somebody has one of the traits asked for in each group of which any is asked for."""
    asked = (set(group) & set(audience) for group in GROUPS.values())
    return all(not group or group & set(theirs) for group in asked)


def traits_of(unit: Unit, holder_id: str, today: date) -> frozenset[str]:
    """A person's traits, from what they sent and hold; empty for nobody known."""
    sent = submissions.in_state(unit, holder_id, *STANDING) if holder_id else ()
    has_permit = any(permit.is_in_use for permit in permits.of_holder(unit, holder_id)) if holder_id else False
    lets = bool(homes.of_holder(unit, holder_id)) if holder_id else False
    return traits(sent, today, has_permit=has_permit, lets=lets)


def traits(sent: Sequence[Submission], today: date, *, has_permit: bool, lets: bool) -> frozenset[str]:
    """The same, of what is there. Pure."""
    own = [one for one in sent if value(one.answers, "subject") in {None, "self"}]
    found = {"landlord"} if lets else set[str]()
    if own:
        found |= {"migrant", "permit" if has_permit else _stage(own, today), *_daily_life(own[-1])}
    elif sent:
        found |= {"migrant"}
    if any(_is_at_school(one, today) for one in sent):
        found |= {"parent"}
    return frozenset(found & set(TRAITS))


def _stage(own: Sequence[Submission], today: date) -> str:
    """New, or settled after half a year."""
    days = [_day(one) for one in own]
    first = min((day for day in days if day is not None), default=today)
    return "settled" if today - first >= SETTLED_AFTER else "new"


def _day(sent: Submission) -> date | None:
    arrived = value(sent.answers, "arrived_on")
    return date.fromisoformat(arrived) if arrived else None


def _daily_life(last: Submission) -> set[str]:
    reason, industry = value(last.answers, "reason"), value(last.answers, "industry")
    insured = value(last.answers, "social_insurance")
    found = {REASONS.get(str(reason), ""), HOMES.get(str(value(last.answers, "stay_kind")), "")}
    if reason == "work":
        found |= {str(industry), "uninsured" if insured == "no" else ""}
    return found


def _is_at_school(one: Submission, today: date) -> bool:
    born = value(one.answers, "birth_date")
    if value(one.answers, "subject") != "child" or not born:
        return False
    day = date.fromisoformat(born)
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day)) in SCHOOL_AGE
