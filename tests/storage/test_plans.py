"""Nothing that the program does all day looks at everything: each statement finds what it needs by an index.

A town of 20,000 people is large enough for the planner to choose; `python -m bench.plans --people 1000000` does a city.
"""

from pathlib import Path

import pytest

from tests.hot_paths import asked, town
from tests.planned import Cost

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PEOPLE = 20_000
MOST = {"postgresql": 6_000, "sqlite": 60_000}  # rows looked at; steps of the virtual machine, some 4 to 20 a row

# What looks at everything by its nature, and why that does no harm.
ALLOWED = {
    "AS what, count(*)": "the totals of all deliveries, each half minute and beside the writers",
    "conversations.updated_at < ": "drafts and accounts to purge, hourly and beside the writers",
    "NOT (EXISTS (SELECT * FROM permit_prospects": "who is registered and not yet counted, every ten minutes",
    "permit_prospects.counted_by < ": "who is to be counted by another law, every ten minutes",
    "AS weight": "homes by need: the order is computed over the homes of the reader's areas",
}


async def test_no_statement_of_the_day_looks_at_everything(database_url: str, kind: str, tmp_path: Path) -> None:
    async with town(tmp_path, database_url, PEOPLE) as somewhere:
        found = await asked(somewhere)
    dear = [(way, cost) for way, costs in found.items() for cost in costs if cost.looked_at > MOST[kind]]
    told = [f"{way}: {cost.looked_at}\n{cost.statement}\n{cost.plan}" for way, cost in dear if not is_allowed(cost)]
    assert told == [], "\n\n".join(told)


def is_allowed(cost: Cost) -> bool:
    return any(part in " ".join(cost.statement.split()) for part in ALLOWED)
