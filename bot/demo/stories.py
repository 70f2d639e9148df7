"""What becomes of the people of the town: one story for each, step by step, weeks ago or today."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bot.demo.deciding import GONE, Deciding, deliver
from bot.demo.people import People, Resident
from bot.demo.talking import Talking
from handlers.office.reviewer import Reviewer
from storage.records import Ask
from storage.unit import Unit

Work = Callable[[Unit], object]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPENS, CLOSES = time(9, 0), time(17, 0)
SATURDAY = 5
ASKS: tuple[Mapping[str, Ask], ...] = (
    {"phone": Ask("wrong")},
    {"address": Ask("incomplete")},
    {"address": Ask("own_words", "请补充门牌号，谢谢"), "phone": Ask("please_check")},
    {"hukou_address": Ask("unclear")},
)
REASONS = ("not_here", "no_duty", "twice", "no_answer")
STOPS = ("phone", "hukou_address", "id_number", "address", "arrived_on", "paper_identity", "confirm", "employer")

# How many people have which story. Newest first: who came today or yesterday waits, the others have gone their way.
RECENT: tuple[tuple[str, int], ...] = (("received", 36), ("in_review", 5), ("open", 12), ("person", 6))
OLDER: tuple[tuple[str, int], ...] = (
    ("registered", 176), ("answered", 24), ("asked", 18), ("refused", 20), ("withdrawn", 16), ("changed", 22),
    ("moved", 18), ("left", 22), ("unreached", 12), ("change_waits", 6), ("leaving_waits", 4), ("overdue", 3),
)  # fmt: skip
LONG = frozenset({"answered", "changed", "moved", "left", "change_waits", "leaving_waits"})  # take days to tell


@dataclass(frozen=True, slots=True)
class Scene:
    """One step of a story: when, and what happens."""

    at: datetime
    work: Work


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays the stories: those who talk, those who decide, and the chance that is always the same."""

    talking: Talking
    deciding: Deciding
    reviewers: tuple[Reviewer, ...]
    people: People
    chance: Random
    zone: ZoneInfo
    now: datetime

    def reviewer(self) -> Reviewer:
        """Whoever is at the desk."""
        return self.chance.choice(self.reviewers)

    def in_office_hours(self, at: datetime) -> datetime:
        """That time, or the next at which the office is open."""
        local = at.astimezone(self.zone)
        if local.time() >= CLOSES:
            local = (local + DAY).replace(hour=OPENS.hour)
        local = local.replace(hour=max(local.hour, OPENS.hour))
        while local.weekday() >= SATURDAY:
            local = local + DAY
        return local.astimezone(at.tzinfo)

    def later(self, at: datetime, least: float = 1, most: float = 30) -> datetime:
        """Some hours on, when the office is open; never later than a moment ago."""
        reached = self.in_office_hours(at + self.chance.uniform(least, most) * HOUR)
        minutes = self.chance.uniform(0, 50)
        return min(reached + timedelta(minutes=minutes), self.now - timedelta(minutes=10 + minutes))


def of(kind: str, who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
    """The scenes of a story, in order."""
    if kind in {"open", "person"}:
        yield from _breaks_off(kind, who, at, cast)
        return
    yield Scene(at, lambda unit: cast.talking.register(unit, who, at))
    told = STORIES.get(kind)
    if told is not None:
        yield from told(who, at, cast)


def _breaks_off(kind: str, who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
    """The talk stops in the middle; some ask for a person."""
    until = cast.chance.choice(STOPS)
    who = who.grown_up().answering(reason="work") if until == "employer" else who
    yield Scene(at, lambda unit: cast.talking.break_off(unit, who, at, until))
    if kind == "person":
        asked_at = at + timedelta(minutes=9)
        yield Scene(asked_at, lambda unit: cast.talking.press(unit, who, "person", asked_at))


def _taken(who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
    """A reviewer has it open at this moment."""
    by, taken_at = cast.reviewer(), cast.now - timedelta(minutes=cast.chance.uniform(1, 8))
    yield Scene(taken_at, lambda unit: cast.deciding.look(unit, by, who, taken_at))


def _registered(who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
    by, decided_at = cast.reviewer(), cast.later(at, 1, 40)
    yield Scene(decided_at, lambda unit: cast.deciding.approve(unit, by, who, decided_at))
    yield _told(who, decided_at)


def _asked(who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
    by, asks, asked_at = cast.reviewer(), cast.chance.choice(ASKS), cast.later(at, 1, 30)
    yield Scene(asked_at, lambda unit: cast.deciding.ask(unit, by, who, asked_at, asks))
    yield _told(who, asked_at)


def _answered(who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
    """What was asked again is answered, then registered."""
    *asking, told = _asked(who, at, cast)
    again = who.answering(phone=cast.people.phone(), address=who.answers["address"].replace("室", "-1室"))
    answered_at = told.at + cast.chance.uniform(2, 40) * HOUR
    yield from (*asking, told)
    yield Scene(answered_at, lambda unit: cast.talking.command(unit, again, "answers", answered_at))
    yield from _registered(again, answered_at, cast)


def _refused(who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
    by, reason, decided_at = cast.reviewer(), cast.chance.choice(REASONS), cast.later(at, 1, 40)
    yield Scene(decided_at, lambda unit: cast.deciding.refuse(unit, by, who, decided_at, reason))
    yield _told(who, decided_at)


def _withdrawn(who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
    taken_back_at = at + timedelta(minutes=cast.chance.uniform(20, 50))
    yield Scene(taken_back_at, lambda unit: cast.talking.command(unit, who, "withdraw", taken_back_at))


def _unreached(who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
    """The decision doesn't reach them: somebody has to telephone."""
    *decided, told = _registered(who, at, cast)
    yield from decided
    yield Scene(told.at, lambda unit: deliver(unit, who, told.at, GONE[who.channel]))


def _change(answers: Callable[[Resident, Cast], Resident], *, decided: bool) -> "Story":
    """Registered, and later changed by the same person."""

    def story(who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
        *first, told = _registered(who, at, cast)
        later = answers(who, cast)
        begun_at = _sometime(told.at, cast, recent=not decided)
        yield from (*first, told)
        yield Scene(begun_at, lambda unit: cast.talking.command(unit, later, "change", begun_at))
        if decided:
            yield from _registered(later, begun_at, cast)

    return story


def _leaves(*, decided: bool) -> "Story":
    def story(who: Resident, at: datetime, cast: Cast) -> Iterator[Scene]:
        *first, told = _registered(who, at, cast)
        begun_at = _sometime(told.at, cast, recent=not decided)
        leaving = who.answering(leaving_on=begun_at.astimezone(cast.zone).date().isoformat())
        yield from (*first, told)
        yield Scene(begun_at, lambda unit: cast.talking.command(unit, leaving, "leave", begun_at))
        if decided:
            yield from _registered(leaving, begun_at, cast)

    return story


def _another_job(who: Resident, cast: Cast) -> Resident:
    industry, employer = cast.people.employer()
    if cast.chance.choice((True, False)):
        return who.answering(changed="phone", phone=cast.people.phone())
    return who.answering(changed="job", reason="work", industry=industry, employer=employer)


def _another_home(who: Resident, cast: Cast) -> Resident:
    area = cast.chance.choice([who.answers["area"], "S01-01", "S02-02", "S03-02"])
    place = cast.people.place(area)
    return who.answering(
        changed="address", home="no", area=area, area_street=area.partition("-")[0], address=place.address,
        stay_kind="rented", lodging="ordinary", stay_length="longer",
    )  # fmt: skip


def _sometime(at: datetime, cast: Cast, *, recent: bool) -> datetime:
    """Days or weeks after that; with the last hours left free for the office to decide, or among them."""
    if recent:
        return cast.now - cast.chance.uniform(2, 40) * HOUR
    return at + cast.chance.uniform(0.1, 0.8) * (cast.now - at)


def _told(who: Resident, at: datetime) -> Scene:
    heard_at = at + timedelta(minutes=2)
    return Scene(heard_at, lambda unit: deliver(unit, who, heard_at))


Story = Callable[[Resident, datetime, Cast], Iterator[Scene]]
STORIES: Mapping[str, Story] = {
    "in_review": _taken,
    "registered": _registered,
    "asked": _asked,
    "answered": _answered,
    "refused": _refused,
    "withdrawn": _withdrawn,
    "changed": _change(_another_job, decided=True),
    "moved": _change(_another_home, decided=True),
    "left": _leaves(decided=True),
    "unreached": _unreached,
    "change_waits": _change(_another_home, decided=False),
    "leaving_waits": _leaves(decided=False),
}
