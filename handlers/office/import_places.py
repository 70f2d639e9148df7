"""Which homes a list may speak of: those of whoever hands it in, or for the staff those of their areas."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from handlers.office import home_codes
from handlers.office.cells import Reading
from storage import homes
from storage.records import Area, Home
from storage.unit import Unit

MOST_OWN = 2_000
_CODE = re.compile(r"(?<![0-9A-Z])([0-9A-Z]{4})-?([0-9A-Z]{4})-?([0-9A-Z]{4})(?![0-9A-Z])")


class Where(Protocol):
    """Finds a home by what a cell says of it."""

    def find(self, unit: Unit, reading: Reading) -> Home | None:
        """The home of a row; where there is none, why stands in the reading."""
        ...

    def home(self, unit: Unit, code: str) -> Home | None:
        """A home by its own code, if the list may speak of it."""
        ...

    def covers(self, area: str) -> bool:
        """Whether new homes may lie in an area."""
        ...

    def standing(self, unit: Unit, area: str, address: str) -> Home | None:
        """The home that stands at an address already, as far as it concerns whoever hands in the list."""
        ...


@dataclass(frozen=True, slots=True)
class Own:
    """The homes that one landlord, company or manager answers for; addresses by their folded form."""

    holder_id: str
    by_address: Mapping[str, tuple[Home, ...]]

    def find(self, unit: Unit, reading: Reading) -> Home | None:
        """By code or address; where they have only one, it needn't be named."""
        said = reading.text("home")
        known = {one.code: one for found in self.by_address.values() for one in found}
        if not said and len(known) == 1:
            return next(iter(known.values()))
        return _found(unit, reading, self, self.by_address.get(folded(said), ()))

    def home(self, unit: Unit, code: str) -> Home | None:
        """One of theirs."""
        found = homes.get(unit, code)
        return found if found is not None and self.holder_id and found.holder_id == self.holder_id else None

    def covers(self, area: str) -> bool:
        """Everywhere: the office looks at each home."""
        return True

    def standing(self, unit: Unit, area: str, address: str) -> Home | None:
        """One of theirs at that address."""
        return next((one for one in homes.at_any(unit, (area,), address) if self.holder_id == one.holder_id), None)


@dataclass(frozen=True, slots=True)
class Within:
    """The homes of a member's areas (None: everywhere)."""

    areas: Collection[str] | None
    every: tuple[Area, ...]

    def find(self, unit: Unit, reading: Reading) -> Home | None:
        """By code, or by the address in one of the areas."""
        said = reading.text("home")
        searched = [area.code for area in self.every if self.covers(area.code)]
        found = [one for one in homes.at_any(unit, searched, said) if one.state != "refused"] if said else []
        return _found(unit, reading, self, found)

    def home(self, unit: Unit, code: str) -> Home | None:
        """One of these areas."""
        found = homes.get(unit, code)
        return found if found is not None and self.covers(found.area) else None

    def covers(self, area: str) -> bool:
        """Whether the member may act there."""
        return self.areas is None or area in self.areas

    def standing(self, unit: Unit, area: str, address: str) -> Home | None:
        """Whoever answers for it."""
        return homes.at(unit, area, address)


def own(unit: Unit, holder_id: str) -> Own:
    """The homes that somebody answers for."""
    by_address: dict[str, tuple[Home, ...]] = {}
    for one in homes.of_holder(unit, holder_id)[:MOST_OWN]:
        by_address[folded(one.address)] = (*by_address.get(folded(one.address), ()), one)
    return Own(holder_id, by_address)


def folded(address: str) -> str:
    """An address as it is compared, however it is spaced."""
    return "".join(unicodedata.normalize("NFKC", address).casefold().split())


def _found(unit: Unit, reading: Reading, where: Where, by_address: Iterable[Home]) -> Home | None:
    """A code counts before an address; what isn't theirs is not there."""
    said = reading.text("home")
    if not said:
        reading.fault("home", "import_missing")
        return None
    named = _CODE.search(said.upper())
    code = "".join(named.groups()) if named else ""
    if code and home_codes.is_whole(code):
        scanned = homes.by_code(unit, code)
        own_home = None if scanned is None else where.home(unit, scanned.code)
        if own_home is not None:
            return scanned
    fitting = list(by_address)
    if len(fitting) == 1:
        return fitting[0]
    reading.fault("home", "import_home_which" if fitting else "import_home_unknown", n=len(fitting))
    return None
