"""A city's day in small, with a copy killed, platforms gone, lists, a new version: every invariant is kept, and the
recount notices whatever is spoiled afterwards."""

import os
from pathlib import Path

import pytest

from bench.city.evidence import Books
from bench.city.recount import recount
from bench.city.world import Wanted
from bench.city_day import day, fresh
from tests.faults.tampering import of_evidence, of_tables

FULL = os.environ.get("ANJU_FAULTS") == "full"
WANTED = Wanted(people=60, seed=2) if FULL else Wanted(people=6, seed=2, every=3600)
KINDS = (False, True) if FULL else (False,)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200 if FULL else 1800)]


@pytest.mark.parametrize("is_postgres", KINDS, ids=("sqlite", "postgresql")[: len(KINDS)])
def test_a_city_s_day_keeps_every_invariant_and_whatever_is_spoiled_is_noticed(
    tmp_path: Path, *, is_postgres: bool
) -> None:
    with fresh(is_postgres=is_postgres) as url:
        city, evidence = day(url, WANTED)
        assert recount(evidence) == []
        assert sum(bool(person.receipt) for person in city.people) >= 4
        assert set(city.broadcasts) == {"water", "power", "storm"}
        assert [one.kind for one in city.lists] == ["homes", "tenants"]
        assert len(city.stopped) == 2 * city.wanted.copies + 1, city.happened  # all of before, one killed, all of after
        spoiled = [*of_evidence(evidence), *([] if is_postgres else of_tables(evidence, tmp_path))]
        for what, changed, check in spoiled:
            assert list(check(changed, Books(changed.url))), f"{what}: nobody noticed"
