"""The town as a whole: forty homes, four hundred people over twelve weeks, an office that works through it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import TypeVar

from bot.demo import crew, stories
from bot.demo.announcing import Announcing
from bot.demo.deciding import Deciding
from bot.demo.letting import REPORT_EVERY, VISIT_EVERY, Letting
from bot.demo.people import People, Place, Resident
from bot.demo.permitting import Permitting
from bot.demo.stories import DAY, HOUR, LONG, OLDER, RECENT, Cast, Scene, Work
from bot.demo.talking import Stuck, Talking
from bot.demo.teaching import Teaching
from bot.house import House
from handlers.office import homes
from handlers.office.broadcasts.deciding import Publisher
from handlers.office.reviewer import Reviewer
from handlers.office.rights import below
from storage import homes as kept
from storage.records import Home
from storage.staff import Member
from storage.unit import Unit

T = TypeVar("T")

HOMES = 40
LET, UNCONFIRMED = 26, 3  # homes that a landlord answers for, and others that nobody has looked at yet
WEEKS = 12
AT_ONCE = 50  # scenes in one transaction
IN_HOMES = 0.4  # of the people live in a home with a QR code
SETTLED = 25 * DAY  # who is registered so long has had what the office told them
LEARNERS = 40
AWAKE = range(7, 22)
QUICK_FROM, LONG_FROM = 2 * DAY, 11 * DAY  # so long ago at least, so that a story has had its time

Progress = Callable[[int, int], object]


class Town:
    """Makes everything happen, in the order in which it would have happened."""

    def __init__(self, house: House, seed: int, now: datetime) -> None:
        self._house, self._now = house, now
        self._opened_at = now - timedelta(weeks=WEEKS, days=3)
        self._people, self._chance = People(seed), Random(seed)  # noqa: S311 -- the same town each time, no secret
        self._standing: list[Resident] = []
        self._areas = tuple(area.code for area in house.areas() if area.parent)

    async def fill(self, told: Progress) -> None:
        """Write it all down; `told` hears how many scenes of how many are."""
        hashed = crew.password_hash()
        members = await self._run(lambda unit: crew.hire(unit, self._house.areas(), hashed, self._opened_at))
        reviewers = tuple(Reviewer(member.code) for member in members if member.role == "reviewer")
        cast = self._cast(reviewers)
        letting = Letting(cast.talking, self._house.chat.office, self._people, self._chance)
        let = await self._run(partial(self._let, letting=letting, by=reviewers[0]))
        places = (*let, *await self._run(self._build))
        scenes = self._scenes(places, cast)
        for begin in range(0, len(scenes), AT_ONCE):
            some = scenes[begin : begin + AT_ONCE]
            await self._run(partial(_play, scenes=[scene.work for scene in some]))
            told(begin + len(some), len(scenes))
        collectors = tuple(Reviewer(one.code, below(one.area, self._house.areas())) for one in members if one.area)
        for place in let:
            await self._run(partial(self._answer, place=place, letting=letting))
        for place in let[::REPORT_EVERY]:
            await self._run(partial(self._report, place=place, letting=letting))
        for place in [one for one in let if collectors[0].areas and one.area in collectors[0].areas][::VISIT_EVERY]:
            await self._run(partial(self._visit, place=place, letting=letting, by=collectors[0]))
        await self._run(partial(self._ask, letting=letting))
        await self._hold(cast)
        await self._teach(cast, members)
        await self._announce(cast, members)

    async def _hold(self, cast: Cast) -> None:
        """Permits, of some who are registered."""
        office, by = self._house.chat.office, cast.reviewers[0]
        permitting = Permitting(cast.talking, cast.deciding, office, by, self._chance, cast.zone, self._now)
        await self._play(list(permitting.stories(self._standing)))
        await self._run(permitting.lapse)

    async def _teach(self, cast: Cast, members: Sequence[Member]) -> None:
        """Notices about the law, of some others."""
        office, by = self._house.chat.office, _publishers(members)[0].code
        teaching = Teaching(cast.talking, office, by, self._chance, cast.zone, self._now)
        await self._play(list(teaching.stories(self._standing[-LEARNERS:])))

    async def _announce(self, cast: Cast, members: Sequence[Member]) -> None:
        """Broadcasts, and what those say who got one."""
        author, other = (Publisher(one, self._house.areas()) for one in _publishers(members)[:2])
        announcing = Announcing(self._house, cast.talking, author, other, self._chance, self._now)
        await announcing.fill(self._standing)

    async def _play(self, works: Sequence[Work]) -> None:
        for begin in range(0, len(works), AT_ONCE):
            await self._run(partial(_play, scenes=works[begin : begin + AT_ONCE]))

    def _let(self, unit: Unit, letting: Letting, by: Reviewer) -> tuple[Place, ...]:
        """Landlords register their homes, and the office confirms them."""
        return tuple(self._one_let(unit, letting, by, number) for number in range(LET))

    def _one_let(self, unit: Unit, letting: Letting, by: Reviewer, number: int) -> Place:
        place = self._people.place(self._areas[number % len(self._areas)])
        home = letting.register(unit, place, number, self._opened_at)
        letting.confirm(unit, home, by, self._opened_at + HOUR)
        return Place(home.area, home.address, home.code)

    def _answer(self, unit: Unit, place: Place, letting: Letting) -> None:
        """What a landlord said of those who came."""
        letting.answer(unit, _home(unit, place), self._now)

    def _report(self, unit: Unit, place: Place, letting: Letting) -> None:
        letting.report(unit, _home(unit, place), self._now)

    def _visit(self, unit: Unit, place: Place, letting: Letting, by: Reviewer) -> None:
        letting.visit(unit, _home(unit, place), by, self._now)

    def _ask(self, unit: Unit, letting: Letting) -> None:
        """Homes that were registered lately; nobody has looked at them yet."""
        for number in range(LET, LET + UNCONFIRMED):
            place = self._people.place(self._areas[number % len(self._areas)])
            letting.register(unit, place, number, self._now - self._chance.uniform(0.1, 2) * DAY)

    def _cast(self, reviewers: tuple[Reviewer, ...]) -> Cast:
        office, zone = self._house.chat.office, self._house.settings.zone
        return Cast(Talking(office), Deciding(office), reviewers, self._people, self._chance, zone, self._now)

    def _build(self, unit: Unit) -> tuple[Place, ...]:
        """The homes that the office itself gave a QR code."""
        planned = [self._people.place(self._areas[number % len(self._areas)]) for number in range(HOMES - LET)]
        return tuple(
            Place(home.area, home.address, homes.register(unit, home.area, home.address, self._opened_at))
            for home in planned
        )

    def _scenes(self, places: Sequence[Place], cast: Cast) -> list[Scene]:
        """Every story's scenes, by time."""
        scenes: list[Scene] = []
        for number, kind in enumerate(_deck(RECENT) + _deck(OLDER)):
            at = self._came_at(kind)
            who = self._people.resident(self._lives(places), at.astimezone(cast.zone), number)
            scenes += stories.of(kind, who, at, cast)
            if kind == "registered" and at < self._now - SETTLED and who.answers["subject"] == "self":
                self._standing.append(who)
        return sorted(scenes, key=lambda scene: scene.at)

    def _lives(self, places: Sequence[Place]) -> Place:
        """In one of the homes, or somewhere else in town."""
        if self._chance.random() < IN_HOMES:
            return self._chance.choice(places)
        return self._people.place(self._chance.choice(self._areas))

    def _came_at(self, kind: str) -> datetime:
        """When somebody wrote first: while people are awake, and more of them lately."""
        while True:
            at = self._now - self._ago(kind)
            if at.astimezone(self._house.settings.zone).hour in AWAKE:
                return at

    def _ago(self, kind: str) -> timedelta:
        if kind in dict(RECENT):
            return self._chance.uniform(0.4, 46) * HOUR
        if kind == "overdue":
            return self._chance.uniform(6, 15) * DAY
        least = LONG_FROM if kind in LONG else QUICK_FROM
        return self._chance.triangular(least / DAY, WEEKS * 7, least / DAY) * DAY

    async def _run(self, work: Callable[[Unit], T]) -> T:
        return await self._house.database.run(work, "batch")


def _play(unit: Unit, scenes: Sequence[Work]) -> None:
    for work in scenes:
        work(unit)


def _home(unit: Unit, place: Place) -> Home:
    home = kept.get(unit, place.code)
    if home is None:
        raise Stuck("home")
    return home


def _publishers(members: Sequence[Member]) -> Sequence[Member]:
    return [one for one in members if one.role == "publisher"]


def _deck(kinds: Sequence[tuple[str, int]]) -> list[str]:
    """Each kind as often as it says."""
    return [kind for kind, number in kinds for _ in range(number)]
