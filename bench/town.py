"""A simulated town: three years of people who register, rent, have permits and are late; is anybody not reminded?

`python -m bench.town [--people 2000] [--days 1096] [--seed 1] [--postgres]`. Deeds and days come from a seed; two
copies of the program plan and tell at once, one of them dies in the middle now and then, and the program stands still
for 48 hours. At the end every reminder must have one end, and none may be missing or too many against a recount that is
written anew (`bench/town_recount.py`).
"""

import argparse
import asyncio
import heapq
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select, update

from bench.town_life import Person
from bench.town_people import Deed, Life, Town, noon
from bench.town_recount import DAY, NINE, ZONE, Log
from bot import logs
from bot.reminding import Reminder
from storage import conversations, reminder_ends, reminders, tables
from storage.database import Database, open_database
from storage.secrets import Keyring, Vault
from storage.unit import Unit
from tests import house as houses
from tests import postgres
from tests.handlers.filed import OFFICE
from tests.housed import let

FIRST = date(2023, 1, 1)  # so that all that comes due lies in years whose holidays are known
STOPS = timedelta(hours=48)
DIES, CHANGES_PLACES = 0.02, 0.1
BLOCKED, UNHEARD = 0.03, 0.07
LANDLORDS = 40


class Died(Exception):
    """One copy of the program has died in the middle of its work."""


@dataclass(slots=True)
class Simulation:
    """The town's calendar: what is to be done on which day, by whom, and the copies that remind."""

    town: Town
    database: Database
    copies: tuple[Reminder, ...]
    people: list[Person]
    today: date = FIRST
    diary: list[tuple[date, int, Life, Deed]] = field(default_factory=list)
    number: int = 0

    @property
    def morning(self) -> datetime:
        """Half a minute past the hour of reminders."""
        return datetime.combine(self.today, NINE, ZONE) + timedelta(seconds=30)

    async def run(self, days: int) -> None:
        """Day after day: the copies remind at nine, the outbox empties, at noon people do things."""
        stop = FIRST + timedelta(days=days // 2)
        for person in self.people:
            self._enter(FIRST + timedelta(days=self.town.between(0, days // 3)), person.live())
        for _ in range(days):
            if not stop <= self.today < stop + STOPS:
                await self._remind()
                self.database.run_now(self._send)
                self.database.run_now(self._live)
            self.today += DAY

    def _enter(self, on: date, life: Life) -> None:
        """When the next thing in a life happens."""
        step = next(life, None)
        if step is not None:
            self.number += 1
            heapq.heappush(self.diary, (on + step[0] * DAY, self.number, life, step[1]))

    def _live(self, unit: Unit) -> None:
        at = noon(self.today)
        for person in self.people:
            if person.permit:
                person.suspend_if_late(unit, at)
        while self.diary and self.diary[0][0] <= self.today:
            _, _, life, deed = heapq.heappop(self.diary)
            deed(unit, at)
            self._enter(self.today, life)

    async def _remind(self) -> None:
        """Both copies at once; where one dies the other goes on, and the lease changes places now and then."""
        died = True
        while died:
            if self.town.happens(CHANGES_PLACES):
                await asyncio.gather(*(copy.give_back() for copy in self.copies))
            outcomes = await asyncio.gather(*(copy.tick() for copy in self.copies), return_exceptions=True)
            faults = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
            died = bool(faults)
            for fault in faults:
                if not isinstance(fault, Died):
                    raise fault

    def _send(self, unit: Unit) -> None:
        """The outbox: most is sent, some fails, some waits until it is too late."""
        c = tables.outbox.c
        waiting = select(c.id, c.not_after).where(c.state == "waiting")
        for row in unit.execute(waiting).all():
            chance = self.town.chance.random()
            end = ("failed", "blocked") if chance < BLOCKED else ("sent", "")
            if row.not_after is not None and row.not_after <= self.morning:
                end = ("expired", "too late")
            elif chance > 1 - UNHEARD:
                continue
            ended = {"state": end[0], "reason": end[1], "ended_at": self.morning}
            unit.execute(update(tables.outbox).where(c.id == row.id).values(ended))

    def close(self, unit: Unit) -> None:
        """The books are closed: what waits is sent, what is planned for later is cancelled."""
        c = tables.outbox.c
        ended = {"state": "sent", "reason": "", "ended_at": self.morning}
        unit.execute(update(tables.outbox).where(c.state == "waiting").values(ended))
        while reminder_ends.settle(unit, self.morning):
            pass
        later = reminders.due_until(unit, self.morning + timedelta(days=2_000), 1_000_000)
        reminders.end(
            unit, [one.id for one in later if one.remind_on >= self.today], "cancelled", "books closed", self.morning
        )


class Mortal(Reminder):
    """A copy that dies now and then, before it commits."""

    chance: random.Random = random.Random(7)  # noqa: S311 -- a simulation

    def _leased(self, work: Callable[[Unit, datetime], Any]) -> Callable[[Unit], Any]:
        leased = super()._leased(work)

        def run(unit: Unit) -> Any:
            done = leased(unit)
            if self.chance.random() < DIES / 10:
                raise Died
            return done

        return run


def check(unit: Unit, log: Log, until: datetime) -> list[str]:
    """What is wrong; nothing, if all went well."""
    rows = unit.execute(select(tables.reminders)).all()
    due = {
        (row.entry, row.subject, row.remind_on)
        for row in rows
        if row.origin == "plan"
        and (row.tells or row.state in {"untold", "skipped"} or row.reason == "a later one came")
    }
    expected = log.expected(until)
    c = tables.reminders.c
    without_end = [row.id for row in rows if row.state not in reminders.ENDS or not row.reason or row.ended_at is None]
    o = tables.outbox.c
    told = select(o.conversation_id, o.created_at).where(o.kind == "reminder", o.state != "suppressed")
    days = Counter((row.conversation_id, row.created_at.astimezone(ZONE).date()) for row in unit.execute(told))
    doubled = unit.execute(
        select(c.entry, c.subject, c.message_key).where(c.state == "told").group_by(c.message_key, c.entry, c.subject)
        .having(func.count() > 1)
    ).all()  # fmt: skip
    return [
        *(f"missing: {one}" for one in sorted(expected - due)),
        *(f"too many: {one}" for one in sorted(due - expected)),
        *(f"without an end: {one}" for one in without_end),
        *(f"two messages to one person in a day: {one}" for one, number in days.items() if number > 1),
        *(f"one thing twice in a message: {tuple(one)}" for one in doubled),
    ]


async def simulate(url: str, people: int, days: int, seed: int) -> None:
    """Live through the years, and print what came of it."""
    logs.configure(as_json=True, level=40)
    houses.migrate(url)
    database = open_database(url, Vault(Keyring.parse(houses.KEYS)))
    _forgetful(database)
    town = Town(OFFICE, Log(), random.Random(seed))  # noqa: S311 -- a simulation
    database.run_now(lambda unit: _settle(unit, town))
    copies = tuple(Mortal(database, OFFICE, name=f"copy {number}") for number in range(2))
    simulation = Simulation(town, database, copies, [Person(town, number) for number in range(1, people + 1)])
    for copy in copies:
        copy.clock = lambda unit: simulation.morning
    begun = time.perf_counter()
    await simulation.run(days)
    database.run_now(simulation.close)
    taken = time.perf_counter() - begun
    until = datetime.combine(simulation.today, NINE, ZONE) - timedelta(hours=1)
    wrong = database.run_now(lambda unit: check(unit, town.log, until))
    states = database.run_now(lambda unit: Counter(unit.execute(select(tables.reminders.c.state)).scalars()))
    print(f"{people} people, {days} days: {taken:.1f} s, {sum(states.values())} reminders: {dict(states)}")  # noqa: T201
    print("\n".join(wrong[:40]) or "every reminder has one end, none is missing and none too many")  # noqa: T201
    database.close()
    if wrong:
        raise SystemExit(1)


def _forgetful(database: Database) -> None:
    """No commit waits for the disk: nobody needs the town once the power is gone, and a disk isn't measured here."""
    word = "PRAGMA synchronous=OFF" if database.engine.dialect.name == "sqlite" else "SET synchronous_commit = off"

    def forget(connection: Any, record: Any) -> None:
        connection.execute(word).close()

    event.listen(database.engine, "connect", forget)


def _settle(unit: Unit, town: Town) -> None:
    """Landlords with an account and a home each."""
    for number in range(LANDLORDS):
        holder = f"{number:031x}f"
        begun = conversations.begin(unit, "telegram", f"landlord{number}", "zh", datetime.now(UTC))
        conversations.save(unit, replace(begun, holder_id=holder), datetime.now(UTC))
        town.homes.append(let(unit, holder=holder))


def main() -> None:
    """Read the arguments and begin."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=1_096)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    told = parser.parse_args()
    if told.postgres:
        with postgres.durable_server() as server, postgres.fresh_database(server) as url:
            asyncio.run(simulate(url, told.people, told.days, told.seed))
        return
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'town.db'}"
        asyncio.run(simulate(url, told.people, told.days, told.seed))


if __name__ == "__main__":
    main()
