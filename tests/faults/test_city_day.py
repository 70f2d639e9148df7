"""A city's day in small: talks, broadcasts, a copy killed, a new version; the recount finds every invariant kept."""

import pytest

from bench.city.plan import Wanted
from bench.city_day import day, fresh


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_city_s_day_ends_with_every_invariant_kept() -> None:
    with fresh(is_postgres=False) as url:
        city, found = day(url, Wanted(people=6, seed=2, every=3600))
    assert found == []
    assert sum(bool(person.receipt) for person in city.people) >= 4
    assert set(city.broadcasts) == {"water", "storm"}
    assert len(city.stopped) == 2 * city.wanted.copies + 1, city.happened  # all of before, one killed, all of after
