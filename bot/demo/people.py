"""Invented people: from a seed always the same ones, with ID numbers whose check digits fit and who are nobody's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar

from stdnum.iso7064 import mod_11_2

from bot.demo import lists
from bot.demo.photos import PHOTO
from regulations.regions import region

T = TypeVar("T")

CHANNELS = (("wechat", 52), ("web", 30), ("telegram", 18))
AGES = ((18, 24, 22), (25, 34, 36), (35, 49, 27), (50, 62, 12), (63, 74, 3))
WHY = (("work", 72), ("business", 8), ("family", 12), ("study", 6), ("other", 2))
LEARNED = (("20", 9), ("30", 14), ("40", 16), ("60", 20), ("70", 34), ("80", 7))
STAYS = (("rented", 74), ("dormitory", 15), ("own", 6), ("relatives", 5))
MONTHS = (("1_to_6", 22), ("6_to_12", 34), ("over_12", 36), ("unknown", 8))
SOME_ENGLISH, SOME_CHILDREN = 0.04, 0.06  # of all
MARRY_AT = 26
LATE_EVERY = 6  # one in so many comes after the legal days
PREFIXES = ("131", "135", "138", "150", "152", "158", "166", "177", "186", "189", "191")


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who talks to the office: by which channel and address, and what they answer to each question."""

    channel: str
    address: str
    language: str
    answers: Mapping[str, str] = field(default_factory=dict)
    home: str = ""

    def answering(self, **answers: str) -> "Resident":
        """The same person, giving these answers instead."""
        return replace(self, answers={**self.answers, **answers})

    def grown_up(self) -> "Resident":
        """The one who talks, registering themselves, where they register a child."""
        if self.answers["subject"] != "child":
            return self
        mine = {name: self.answers[f"agent_{name}"] for name in ("name", "id_number")}
        return self.answering(subject="self", **mine)


@dataclass(frozen=True, slots=True)
class Place:
    """A home of the town: its area, its address, and the code of its QR code where it has one."""

    area: str
    address: str
    code: str = ""


class People:
    """Makes up people and places, one after the other."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 -- the same town each time, no secret
        self._numbers: set[str] = set()

    def some(self, weighed: Sequence[tuple[T, int]]) -> T:
        """One of them; the number behind each says how often."""
        return self._random.choices([value for value, _ in weighed], [weight for _, weight in weighed])[0]

    def place(self, area: str) -> Place:
        """A home somewhere in an area."""
        street, estate = lists.STREETS[area]
        house, floor, door = self._random.randint(1, 98), self._random.randint(1, 6), self._random.randint(1, 4)
        if self._random.choice((True, False)):
            return Place(area, f"{street}{house * 2}号{self._random.randint(1, 9)}幢{floor}0{door}室")
        return Place(area, f"{estate}{self._random.randint(1, 24)}幢{self._random.randint(1, 3)}单元{floor}0{door}室")

    def resident(self, place: Place, submitted_at: datetime, number: int) -> Resident:
        """Somebody who has come to live at that place some days before."""
        channel = self.some(CHANNELS)
        today = submitted_at.date()
        language = "en" if self._random.random() < SOME_ENGLISH else "zh"
        answers = {
            **self._needs(),
            **self._person(today),
            **self._home(place),
            **self._stay(today, late=number % LATE_EVERY == 0),
            **self._papers(),
        }
        return Resident(channel, f"demo-{number:04}", language, self._of_whom(answers, today), place.code)

    def phone(self) -> str:
        """A mobile number."""
        return self._random.choice(PREFIXES) + f"{self._random.randrange(10**8):08}"

    def name(self, sex: str) -> str:
        """A name, by the codes of GB/T 2261.1: 1 male, 2 female."""
        return self._random.choice(lists.SURNAMES) + self._random.choice(lists.MALE if sex == "1" else lists.FEMALE)

    def employer(self) -> tuple[str, str]:
        """An industry and somebody who gives work in it."""
        industry, employers = self.some([((code, names), weight) for code, names, weight in lists.WORK])
        return industry, self._random.choice(employers)

    def _needs(self) -> dict[str, str]:
        return {"consent": "agree", "hukou_kind": "elsewhere", "lodging": "ordinary", "stay_length": "longer"}

    def _person(self, today: date) -> dict[str, str]:
        youngest, oldest = self.some([((low, high), weight) for low, high, weight in AGES])
        county, town = self.some([((code, town), weight) for code, town, weight in lists.ORIGINS])
        born, sex = self._born(today, youngest, oldest), self._random.choice("112")
        found = region(county)
        place = found.names["zh"] if found else ""
        return {
            "subject": "self",
            "id_number": self._id_number(county, born, sex),
            "name": self.name(sex),
            "ethnicity": self.some(lists.ETHNICITIES),
            "hukou_address": f"{place}{town}{self._random.choice(lists.VILLAGES)}{self._random.randint(1, 180)}号",
            "phone": self.phone(),
            "education": self.some(LEARNED),
            "marital_status": "10" if today.year - born.year < MARRY_AT else "20",
            "political_status": self.some((("13", 86), ("03", 10), ("01", 4))),
        }

    def _of_whom(self, answers: dict[str, str], today: date) -> dict[str, str]:
        """Most register themselves; some a child, and are asked for their own data too."""
        if self._random.random() > SOME_CHILDREN:
            return answers
        county, sex = answers["id_number"][:6], self._random.choice("12")
        child = {
            "subject": "child",
            "agent_name": answers["name"],
            "agent_id_number": answers["id_number"],
            "agent_relation": "parent",
            "guardian_consent": "agree",
            "id_number": self._id_number(county, self._born(today, 4, 14), sex),
            "name": answers["name"][0] + self._random.choice(lists.MALE if sex == "1" else lists.FEMALE),
            "education": "80",
            "reason": "family",
        }
        return answers | child

    def _home(self, place: Place) -> dict[str, str]:
        return {
            "home": "yes",
            "area_street": place.area.partition("-")[0],
            "area": place.area,
            "address": place.address,
            "stay_kind": self.some(STAYS),
            "landlord_name": self.name(self._random.choice("12")),
            "landlord_phone": self.phone(),
        }

    def _stay(self, today: date, *, late: bool) -> dict[str, str]:
        industry, employer = self.employer()
        days = self._random.randint(9, 60) if late else self._random.randint(0, 2)
        return {
            "arrived_on": (today - timedelta(days=days)).isoformat(),
            "stay_months": self.some(MONTHS),
            "reason": self.some(WHY),
            "employer": employer,
            "industry": industry,
            "school": self._random.choice(lists.SCHOOLS),
            "social_insurance": self.some((("yes", 55), ("no", 30), ("unknown", 15))),
        }

    def _papers(self) -> dict[str, str]:
        """Most send a photo; some show them at the counter or promise them for later, which the reviewer is told."""
        plans = ((PHOTO, 65), ("counter", 25), ("later", 10))
        return {step: self.some(plans) for step in ("paper_identity", "paper_agent_identity", "paper_dwelling")}

    def _born(self, today: date, youngest: int, oldest: int) -> date:
        return today - timedelta(days=self._random.randint(youngest * 366, oldest * 365 + 300))

    def _id_number(self, county: str, born: date, sex: str) -> str:
        """GB 11643: county, birth date, an order whose last digit is odd for men, check digit."""
        while True:
            order = self._random.randrange(1, 499) * 2 + (1 if sex == "1" else 0)
            body = f"{county}{born:%Y%m%d}{order:03}"
            number = body + mod_11_2.calc_check_digit(body)
            if number not in self._numbers:
                self._numbers.add(number)
                return number
