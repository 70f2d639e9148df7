"""A row of a list of tenants: checked as the talk would, and reported once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from handlers.answers import dwelling
from handlers.forms.tenant import HOMES, MOVED_OUT, TENANT
from handlers.messages import Incoming
from handlers.office import leaving, tenancies
from handlers.office.cells import Reading
from handlers.office.import_places import Where
from handlers.office.tenancies import Report
from handlers.office.tenancy_answers import Answer as Said
from handlers.office.tenancy_states import allows, lead
from handlers.steps import InvalidAnswer, Step
from handlers.visit import Office
from storage import tenancies as kept
from storage.records import Answer, Home
from storage.tenancies import Tenancy, Word
from storage.unit import Unit

COLUMNS = ("home", "room", "name", "phone", "id_number", "moved_in_on", "moved_out_on")
MUST = frozenset({"name", "phone", "moved_in_on"})
PARSED = (
    ("name", "tenant_name", True), ("phone", "tenant_phone", True), ("id_number", "tenant_id_number", False),
    ("moved_in_on", "moved_in_on", True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taking:
    """Who has a list's rows taken, when, by which law. staff_id: empty where the landlord does so."""

    where: Where
    office: Office
    now: datetime
    holder_id: str = ""
    staff_id: str = ""


def check(reading: Reading, where: Where, unit: Unit) -> dict[str, Any]:
    """What a row tells; what is wrong with it stands in the reading."""
    home = where.find(unit, reading)
    if home is not None:
        _read_room(reading, home)
    for column, step, must in PARSED:
        reading.read(column, _step(step), must=must)
    out = MOVED_OUT.step("moved_out_on")
    reading.read("moved_out_on", out or _step("moved_in_on"), must=False)
    _check_days(reading)
    return {"home": "" if home is None else home.code, **_told(reading)}


def key(told: dict[str, Any]) -> tuple[str, ...]:
    """What makes a row the same as another one."""
    return tuple(str(told.get(name) or "") for name in ("home", "name", "phone", "moved_in_on"))


def is_known(unit: Unit, told: dict[str, Any]) -> bool:
    """Whether there is nothing new in a row: reported before, and moved out if it says so."""
    found = _reported(unit, told)
    return found is not None and (found.is_over or not told["moved_out_on"] or found.leaving_by == "landlord")


def take(unit: Unit, told: dict[str, Any], taking: Taking) -> tuple[bool, str]:
    """Report a row's tenant, once: whether it was new, and the invitation to pass on, if somebody is awaited."""
    home = taking.where.home(unit, told["home"])
    if home is None or is_known(unit, told):
        return False, ""
    tenancy = _reported(unit, told)
    if tenancy is None:
        tenancy, fresh = tenancies.report(unit, home, _report(told, home), taking.office, taking.now, taking.staff_id)
        if not fresh and not told["moved_out_on"]:
            return False, ""
    if told["moved_out_on"]:
        return _leave(unit, home, tenancy, date.fromisoformat(told["moved_out_on"]), taking), ""
    return True, tenancies.invite(unit, tenancy.id, taking.now)


def _leave(unit: Unit, home: Home, tenancy: Tenancy, on: date, taking: Taking) -> bool:
    """The one who answers for the home says who moved out; for one without an account, the office does."""
    if home.holder_id:
        heard = leaving.by_landlord(unit, Said(home.holder_id, tenancy.id, taking.now), on, taking.office)
        return heard is not None and not heard.again
    if not allows(tenancy.state, "ended", "staff"):
        return False
    word = Word("staff", taking.now, "left", taking.staff_id)
    return lead(unit, tenancy, "ended", word, left_on=on, landlord_says="left") is not None


def _reported(unit: Unit, told: dict[str, Any]) -> Tenancy | None:
    """The tenancy that was reported by the same name, telephone and day in that home, open or over."""
    moved_in_on = date.fromisoformat(told["moved_in_on"])
    found = kept.of_day(unit, told["home"], moved_in_on)
    same = [one for one in found if (one.name, one.reported.get("phone")) == (told["name"], told["phone"])]
    return next((one for one in same if not one.is_over), same[0] if same else None)


def _report(told: dict[str, Any], home: Home) -> Report:
    named = {name: told[name] for name in ("name", "phone", "id_number") if told.get(name)}
    room = next((room.id for room in home.rooms if room.name == told.get("room")), None)
    return Report(named, room, date.fromisoformat(told["moved_in_on"]))


def _read_room(reading: Reading, home: Home) -> None:
    names = [room.name for room in home.rooms]
    reading.answers |= {
        HOMES: Answer("derived", [[home.code, home.address, names, home.acts_as]]),
        "report_home": Answer("given", home.code),
    }
    said = reading.text("room")
    if said and not names and not _is_whole(reading, said):
        reading.fault("room", "import_no_rooms")
    elif names and said:
        reading.read("room", _step("report_room"))
    elif home.room is not None:
        reading.answers["report_room"] = Answer("derived", home.room.name)


def _is_whole(reading: Reading, said: str) -> bool:
    """Whether the words say that the home is let whole."""
    incoming = Incoming("import", "", "", reading.context.now, text=said)
    parsed = dwelling.rooms(incoming, {}, reading.context)
    return not isinstance(parsed, InvalidAnswer) and parsed == "none"


def _check_days(reading: Reading) -> None:
    begins, ends = reading.value("moved_in_on"), reading.value("moved_out_on")
    if begins and ends and ends < begins:
        reading.fault("moved_out_on", "import_out_before_in", on=begins)


def _told(reading: Reading) -> dict[str, Any]:
    return {
        "room": reading.value("report_room"),
        "name": reading.value("tenant_name"),
        "phone": reading.value("tenant_phone"),
        "id_number": reading.value("tenant_id_number"),
        "moved_in_on": reading.value("moved_in_on"),
        "moved_out_on": reading.value("moved_out_on"),
    }


def _step(name: str) -> Step:
    found = TENANT.step(name)
    if found is None:
        raise LookupError(name)
    return found
