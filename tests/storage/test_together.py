"""Turns done together: one reading and one writing for all, and none is worse off for its neighbours."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, cast

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from storage import conversations, together
from storage.database import Database, Work
from storage.errors import AlreadyAnswered
from storage.outcomes import Outcome, deliver
from storage.outcomes import done as outcome
from storage.records import Conversation
from storage.turn_queue import Turn, TurnQueue, Works
from storage.unit import FollowUp, Unit, Whose
from tests.conftest import NOW

PEOPLE: tuple[Whose, ...] = tuple(("telegram", str(number)) for number in range(10))
FRAME = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


class Refused(Exception):
    """This turn was meant to fail."""


def turn(whose: Whose, asked: str, message: str = "m1") -> Work[str]:
    """A turn like any: the talk is read, written, and the answer kept; the question that was asked before."""

    def work(unit: Unit) -> str:
        found = conversations.lock(unit, *whose) or conversations.begin(unit, *whose, "zh", NOW)
        conversations.save(unit, replace(found, asked=asked), NOW)
        conversations.record(unit, conversations.message_key(unit, *whose, message), found.id, {}, NOW)
        return found.asked

    return work


def failing(whose: Whose) -> Work[str]:
    """One that fails when all is written."""

    def work(unit: Unit) -> str:
        turn(whose, "wrong")(unit)
        raise Refused

    return work


def curious(whose: Whose) -> Work[str]:
    """One that looks further than its talk."""

    def work(unit: Unit) -> str:
        turn(whose, "further")(unit)
        return str(unit.execute(text("SELECT 'found'")).scalar_one())

    return work


def begun(database: Database, *people: Whose) -> None:
    for channel, address in people:
        database.run_now(partial(conversations.begin, channel=channel, address=address, language="zh", now=NOW))


def of(database: Database, whose: Whose) -> Conversation | None:
    return database.run_now(lambda unit: conversations.find(unit, *whose))


def done(database: Database, works: dict[Whose, Work[Any]]) -> dict[Whose, Any]:
    return database.run_now(lambda unit: together.do(unit, works))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that reach the database, by their first word."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(FRAME):
            seen.append(statement.split(maxsplit=1)[0])

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_ten_turns_take_three_statements(database: Database) -> None:
    begun(database, *PEOPLE)
    with statements(database) as seen:
        assert done(database, {whose: turn(whose, "name") for whose in PEOPLE}) == dict.fromkeys(PEOPLE, "")
    assert seen == ["SELECT", "UPDATE", "INSERT"]
    assert {found.asked for whose in PEOPLE if (found := of(database, whose))} == {"name"}


@pytest.mark.parametrize("other", [failing, curious])
def test_a_turn_that_needs_more_or_fails_is_left_apart_and_leaves_nothing(
    database: Database, other: Callable[[Whose], Work[str]]
) -> None:
    first, second, stranger = PEOPLE[:3]
    begun(database, first, second)
    works = {first: turn(first, "name"), second: other(second), stranger: turn(stranger, "name")}
    assert done(database, works) == {first: ""}
    left = of(database, second)
    assert (left and left.asked, of(database, stranger)) == ("", None)


def followed(whose: Whose, follow_up: FollowUp[Whose]) -> Work[str]:
    """One from which something follows that needs the database."""

    def work(unit: Unit) -> str:
        asked = turn(whose, "name")(unit)
        unit.follow_up(follow_up, whose)
        return asked

    return work


def test_what_follows_from_turns_is_done_once_for_all_when_they_are_written(database: Database) -> None:
    begun(database, *PEOPLE)
    seen: list[tuple[str, list[Whose]]] = []

    def follow_up(unit: Unit, people: Sequence[Whose]) -> None:
        found = conversations.find(unit, *PEOPLE[0])
        seen.append((found.asked if found else "", sorted(people)))

    assert done(database, {whose: followed(whose, follow_up) for whose in PEOPLE}) == dict.fromkeys(PEOPLE, "")
    assert seen == [("name", sorted(PEOPLE))]


async def test_where_what_follows_fails_only_the_turn_of_which_it_fails_is_undone(database: Database) -> None:
    def follow_up(unit: Unit, people: Sequence[Whose]) -> None:
        if PEOPLE[1] in people:
            raise Refused

    begun(database, *PEOPLE[:3])
    turns = [database.run(followed(whose, follow_up), whose=whose) for whose in PEOPLE[:3]]
    outcomes = await asyncio.gather(*turns, return_exceptions=True)
    assert [outcomes[0], type(outcomes[1]), outcomes[2]] == ["", Refused, ""]
    found = await asyncio.to_thread(lambda: [of(database, whose) for whose in PEOPLE[:3]])
    assert [each and each.asked for each in found] == ["name", "", "name"]


def test_a_message_answered_before_takes_all_of_them_back(database: Database) -> None:
    first, second = PEOPLE[:2]
    begun(database, first, second)
    database.run_now(turn(second, "name"))
    with pytest.raises(IntegrityError):
        done(database, {first: turn(first, "name"), second: turn(second, "sex")})
    assert [found.asked for whose in (first, second) if (found := of(database, whose))] == ["", "name"]


async def test_everybody_is_told_what_became_of_their_own_turn(database: Database) -> None:
    begun(database, *PEOPLE[:5])
    await asyncio.to_thread(database.run_now, turn(PEOPLE[4], "name"))
    works = [turn(whose, "name") for whose in PEOPLE[:2]] + [failing(PEOPLE[2]), curious(PEOPLE[3])]
    works += [turn(PEOPLE[4], "sex"), turn(PEOPLE[5], "name")]
    asked = [database.run(work, whose=whose) for whose, work in zip(PEOPLE[:6], works, strict=True)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert outcomes[:2] == ["", ""]
    assert [type(outcomes[2]), outcomes[3], type(outcomes[4]), outcomes[5]] == [Refused, "found", AlreadyAnswered, ""]
    found = await asyncio.to_thread(lambda: [of(database, whose) for whose in PEOPLE[:6]])
    assert [each and each.asked for each in found] == ["name", "name", "", "further", "name", "name"]


async def test_two_turns_of_one_account_come_one_after_the_other(database: Database) -> None:
    whose = PEOPLE[0]
    begun(database, whose)
    turns = [database.run(turn(whose, f"step {number}", f"m{number}"), whose=whose) for number in range(4)]
    assert await asyncio.gather(*turns) == ["", "step 0", "step 1", "step 2"]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_talk_that_somebody_holds_holds_up_nobody_else(database: Database) -> None:
    held, free = PEOPLE[:2]
    begun(database, held, free)
    entered, leave = threading.Event(), threading.Event()

    def hold(unit: Unit) -> None:
        conversations.lock(unit, *held)
        entered.set()
        leave.wait(10)

    holding = asyncio.ensure_future(database.run(hold))
    await asyncio.to_thread(entered.wait, 10)
    waiting = asyncio.ensure_future(database.run(turn(held, "name"), whose=held))
    assert await database.run(turn(free, "name"), whose=free) == ""
    assert not waiting.done()
    leave.set()
    await holding
    assert await waiting == ""


async def test_closing_does_the_turns_that_wait(database: Database) -> None:
    begun(database, *PEOPLE)
    turns = [asyncio.ensure_future(database.run(turn(whose, "name"), whose=whose)) for whose in PEOPLE]
    await asyncio.sleep(0)
    await asyncio.to_thread(database.close)
    assert await asyncio.gather(*turns) == [""] * len(PEOPLE)


async def test_what_an_account_says_next_waits_for_its_turn_apart_and_nobody_else_does() -> None:
    slow, quick, order = PEOPLE[0], PEOPLE[1], list[str]()
    handed: list[Turn] = []
    begun_apart = asyncio.Event()

    def together_but_slow(works: Works) -> dict[Whose, Outcome]:
        left = {whose: work for whose, work in works.items() if not (whose == slow and not handed)}
        return {whose: outcome(work(cast(Unit, None))) for whose, work in left.items()}

    def apart(turn: Turn) -> None:
        handed.append(turn)
        turn.loop.call_soon_threadsafe(begun_apart.set)

    def says(word: str) -> Work[None]:
        return lambda unit: order.append(word)

    queue = TurnQueue(together_but_slow, apart)
    first = asyncio.create_task(queue.run(says("slow 1"), slow))
    await begun_apart.wait()
    rest = [asyncio.create_task(queue.run(says(f"slow {number}"), slow)) for number in (2, 3)]
    await queue.run(says("quick"), quick)
    assert order == ["quick"]
    (held,) = handed
    held.work(cast(Unit, None))
    deliver([(held.loop, held.future, outcome(None))])
    queue.over(slow)
    await asyncio.gather(first, *rest)
    assert order == ["quick", "slow 1", "slow 2", "slow 3"]
    queue.close()
