"""Counts for who sees only statistics: no small one is told, and none can be worked out."""

from itertools import product

import pytest

from handlers.office.coarse import FEW, FEWEST, coarse
from storage.database import Database
from storage.unit import Unit


def possible(told: int) -> set[int]:
    """What a count may truly be, for somebody who knows how counts are told."""
    if told == FEW:
        return set(range(1, FEWEST))
    return {0} if told == 0 else {number for number in range(FEWEST, 400) if abs(number - told) < FEWEST}


@pytest.mark.parametrize("number", range(60))
def test_a_count_is_told_as_one_that_it_may_be(database: Database, number: int) -> None:
    def told(unit: Unit) -> set[int]:
        return {coarse(unit)(number, f"cell {each}") for each in range(40)}

    found = database.run_now(told)
    assert all(number in possible(one) for one in found)
    assert all(one in {0, FEW} or not one % FEWEST for one in found)


def test_the_same_question_always_gets_the_same_answer(database: Database) -> None:
    def told(unit: Unit) -> list[int]:
        return [coarse(unit)(number, "weeks 2026-11-23 open") for number in range(100)]

    assert database.run_now(told) == database.run_now(told)


def test_a_small_part_can_not_be_worked_out_from_the_total_and_the_others(database: Database) -> None:
    """For every small part, each other small number fits what is told just as well."""

    def told(unit: Unit) -> set[tuple[int, int]]:
        tell = coarse(unit)
        return {
            (tell(small + other, f"total {n}"), tell(other, f"other {n}"))
            for small, other, n in product(range(1, FEWEST), range(FEWEST, 40), range(20))
        }

    for total, other in database.run_now(told):
        fits = {t - o for t in possible(total) for o in possible(other)} & set(range(1, FEWEST))
        assert len(fits) >= 2, (total, other, fits)
