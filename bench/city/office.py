"""The office on the day: reviewers and publishers at the console, and what they did, written down as they did it."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from bench.city.clerk import Clerk, Ledger, NotDone, Unsure, form
from bench.city.copies import Doors
from bench.city.hours import until
from handlers.office import staff
from handlers.office.staff import Invited
from storage.broadcasts import Content
from storage.errors import StorageError
from storage.staff import Member
from storage.unit import Unit

T = TypeVar("T")

READS = 20.0  # seconds before a decision
ASKS_EVERY = 7  # of so many submissions one is asked again
QUEUE, HOMES, CASTS, NOTICES = "/console/queue", "/console/homes", "/console/broadcasts", "/console/notices"
STAFF = (("r1", "reviewer"), ("r2", "reviewer"), ("p1", "publisher"), ("p2", "publisher"))
HOME = re.compile(rf'href="{HOMES}/([^"?/]+)"')
CHAT_CODE = re.compile(r'<p class="chat-code"><code>([^<]+)</code>')


@dataclass(slots=True)
class Office:
    """The staff. `approved`, `asked`: receipt numbers; `origin`: where their browsers are.

    breath: seconds between two looks at an empty queue.
    """

    doors: Doors
    origin: str
    breath: float = 240.0
    ledger: Ledger = field(default_factory=Ledger)
    approved: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)
    publishers: list[Clerk] = field(default_factory=list)
    reviewers: list[Clerk] = field(default_factory=list)

    async def run(self, work: Callable[[Unit], T]) -> T:
        """What the operator does at a copy's machine; where that one has just died, once more."""
        for _ in range(5):
            try:
                return await asyncio.shield(asyncio.ensure_future(self.doors.house.database.run(work)))
            except (StorageError, asyncio.CancelledError):
                await asyncio.sleep(2)
        raise NotDone("no copy answers")

    async def hire(self) -> None:
        """Two reviewers and two publishers: invited by the operator, they set themselves up."""
        areas, now = self.doors.house.areas(), datetime.now(UTC)

        def write(unit: Unit) -> list[Invited]:
            added = [
                staff.add(unit, Member(0, "", login, "林晓东", role, "", "zh"), areas, now) for login, role in STAFF
            ]
            return [one for one in added if isinstance(one, Invited)]

        for one in await self.run(write):
            clerk = Clerk.at(self.doors, self.origin, one.member.login, one.member.code, self.ledger)
            await clerk.set_up(one.token)
            (self.reviewers if one.member.role == "reviewer" else self.publishers).append(clerk)

    async def link_chats(self, say: Callable[[int, str], Any]) -> None:
        """Each publisher links a chat of their own, so that they can look at a broadcast first."""
        for number, clerk in enumerate(self.publishers):
            page = await clerk.see("/console/account")
            found = CHAT_CODE.search((await clerk.answer(page, "/console/account/chat-code")).text)
            if found is None:
                raise NotDone("a code for the chat")
            await say(number, found[1])

    async def confirm_homes(self) -> None:
        """Every home that waits is confirmed."""
        clerk = self.reviewers[0]
        for code in HOME.findall(await clerk.see(HOMES)):
            page = await clerk.see(f"{HOMES}/{code}", "looked")
            if form(page, f"{HOMES}/{code}/confirm") is not None:
                await clerk.send(page, f"{HOMES}/{code}/confirm")
                self.ledger.acts["decided"] += 1
                self.codes.append(code)

    async def review(self, by: Clerk, begin: datetime, end: datetime, asks: Callable[[str], object]) -> None:
        """Take the next, look at it, approve it or ask again; `asks`: told the number of whom was asked."""
        await until(begin)
        while datetime.now(UTC) < end:
            try:
                where = await by.send(await by.see(QUEUE), f"{QUEUE}/next")
            except Unsure:
                continue
            while "all_done" not in where and where.startswith(f"{QUEUE}/"):
                where = await self._decide(by, where.partition("?")[0], asks)
            await asyncio.sleep(self.breath)

    async def _decide(self, by: Clerk, path: str, asks: Callable[[str], object]) -> str:
        number = path.removeprefix(f"{QUEUE}/")
        page = await by.see(path, "looked")
        await asyncio.sleep(READS)
        asking = number not in self.asked and len(self.approved | self.asked) % ASKS_EVERY == ASKS_EVERY - 1
        act, fields = ("ask", {"reason.employer": "unclear"}) if asking else ("approve", {})
        try:
            where = await by.send(page, f"{path}/{act}", **fields)
        except Unsure:
            if form(await by.see(path, "looked"), f"{path}/{act}") is not None:
                return path
            where = QUEUE
        self.ledger.acts["decided"] += 1
        (self.asked if asking else self.approved).add(number)
        if asking:
            asks(number)
        return where

    async def weekly(self, cron: str) -> None:
        """Notices of the law go out weekly."""
        by = self.publishers[0]
        await by.send(await by.see(NOTICES), f"{NOTICES}/rhythm", cron=cron, on="yes", do="save")

    async def broadcast(self, content: Content, *, urgent: bool = False) -> int:
        """Written by one, looked at in their own chat, approved by another, begun."""
        author, other = self.publishers
        path = (await author.send(await author.see(CASTS), CASTS)).removesuffix("/edit")
        words = {f"text.{language}": said for language, said in content.texts.items()}
        fields = {"title": content.title, "why": content.why, **words, **({"urgent": "yes"} if urgent else {})}
        await author.hand_in(f"{path}/edit", "", b"", fields)
        await author.send(await author.see(path), f"{path}/test")
        number = int(path.removeprefix(f"{CASTS}/"))
        for by, act in ((author, "propose"), (other, "approve"), (author, "start")):
            await self.act(by, number, act)
        return number

    async def act(self, by: Clerk, number: int, act: str) -> None:
        """An act on a broadcast as it stands."""
        path = f"{CASTS}/{number}"
        page = await by.see(path)
        if f'name="act" value="{act}"' not in page:
            raise NotDone(act)
        await by.send(page, f"{path}/act", act=act)
        self.ledger.acts[f"cast_{act}"] += 1
