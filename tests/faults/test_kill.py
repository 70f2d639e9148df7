"""kill -9 while many talk at once: no acknowledged answer is lost, nobody is registered twice."""

import os
import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from storage import submissions
from storage.database import open_database
from storage.records import Submission
from storage.secrets import Keyring, Vault
from storage.unit import Unit
from tests import house as houses
from tests.handlers.answers.telling import id_number
from tests.program import Page, Program
from tests.talks.typed import TALK, typed
from tests.warm_program import WarmProgram

FULL = os.environ.get("ANJU_FAULTS") == "full"
KILLS = {"sqlite": 500, "postgresql": 500} if FULL else {"sqlite": 36, "postgresql": 20}
AT_ONCE = 8
LONGEST_WAIT = 0.06  # seconds from sending messages to the kill: a few rounds of them, once all is connected


@dataclass(slots=True)
class Person:
    """Somebody who goes on until every line is acknowledged."""

    page: Page
    number: int
    said: int = 0
    acknowledged: dict[str, object] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, str]:
        return {
            "id_number": id_number("341225", f"{1970 + self.number % 30}0307", f"{100 + self.number}"),
            "name": "李" + "伟芳军敏静磊洋艳"[self.number % 8],
            "phone": f"138123{45670 + self.number}",
        }

    @property
    def is_done(self) -> bool:
        return self.said == len(TALK)

    def say_next(self) -> None:
        """Send the next line; it counts only when it was acknowledged."""
        message_id = f"m{self.said}"
        answered = self.page.say(message_id, typed(**self.facts)[self.said])
        self.acknowledged[message_id] = answered["messages"]
        self.said += 1


class CutOff(Exception):
    """The program went away while people talked; of so many it had the message."""

    def __init__(self, in_flight: int) -> None:
        super().__init__(in_flight)
        self.in_flight = in_flight


def talk_on(pool: Executor, people: Sequence[Person]) -> bool:
    """Everybody says their next line, all at once; whether somebody still has one. CutOff where it went away."""
    turns = [pool.submit(person.say_next) for person in people if not person.is_done]
    faults = [fault for turn in turns if (fault := turn.exception()) is not None]
    for fault in faults:
        if not isinstance(fault, httpx.TransportError):
            raise fault
    if faults:
        raise CutOff(sum(not isinstance(fault, httpx.ConnectError) for fault in faults))
    return not all(person.is_done for person in people)


def talk_until_killed(pool: Executor, program: Program, people: Sequence[Person], after: float) -> int | None:
    """Talk on, then while a timer runs that kills the program; how many turns it met, None if all was said before."""
    talk_on(pool, people)
    timer = threading.Timer(after, program.kill)
    timer.start()
    try:
        while talk_on(pool, people):
            pass
    except CutOff as cut:
        return cut.in_flight
    finally:
        timer.join()
    return None


def talk_through(program: Program, kills: int, chance: random.Random) -> tuple[list[Person], list[int]]:
    """People come, say everything and go while the program is killed and started again.

    All who came, and how many turns each kill met.
    """
    everybody: list[Person] = []
    met: list[int] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while len(met) < kills:
            people = [Person(Page(program), len(everybody) + number) for number in range(AT_ONCE)]
            everybody += people
            for person in people:
                person.page.open()
            while len(met) < kills and not all(person.is_done for person in people):
                turns = talk_until_killed(pool, program, people, chance.uniform(0, LONGEST_WAIT))
                met += [] if turns is None else [turns]
                program.start()
            while talk_on(pool, people):
                pass
            for person in people:
                again = [person.page.say(message_id)["messages"] for message_id in person.acknowledged]
                assert again == list(person.acknowledged.values())
                person.page.close()
    return everybody, met


@contextmanager
def running(folder: Path, url: str) -> Iterator[Program]:
    program = WarmProgram(folder, url)
    try:
        yield program
    finally:
        program.kill()


def sent(url: str) -> list[Submission]:
    database = open_database(url, Vault(Keyring.parse(houses.KEYS)))

    def every(unit: Unit) -> list[Submission]:
        numbers = unit.connection.exec_driver_sql("SELECT number FROM submissions").scalars().all()
        found = [submissions.by_number(unit, number) for number in numbers]
        return [submission for submission in found if submission is not None]

    try:
        return database.run_now(every)
    finally:
        database.close()


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_killed_at_random_moments_nothing_acknowledged_is_lost(database_url: str, tmp_path: Path) -> None:
    chance = random.Random(20261124)  # noqa: S311 -- moments, not secrets
    kills = KILLS[database_url.partition(":")[0]]
    with running(tmp_path, database_url) as program:
        program.start()
        people, met = talk_through(program, kills, chance)
    assert max(met) > 1, "no kill met several turns at once"
    kept = sent(database_url)
    assert len(kept) == len(people)
    told = {submission.answers["id_number"].value: submission.answers for submission in kept}
    for person in people:
        answers = told[person.facts["id_number"]]
        assert answers["name"].value == person.facts["name"]
        assert answers["phone"].value == f"+86{person.facts['phone']}"
