"""Nothing that the program does all day looks at everything: each statement finds what it needs by an index.

A town of 20,000 people is large enough for the planner to choose; with ANJU_PLANS_PEOPLE=1000000 it is a city, and the
same bounds hold.
"""

import os
from pathlib import Path

import pytest

from tests.hot_paths import asked, town
from tests.planned import Cost

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

PEOPLE = int(os.environ.get("ANJU_PLANS_PEOPLE", "20000"))
MOST = {"postgresql": 6_000, "sqlite": 60_000}  # rows looked at; steps of the virtual machine, some 4 to 20 a row

# What looks at everything by its nature, and why that does no harm.
ALLOWED = {
    "AS what, count(*)": "the totals of all deliveries, each half minute and beside the writers",
    "conversations.updated_at < ": "drafts and accounts to purge, hourly and beside the writers",
    "NOT (EXISTS (SELECT * FROM permit_prospects": "who is registered and not yet counted, every ten minutes",
    "coalesce((SELECT reminders.id FROM reminders WHERE": "what comes due in the coming weeks, once a day, in pages",
    "NOT (EXISTS (SELECT * FROM conversations WHERE (reminders.holder_id": "who of those due in 30 days can't be told",
    "homes.state != ": "how many homes an area has, along an index, where there may be too many for one list",
    "submissions.decided_at FROM submissions": "papers of what was decided to purge, hourly, a thousand at a time",
    "outbox.ended_at IS NULL GROUP BY": "how many messages are open, over an index alone",
    "UPDATE submissions SET holidays_of": "once a start, for the calendar may be another: all whose day may move",
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
