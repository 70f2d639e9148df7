"""A virtual week in small: strict platforms see nothing that they forbid, and the outbox tells the truth."""

import pytest

from bench.month import live


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_strict_platforms_see_nothing_forbidden_and_the_outbox_tells_the_truth(seed: int) -> None:
    found = await live(people=30, days=10, seed=seed)
    assert (found.violations, found.misplaced) == ({}, {})
    assert (found.never_seen, found.open) == (0, 0)
    assert found.twice <= found.unknown
    assert len(found.rows) > 50
    assert {"customer", "message", "mass"} <= set(found.by)
    assert {state for _, state, _ in found.rows} >= {"sent", "expired"}
