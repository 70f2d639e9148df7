"""Twenty reviewers at once on one queue: each submission is decided once, and no step is lost."""

import threading
from collections import Counter
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import select

from handlers.office import review
from handlers.office.reviewer import Decided, Done, NotTaken, Reviewer, TakenByAnother
from storage import history, tables
from storage.database import Database, Work
from storage.errors import Busy
from storage.records import Ask, Submission
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import OFFICE, account, file

T = TypeVar("T")

REVIEWERS = 20
SUBMISSIONS = 500
HARMLESS = (Done, Decided, TakenByAnother, NotTaken)  # not taken: another's taking isn't committed yet
ENDS = {"registered", "refused", "needs_answers"}


def fill(unit: Unit) -> None:
    account(unit)
    for number in range(SUBMISSIONS):
        file(unit, f"N{number}", id_number="none")


def decide(unit: Unit, reviewer: Reviewer, found: Submission) -> object:
    """Each third is registered, refused, asked about."""
    number, version = found.number, found.version
    if found.id % 3 == 0:
        return review.approve(unit, reviewer, number, version, OFFICE, NOW)
    if found.id % 3 == 1:
        return review.refuse(unit, reviewer, number, version, Ask("twice"), OFFICE, NOW)
    return review.ask_again(unit, reviewer, number, version, {"name": Ask("unclear")}, OFFICE, NOW)


class Desk(threading.Thread):
    """A reviewer who works until nothing waits, and clicks where others work."""

    def __init__(self, database: Database, number: int) -> None:
        super().__init__()
        self.decided: list[int] = []
        self.meddled: list[object] = []
        self.failed: list[BaseException] = []
        self._database, self._me = database, Reviewer(f"staff{number}", lease=timedelta(hours=1))

    def run(self) -> None:
        try:
            while self._one():
                pass
        except BaseException as error:  # noqa: BLE001 -- told by the test
            self.failed.append(error)

    def _click(self, work: Work[T]) -> T:
        """Again while the database has too much to do: nothing was done then, as the page says."""
        while True:
            try:
                return self._database.run_now(work)
            except Busy:
                continue

    def _one(self) -> bool:
        taken = self._click(lambda unit: review.take_next(unit, self._me, NOW))
        if taken is None:
            return False
        found = taken.submission
        if found.id % 10 == 0:
            before = f"N{found.id - 5}"
            self.meddled.append(self._click(lambda unit: review.approve(unit, self._me, before, 1, OFFICE, NOW)))
        outcomes = [self._click(lambda unit: decide(unit, self._me, found)) for _ in range(2)]
        assert [isinstance(one, Done) and one.again for one in outcomes] == [False, True]
        self.decided.append(found.id)
        return True


def test_each_is_decided_once_and_nothing_is_lost(database: Database) -> None:
    database.run_now(fill)
    desks = [Desk(database, number) for number in range(REVIEWERS)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()
    assert [desk.failed for desk in desks if desk.failed] == []
    decided = Counter(number for desk in desks for number in desk.decided)
    assert len(decided) == SUBMISSIONS
    assert set(decided.values()) == {1}
    assert all(isinstance(one, HARMLESS) for desk in desks for one in desk.meddled)
    assert not any(isinstance(one, Done) and not one.again for desk in desks for one in desk.meddled)
    database.run_now(check)


def check(unit: Unit) -> None:
    """The rows say the same: three steps each, the last an end by whoever had it in review; one notice each."""
    rows = unit.execute(select(tables.submissions.c.id, tables.submissions.c.version)).all()
    assert {row.version for row in rows} == {2}
    for row in rows:
        steps = history.of(unit, row.id)
        assert [step.version for step in steps] == [0, 1, 2]
        assert steps[1].staff_id == steps[2].staff_id != ""
        assert steps[2].went_to in ENDS
    keys = unit.execute(select(tables.outbox.c.once_key)).scalars().all()
    assert len(keys) == len(set(keys)) == SUBMISSIONS
