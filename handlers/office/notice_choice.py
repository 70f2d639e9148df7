"""Which notice a person gets next, and why: a pure function of what is known of them and what they have read."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from regulations.notice_fit import Fit
from regulations.notices import Notice
from storage.readings import Reading

AGAIN_AFTER = timedelta(days=365)  # what was read is told again after a year
UNREAD_AFTER = timedelta(days=90)  # what was sent and not read, after three months
SAME_TOPIC = -3

Excluded = Literal["not_for_them", "read", "sent_lately", "overdue"]


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign that is on: its title, and its notices in their order."""

    id: int
    title: str
    notices: Sequence[str]
    since: date


@dataclass(frozen=True, slots=True)
class Known:
    """What decides: traits, what the person was shown, the campaigns that are for them, the office's day."""

    traits: frozenset[str]
    shown: Mapping[str, Reading]
    campaigns: Sequence[Running]
    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A notice with its points and where they come from: (trait or reason, points)."""

    notice: str
    topic: str
    points: int
    why: tuple[tuple[str, int], ...] = ()
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates, the best first, and why the others are out."""

    candidates: tuple[Candidate, ...] = ()
    excluded: Mapping[str, Excluded] = field(default_factory=dict)

    @property
    def best(self) -> Candidate | None:
        """What they get; None where nothing is left."""
        return next(iter(self.candidates), None)


def choose(known: Known, notices: Iterable[Notice], fits: Collection[Fit]) -> Choice:
    """Everything weighed: a campaign's next notice first, then what fits best and wasn't read."""
    everything = tuple(notices)
    excluded: dict[str, Excluded] = {}
    left: list[Notice] = []
    for notice in everything:
        reason = _excluded(known, notice, fits)
        if reason is None:
            left.append(notice)
        else:
            excluded[notice.name] = reason
    topic = _last_topic(known, {notice.name: notice.header.topic for notice in everything})
    ranked = sorted((_candidate(known, one, fits, topic) for one in left), key=lambda one: -one.points)
    campaigned = _of_campaigns(known, {one.name: one for one in left})
    return Choice((*campaigned, *(one for one in ranked if one.notice not in {c.notice for c in campaigned})), excluded)


def _excluded(known: Known, notice: Notice, fits: Collection[Fit]) -> Excluded | None:
    if not _is_for(known.traits, notice, fits):
        return "not_for_them"
    if notice.is_overdue(known.today):
        return "overdue"
    reading = known.shown.get(notice.name)
    if reading is None:
        return None
    if reading.read_at is not None and known.now - reading.read_at < AGAIN_AFTER:
        return "read"
    lately = reading.pushed_at is not None and known.now - reading.pushed_at < UNREAD_AFTER
    return "sent_lately" if lately else None


def _is_for(traits: frozenset[str], notice: Notice, fits: Collection[Fit]) -> bool:
    """Whether it is meant for them at all: its audience, and what is only for some."""
    audience = notice.header.audience
    if audience != "both" and audience not in traits:
        return False
    limits = [fit for fit in fits if fit.only and fit.what in (notice.name, notice.header.topic)]
    return all(fit.traits & traits for fit in limits)


def _candidate(known: Known, notice: Notice, fits: Collection[Fit], last_topic: str) -> Candidate:
    why = [
        (trait, fit.points)
        for fit in fits
        if fit.what in (notice.name, notice.header.topic)
        for trait in sorted(fit.traits & known.traits)[:1]
    ]
    if last_topic == notice.header.topic:
        why.append(("same_topic", SAME_TOPIC))
    return Candidate(notice.name, notice.header.topic, sum(points for _, points in why), tuple(why))


def _of_campaigns(known: Known, left: Mapping[str, Notice]) -> tuple[Candidate, ...]:
    """The next notice of each campaign; what they read by themselves is passed over."""
    found: list[Candidate] = []
    for running in known.campaigns:
        name = next((name for name in running.notices if name in left), None)
        if name is not None and all(one.notice != name for one in found):
            found.append(Candidate(name, left[name].header.topic, 0, (("campaign", 0),), running.title))
    return tuple(found)


def _last_topic(known: Known, topics: Mapping[str, str]) -> str:
    """The topic of what was sent last, so that weeks differ."""
    sent = [one for one in known.shown.values() if one.pushed_at is not None]
    last = max(sent, key=lambda one: (one.pushed_at or known.now, one.notice), default=None)
    return topics.get(last.notice, "") if last is not None else ""
