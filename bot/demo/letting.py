"""Those who let homes in the town: they register them, are asked about their tenants, and the collector comes round."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bot.demo.deciding import deliver
from bot.demo.people import People, Place, Resident
from bot.demo.talking import Stuck, Talking
from handlers.office import homes as office_homes
from handlers.office import tenancies, tenancy_answers, visiting
from handlers.office.reviewer import Reviewer
from handlers.office.tenancies import Report
from handlers.office.tenancy_answers import Answer
from handlers.office.visiting import OUTCOMES, Told
from handlers.visit import Office
from storage import conversations, homes
from storage import tenancies as kept
from storage.records import Home
from storage.tenancies import Tenancy
from storage.unit import Unit

KINDS = ("flat", "room", "urban_village", "urban_village", "shop")
SAYS = (("yes", 66), ("no", 14), ("", 20))  # what landlords answer about a tenant; nothing yet
REPORT_EVERY, VISIT_EVERY = 3, 2  # of the homes that are let; of those in the collector's areas
NOTES = ("晚上七点以后有人", "租客搬来不久，请下周再来", "房东在外地，电话联系", "门铃坏了，敲门")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT = timedelta(hours=14)  # what is told in the evening arrives in the morning


@dataclass(frozen=True, slots=True)
class Letting:
    """Landlords, and the office's part in their homes."""

    talking: Talking
    office: Office
    people: People
    chance: Random

    def register(self, unit: Unit, place: Place, number: int, at: datetime) -> Home:
        """Somebody registers a home in the talk."""
        owner = self._landlord(place, number)
        self.talking.command(unit, owner, "home", at)
        account = conversations.find(unit, owner.channel, owner.address)
        mine = homes.of_holder(unit, account.holder_id) if account is not None else ()
        if not mine:
            raise Stuck("home")
        return mine[-1]

    def confirm(self, unit: Unit, home: Home, by: Reviewer, at: datetime) -> None:
        """The office confirms it, and the landlord hears so."""
        office_homes.confirm(unit, by, home.code, home.version, at)
        self._delivered(unit, home.holder_id, at)

    def answer(self, unit: Unit, home: Home, now: datetime) -> None:
        """What the landlord says about those who say that they live there."""
        self._delivered(unit, home.holder_id, now)
        for tenancy in kept.of_home(unit, home.code):
            word, at = self.people.some(SAYS), self._later(tenancy, now)
            if word and at + NIGHT < now:
                tenancy_answers.HEARINGS[word](unit, Answer(home.holder_id, tenancy.id, at), self.office)
                self._delivered(unit, tenancy.holder_id, at + NIGHT)

    def report(self, unit: Unit, home: Home, now: datetime) -> None:
        """Somebody whom the landlord reports, and who hasn't come yet."""
        at = now - self.chance.uniform(0.2, 6) * DAY
        told = {"name": self.people.name(self.chance.choice("12")), "phone": f"+86{self.people.phone()}"}
        moved_in_on = (at - self.chance.uniform(0, 5) * DAY).astimezone(self.office.zone).date()
        tenancies.report(unit, home, Report(told, None, moved_in_on), self.office, at)

    def visit(self, unit: Unit, home: Home, by: Reviewer, now: datetime) -> None:
        """The collector was there."""
        at, once = now - self.chance.uniform(1, 40) * DAY, f"{self.chance.getrandbits(128):032x}"
        told = Told(self.chance.choice(OUTCOMES), self.chance.choice(("", *NOTES)), once)
        visiting.record(unit, by, home.code, told, at)

    def _later(self, tenancy: Tenancy, now: datetime) -> datetime:
        return (tenancy.claimed_at or now) + self.chance.uniform(2, 60) * HOUR

    def _landlord(self, place: Place, number: int) -> Resident:
        answers = {
            "home_consent": "agree",
            "acts_as": "owner",
            "home_kind": self.chance.choice(KINDS),
            "area_street": place.area.partition("-")[0],
            "area": place.area,
            "address": place.address,
            "home_rooms": "none",
            "capacity": str(self.chance.randint(4, 14)),
            "owner_kind": "person",
            "owner_name": self.people.name(self.chance.choice("12")),
            "contact_phone": self.people.phone(),
        }
        return Resident("wechat", f"landlord-{number:02}", "zh", answers)

    def _delivered(self, unit: Unit, holder_id: str, at: datetime) -> None:
        """What was told somebody reaches them."""
        for account in conversations.of_holder(unit, holder_id) if holder_id else ():
            found = conversations.address_of(unit, account.conversation_id)
            if found is not None:
                deliver(unit, Resident(*found, "zh"), at)
