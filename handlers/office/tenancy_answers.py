"""What a side answers about a tenancy: the landlord yes, no, not yet; the tenant that's me, that's not me.

The same answer twice, or by two phones at once, is one answer; whose tenancy it isn't gets the same as for none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from handlers.office import duties, tenancy_notices
from handlers.office.tenancy_notices import choice
from handlers.office.tenancy_states import allows, lead
from handlers.visit import Office
from storage import homes, tenancies
from storage.records import TenancyState
from storage.tenancies import Tenancy, Word
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Answer:
    """A word about a tenancy, from an account of a holder; `other`: the tenancy that it turns out to be."""

    holder_id: str
    tenancy_id: int
    at: datetime
    other: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """The tenancy as it is now; `again`: that was said before, or it is over."""

    tenancy: Tenancy
    again: bool = False


Hearing = Callable[[Unit, Answer, Office], Heard | None]


def landlords(unit: Unit, answer: Answer) -> Tenancy | None:
    """The tenancy, locked, if the one who speaks answers for its home."""
    tenancy = tenancies.lock(unit, answer.tenancy_id)
    home = None if tenancy is None else homes.get(unit, tenancy.home)
    return tenancy if home is not None and answer.holder_id and home.holder_id == answer.holder_id else None


def tenants(unit: Unit, answer: Answer) -> Tenancy | None:
    """The tenancy, locked, if the one who speaks is its tenant."""
    tenancy = tenancies.lock(unit, answer.tenancy_id)
    return tenancy if tenancy is not None and answer.holder_id and tenancy.holder_id == answer.holder_id else None


def landlord_yes(unit: Unit, answer: Answer, office: Office) -> Heard | None:
    """They live there: both have said so now."""
    told = {"landlord_says": "yes", "reported_at": answer.at, "reported_by": answer.holder_id}
    heard = _landlord(unit, answer, "confirmed", "yes", told)
    if heard is not None and not heard.again:
        duties.meet(unit, heard.tenancy.id, "start", answer.at, office)
        tenancy_notices.tell_tenant(unit, heard.tenancy, "say/tenancy_confirmed", (), answer.at)
    return heard


def landlord_no(unit: Unit, answer: Answer, office: Office) -> Heard | None:
    """They don't: the collector of the area looks at both statements."""
    heard = _landlord(unit, answer, "disputed", "no", {"landlord_says": "no"})
    if heard is not None and not heard.again:
        choices = (choice("not_me", heard.tenancy.id),)
        tenancy_notices.tell_tenant(unit, heard.tenancy, "say/landlord_says_no", choices, answer.at)
    return heard


def landlord_not_yet(unit: Unit, answer: Answer, office: Office) -> Heard | None:
    """Not yet: the question stays."""
    return _landlord(unit, answer, "claimed", "not_yet", {"landlord_says": "not_yet"})


def landlord_means(unit: Unit, answer: Answer, office: Office) -> Heard | None:
    """It is the one whom they had reported: the two statements become one tenancy, which is confirmed."""
    claimed = landlords(unit, answer)
    reported = None if claimed is None else tenancies.lock(unit, answer.other)
    if claimed is None or reported is None or reported.home != claimed.home:
        return None
    if claimed.state != "claimed" or reported.state != "reported":
        return Heard(reported if claimed.state == "merged" else claimed, again=True)
    lead(unit, claimed, "merged", Word("landlord", answer.at, "is"))
    told = {name: getattr(claimed, name) for name in OF_THE_TENANT}
    joined = lead(unit, reported, "confirmed", Word("tenant", answer.at, "lives"), **told)
    if joined is None:
        return Heard(reported, again=True)
    tenancy_notices.tell_tenant(unit, joined, "say/tenancy_confirmed", (), answer.at)
    return Heard(joined)


def tenant_not_me(unit: Unit, answer: Answer, office: Office) -> Heard | None:
    """They don't live there, or never did: the collector looks at both statements; what only they had said is over."""
    tenancy = tenants(unit, answer)
    if tenancy is None:
        return None
    to: TenancyState = "disputed" if tenancy.landlord_says == "yes" else "ended"
    heard = _said(unit, tenancy, to, Word("tenant", answer.at, "not_me"), {"tenant_says": "not_me"})
    if not heard.again and to == "disputed":
        tenancy_notices.tell_landlord(unit, heard.tenancy, "say/tenant_says_no", (), answer.at)
    return heard


def _landlord(unit: Unit, answer: Answer, to: TenancyState, says: str, told: Mapping[str, object]) -> Heard | None:
    tenancy = landlords(unit, answer)
    if tenancy is None:
        return None
    return _said(unit, tenancy, to, Word("landlord", answer.at, says), told)


def _said(unit: Unit, tenancy: Tenancy, to: TenancyState, word: Word, told: Mapping[str, object]) -> Heard:
    """The step, where the table has it; what was said before, or comes too late, changes nothing."""
    before = tenancy.landlord_says if word.actor == "landlord" else tenancy.tenant_says
    if before == word.says or not allows(tenancy.state, to, word.actor):
        return Heard(tenancy, again=True)
    moved = lead(unit, tenancy, to, word, **told)
    return Heard(tenancy, again=True) if moved is None else Heard(moved)


OF_THE_TENANT = (
    "holder_id", "person_id", "submission_id", "tenant_says", "since_on", "claimed_at",
)  # fmt: skip
HEARINGS: Mapping[str, Hearing] = MappingProxyType(
    {
        "yes": landlord_yes,
        "no": landlord_no,
        "not_yet": landlord_not_yet,
        "is": landlord_means,
        "not_me": tenant_not_me,
    }
)
