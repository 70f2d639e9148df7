"""A home for the console with a tenant who says so, one whom the landlord reported, and a contradiction."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from handlers.office import tenancies, tenancy_answers, visiting
from handlers.office.reviewer import Reviewer
from handlers.office.tenancies import Report
from handlers.office.tenancy_answers import Answer
from handlers.office.visiting import Told
from storage import tenancies as kept
from storage.records import Home
from storage.unit import Unit
from tests.handlers.answers.telling import id_number
from tests.handlers.filed import OFFICE
from tests.housed import LANDLORD, landlord, let, tenant

REPORTED = Report(
    {"name": "周小梅", "phone": "+8613700001111", "id_number": "341225199003071233"}, None, date(2026, 11, 18)
)


@dataclass(frozen=True, slots=True)
class Rows:
    """A confirmed home and one that waits, with the numbers of the tenancies by what became of them."""

    home: Home
    waiting: Home
    claimed: int
    reported: int
    disputed: int


def rows(unit: Unit, area: str = "S01-02") -> Rows:
    """Write it all down."""
    now = datetime.now(UTC)
    landlord(unit, now=now)
    home = let(unit, "301", "302", area=area)
    waiting = let(unit, holder="w" * 32, area=area, address="幸福路21号", state="registered")
    tenant(unit, "NCLAIM", "a" * 32, home, id_number=id_number("19920304"))
    tenant(unit, "NDISPUTE", "b" * 32, home, id_number=id_number("19950607"))
    reported, _ = tenancies.report(unit, home, REPORTED, OFFICE, now)
    claimed, disputed, *_ = kept.of_home(unit, home.code)
    tenancy_answers.landlord_no(unit, Answer(LANDLORD, disputed.id, now), OFFICE)
    told = Told("nobody", "六点以后有人", "f" * 32 if area == "S01-02" else area.rjust(32, "0"))
    assert visiting.record(unit, Reviewer("ABC234"), home.code, told, now) == "done"
    return Rows(home, waiting, claimed.id, reported.id, disputed.id)
