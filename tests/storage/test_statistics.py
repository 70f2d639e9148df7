"""What the charts are counted from: the same numbers from SQLite and PostgreSQL."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from storage import statistics, tables
from storage.database import Database
from storage.statistics import Spread, Wanted
from storage.unit import Unit
from tests.console.counted import one, year

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WANTED = Wanted(NOW - timedelta(weeks=12), NOW + timedelta(days=1))


def test_each_submission_is_counted_once_in_every_chart(database: Database) -> None:
    database.run_now(lambda unit: year(unit, NOW, 70))
    mondays = [WANTED.begins_at + timedelta(weeks=week) for week in range(13)]

    def count(unit: Unit) -> dict[str, int]:
        found: dict[str, Mapping[Any, int]] = {
            "weeks": statistics.weeks(unit, WANTED, mondays),
            "area": statistics.by_area(unit, WANTED),
            "channel": statistics.by_channel(unit, WANTED),
            "education": statistics.by_education(unit, WANTED),
            "origin": statistics.by_origin(unit, WANTED),
            "birth year": statistics.by_birth_year(unit, WANTED),
        }
        return {name: sum(numbers.values()) for name, numbers in found.items()}

    assert set(database.run_now(count).values()) == {70}
    assert database.run_now(lambda unit: statistics.by_origin(unit, WANTED)) == {
        "34": 24, "41": 12, "36": 12, "52": 11, "33": 11,
    }  # fmt: skip


def test_only_the_period_and_the_areas_that_were_asked_for(database: Database) -> None:
    for number, day in enumerate((0, 1, 7, 8, 100)):
        database.run_now(lambda unit, n=number, d=day: one(unit, n, NOW - timedelta(days=d)))  # type: ignore[misc]
    week = Wanted(NOW - timedelta(days=7), NOW, ("S01-01",))
    mondays = [NOW - timedelta(days=7), NOW - timedelta(days=1)]
    assert database.run_now(lambda unit: statistics.by_area(unit, week)) == {"S01-01": 1}
    assert database.run_now(lambda unit: statistics.weeks(unit, week, mondays)) == {(1, "received"): 1}


@pytest.mark.parametrize(
    ("hours", "quartiles"),
    [([3], (3, 3, 3)), ([1, 2, 3, 4], (1, 2, 3)), ([5, 4, 3, 2, 1], (2, 3, 4)), ([9, 1], (1, 1, 9))],
)
def test_the_quartiles_are_times_that_really_were(
    database: Database, hours: list[int], quartiles: tuple[int, int, int]
) -> None:
    row = tables.submissions.c
    for number, took in enumerate(hours):
        decided = {"decided_at": NOW + timedelta(hours=took)}
        database.run_now(lambda unit, n=number: one(unit, n, NOW))  # type: ignore[misc]
        named = row.number == f"AJ{number:06}"
        database.run_now(
            lambda unit, n=named, d=decided: unit.execute(update(tables.submissions).where(n).values(d))  # type: ignore[misc]
        )
    first, median, third = (hour * 3600 for hour in quartiles)
    found = database.run_now(lambda unit: statistics.times(unit, WANTED))
    assert found == (Spread("registration", len(hours), first, median, third),)


def test_talks_count_at_the_question_they_stand_at_and_messages_by_their_end(database: Database) -> None:
    database.run_now(lambda unit: year(unit, NOW, 42))
    stopped = database.run_now(lambda unit: statistics.stopped(unit, "migrant", WANTED))
    assert stopped == {"id_number": 4, "phone": 2, "address": 2, "paper_identity": 2, "consent": 2, "confirm": 2}
    assert database.run_now(lambda unit: statistics.stopped(unit, "leave", WANTED)) == {}
    ended = database.run_now(lambda unit: statistics.deliveries(unit, WANTED))
    assert sum(ended.values()) == 14
    assert sum(number for (_, _, state), number in ended.items() if state == "sent") == 8
    nowhere = Wanted(WANTED.begins_at, WANTED.ends_at, ("S09",))
    assert database.run_now(lambda unit: statistics.deliveries(unit, nowhere)) == {}


def test_submissions_are_counted_without_looking_at_their_rows(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by the table's size")
    counted = (
        "EXPLAIN QUERY PLAN SELECT area, count(*) FROM submissions WHERE submitted_at >= '2026-01-01' AND "
        "submitted_at < '2027-01-01' AND kind = 'registration' GROUP BY area"
    )
    plan = database.run_now(lambda unit: unit.connection.execute(text(counted)).all())
    assert "COVERING INDEX ix_submissions_statistics" in str(plan)
