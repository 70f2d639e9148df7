"""A row of a list of permits issued before: checked as the law counts, kept once. Only the office has such lists."""

from datetime import date, timedelta
from typing import Any

from handlers.answers import days, identity
from handlers.answers.text import tidy, words
from handlers.answers.written_days import read
from handlers.forms.home import HOME
from handlers.messages import Incoming
from handlers.office import permit_eligibility
from handlers.office.cells import Fault, Reading
from handlers.office.import_places import Where, Within
from handlers.office.import_tenants import Taking
from handlers.office.permit_desk import NUMBER, dated
from handlers.steps import Context, InvalidAnswer, Step
from regulations.pack import Pack
from regulations.permit_days import EndorsementDays, first_endorsement, same_endorsement
from storage import permits, submissions
from storage.permits import Permit
from storage.records import Answer, Answers
from storage.unit import Unit

COLUMNS = (
    "number", "name", "id_number", "issued_on", "valid_from", "endorsed_until", "street", "community",
)  # fmt: skip
MUST = frozenset({"number", "name", "id_number", "issued_on", "valid_from"})
DAY = timedelta(days=1)


def _number(incoming: Incoming, answers: Answers, context: Context) -> Any:
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    number = permits.folded(said)
    return number if NUMBER.fullmatch(number) else InvalidAnswer("import_permit_number")


def _until(incoming: Incoming, answers: Answers, context: Context) -> Any:
    """A day with its year, past or to come."""
    said = words(incoming)
    if isinstance(said, InvalidAnswer):
        return said
    found = read(tidy(said), context.today, context.vocabulary)
    plain = found is not None and len(found.days) == 1 and found.has_year
    return found.days[0].isoformat() if found is not None and plain else InvalidAnswer("day_unreadable")


STEPS = (
    ("number", Step("permit_number", _number)),
    ("name", Step("name", identity.name)),
    ("id_number", Step("id_number", identity.id_number)),
    ("issued_on", Step("issued_on", days.day_in_the_past)),
    ("valid_from", Step("valid_from", days.day_in_the_past)),
    ("endorsed_until", Step("endorsed_until", _until)),
)


def check(reading: Reading, where: Where, unit: Unit) -> dict[str, Any]:
    """What a row tells; what is wrong with it stands in the reading."""
    if not isinstance(where, Within):
        reading.fault("number", "import_area_not_yours")
        return {}
    for column, step in STEPS:
        reading.read(column, step, must=column in MUST)
    told = {column: reading.value(step.name) for column, step in STEPS}
    told["area"] = _area(reading, where)
    if not reading.faults:
        _check_days(reading, told)
        wrong = _of_others(unit, told)
        reading.faults += [] if wrong is None else [wrong]
    return told


def key(told: dict[str, Any]) -> tuple[str, ...]:
    """What makes a row the same as another one."""
    return (str(told.get("number") or ""),)


def is_known(unit: Unit, told: dict[str, Any]) -> bool:
    """Whether the permit is there, of the same person."""
    found = permits.by_number(unit, told["number"])
    return found is not None and found.person_id == submissions.person_id(unit, told["id_number"])


def take(unit: Unit, told: dict[str, Any], taking: Taking) -> tuple[bool, str] | Fault:
    """Keep a row's permit, with its person if nobody knows them; whether it was new, or what is in its way by now.

    Raises permits.InUse where the number or the person gets another permit in the same moment: tried again, the row
    sees it.
    """
    if is_known(unit, told):
        return False, ""
    wrong = _of_others(unit, told)
    if wrong is not None:
        return wrong
    pack = taking.office.pack.on(taking.now.astimezone(taking.office.zone).date())
    person = submissions.known_person(unit, _person(told), taking.now)
    issued_on, valid_from = date.fromisoformat(told["issued_on"]), date.fromisoformat(told["valid_from"])
    plain = Permit(
        person, told["area"], "issued", number=told["number"], card="handed_out", issued_on=issued_on,
        valid_from=valid_from, counts_from=valid_from,
    )  # fmt: skip
    new = dated(plain, _days(pack, told), pack)
    step = permits.Step("imported", "staff", taking.now, taking.staff_id, day=issued_on)
    kept, fresh = permits.begin(unit, new, step)
    if permits.folded(kept.number) != permits.folded(new.number):
        raise permits.InUse
    permit_eligibility.settle(unit, person, taking.office, taking.now)
    return fresh, ""


def _area(reading: Reading, where: Within) -> str:
    """The community of the row; where none is given, the only one that the member has."""
    for column, name in (("street", "area_street"), ("community", "area")):
        step = HOME.step(name)
        if step is not None and reading.text(column):
            reading.read(column, step)
    area = str(reading.value("area") or "")
    only = [one.code for one in where.every if one.parent and where.covers(one.code)]
    if area and not where.covers(area):
        reading.fault("community", "import_area_not_yours")
    if not area and len(only) != 1:
        reading.fault("community", "import_missing")
    return area or (only[0] if len(only) == 1 else "")


def _check_days(reading: Reading, told: dict[str, Any]) -> None:
    """Residence begins before the issue; a permit is endorsed until an anniversary, or the day before it."""
    if told["valid_from"] > told["issued_on"]:
        reading.fault("valid_from", "import_permit_days", on=told["issued_on"])
    elif told["endorsed_until"]:
        until = date.fromisoformat(told["endorsed_until"])
        last = _days(reading.context.pack, told).until_on
        if until not in {last, last - DAY}:
            reading.fault("endorsed_until", "import_not_anniversary", on=last.isoformat())


def _of_others(unit: Unit, told: dict[str, Any]) -> Fault | None:
    """A number is one person's, and a person has one permit."""
    person = submissions.person_id(unit, told["id_number"])
    same = permits.by_number(unit, told["number"])
    other = None if person is None else permits.open_of(unit, person)
    if same is not None and same.person_id != person:
        return Fault("number", "import_number_used")
    if other is not None and permits.folded(other.number) != told["number"]:
        return Fault("id_number", "import_has_permit")
    return None


def _days(pack: Pack, told: dict[str, Any]) -> EndorsementDays:
    """The next endorsement: that of the day on the permit, else the first one after the issue."""
    issued_on, valid_from = date.fromisoformat(told["issued_on"]), date.fromisoformat(told["valid_from"])
    if not told["endorsed_until"]:
        return first_endorsement(pack, issued_on, valid_from)
    until = max(date.fromisoformat(told["endorsed_until"]), issued_on + DAY)
    return same_endorsement(pack, issued_on, valid_from, until)


def _person(told: dict[str, Any]) -> dict[str, Answer]:
    facts = identity.facts(told["id_number"])
    known = {
        "name": told["name"], "id_number": told["id_number"], "birth_date": facts.birth_date, "sex": facts.sex,
        "hukou_region": facts.hukou_region,
    }  # fmt: skip
    return {name: Answer("given", value) for name, value in known.items()}
