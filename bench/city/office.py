"""The office on the day: reviewers, publishers, and what they did, written down as they did it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from bench.city.copies import Doors
from bench.city.hours import until
from handlers.office import casework, notice_desk, review, staff
from handlers.office import homes as office_homes
from handlers.office.broadcasts import deciding
from handlers.office.broadcasts.deciding import Publisher, Wish
from handlers.office.reviewer import Done, Reviewer, Taken
from handlers.office.staff import Invited
from storage import broadcasts, homes
from storage.broadcasts import Broadcast, Content
from storage.errors import StorageError
from storage.records import Ask
from storage.staff import Member
from storage.unit import Unit

T = TypeVar("T")

BREATH = timedelta(minutes=4)
ASKS_EVERY = 7  # of so many submissions one is asked again


class NotDone(Exception):
    """The office could not do what the day's plan wants:"""

    def __init__(self, what: object) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} {what}")


@dataclass(slots=True)
class Office:
    """The staff; `acts`: how often each was to be logged. `approved`, `asked`: receipt numbers."""

    doors: Doors
    acts: Counter[str] = field(default_factory=Counter)
    approved: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)
    publishers: list[Publisher] = field(default_factory=list)
    reviewers: list[Reviewer] = field(default_factory=list)
    retries: int = 0

    async def run(self, work: Callable[[Unit], T]) -> T:
        """Work at one copy; where that one has just died, the member of the staff clicks again."""
        for _ in range(5):
            try:
                return await asyncio.shield(asyncio.ensure_future(self.doors.house.database.run(work)))
            except (StorageError, asyncio.CancelledError):
                self.retries += 1
                await asyncio.sleep(2)
        raise NotDone("no copy answers")

    async def hire(self) -> None:
        """Two reviewers and two publishers."""
        areas, now = self.doors.house.areas(), datetime.now(UTC)

        def write(unit: Unit) -> list[Member]:
            wanted = (("r1", "reviewer"), ("r2", "reviewer"), ("p1", "publisher"), ("p2", "publisher"))
            added = [
                staff.add(unit, Member(0, "", login, "林晓东", role, "", "zh"), areas, now) for login, role in wanted
            ]
            return [one.member for one in added if isinstance(one, Invited)]

        members = await self.run(write)
        self.reviewers = [Reviewer(member.code) for member in members if member.role == "reviewer"]
        self.publishers = [Publisher(member, areas) for member in members if member.role == "publisher"]

    async def confirm_homes(self) -> None:
        """Every home that waits is confirmed."""

        def write(unit: Unit) -> list[str]:
            waiting = homes.waiting(unit, None)
            for home in waiting:
                office_homes.confirm(unit, self.reviewers[0], home.code, home.version, datetime.now(UTC))
            return [home.code for home in waiting]

        confirmed = await self.run(write)
        self.acts["decided"] += len(confirmed)
        self.codes += confirmed

    async def review(self, by: Reviewer, begin: datetime, end: datetime, asks: Callable[[str], object]) -> None:
        """Take the next, look at it, approve it or ask again; `asks`: told the number of whom was asked."""
        await until(begin)
        while datetime.now(UTC) < end:
            taken = await self.run(lambda unit: review.take_next(unit, by, datetime.now(UTC)))
            if taken is None:
                await asyncio.sleep(BREATH.total_seconds())
                continue
            await self._decide(by, taken, asks)

    async def _decide(self, by: Reviewer, taken: Taken, asks: Callable[[str], object]) -> None:
        number, version = taken.submission.number, taken.submission.version
        await self.run(lambda unit: casework.look(unit, by, number, datetime.now(UTC)))
        self.acts["looked"] += 1
        await asyncio.sleep(20)
        asking = number not in self.asked and len(self.approved | self.asked) % ASKS_EVERY == ASKS_EVERY - 1
        office = self.doors.house.chat.office
        now = datetime.now(UTC)
        step: Any = partial(review.approve, office=office, now=now)
        if asking:
            step = partial(review.ask_again, asks={"employer": Ask("unclear")}, office=office, now=now)
        outcome = await self.run(lambda unit: casework.decide(unit, step, by, number, version, now))
        if not isinstance(outcome, Done):
            raise NotDone(type(outcome).__name__)
        self.acts["decided"] += 1
        (self.asked if asking else self.approved).add(number)
        if asking:
            asks(number)

    async def weekly(self, cron: str) -> None:
        """Notices of the law go out weekly."""
        code = self.publishers[0].member.code
        now = datetime.now(UTC)
        if await self.run(lambda unit: notice_desk.set_rhythm(unit, cron, 0, code, now, is_on=True)) is not True:
            raise NotDone("the rhythm")

    async def broadcast(self, content: Content, *, urgent: bool = False) -> int:
        """Written by one, approved by another, begun."""
        author, other = self.publishers

        def write(unit: Unit) -> int:
            now = datetime.now(UTC)
            draft = deciding.begin(unit, author, content, now)
            deciding.edit(unit, author, draft.id, draft.version, replace(draft, urgent=urgent), now)
            kept = _kept(unit, draft.id)
            deciding.tested(unit, author, kept.id, kept.version, now)
            return kept.id

        number = await self.run(write)
        for by, act in ((author, "propose"), (other, "approve"), (author, "start")):
            await self.act(by, number, act)
        return number

    async def act(self, by: Publisher, number: int, act: str) -> None:
        """An act on a broadcast as it stands."""
        now = datetime.now(UTC)
        wish, retries = partial(Wish, act), self.retries
        done = await self.run(lambda u: deciding.act(u, by, number, wish(_kept(u, number).version), now))
        if done != "done" and not (done == "moved_on" and self.retries > retries):
            raise NotDone(f"{act}: {done}")
        self.acts[f"cast_{act}"] += 1

    async def state(self, number: int) -> str:
        """How a broadcast stands."""
        return (await self.run(lambda unit: _kept(unit, number))).state


def _kept(unit: Unit, number: int) -> Broadcast:
    found = broadcasts.get(unit, number)
    if found is None:
        raise NotDone(number)
    return found
