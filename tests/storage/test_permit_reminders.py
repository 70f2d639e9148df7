"""What is to be planned is read along its index, a page at a time, however far a page lies from the first."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from storage import permit_reminders, tables
from storage.database import Database
from storage.permit_reminders import After, Begins, Column
from storage.unit import Unit
from tests import days
from tests.many_permits import fill
from tests.planned import costs, heard

PERMITS, LIMIT = 3_000, 20
AHEAD = timedelta(days=35)


BEGINS: Begins = ("state", "issued")
DAYS: tuple[Column, Column] = ("endorse_from_on", "endorse_by_on")


def page(database: Database, until: date, after: After | None) -> Sequence[After]:
    def read(unit: Unit) -> Sequence[After]:
        return permit_reminders.unplanned(unit, "permit_endorsement", BEGINS, DAYS, until, LIMIT, after)

    return database.run_now(read)


@pytest.fixture
def until(database: Database) -> date:
    fill(database, PERMITS, datetime.now(UTC))
    return days.today() + AHEAD


def test_pages_follow_one_another_and_leave_nobody_out(database: Database, until: date) -> None:
    found = list[After]()
    after: After | None = None
    while some := page(database, until, after):
        found += some
        after = some[-1]
    due = tables.permits.c
    wanted = tables.permits.select().where(due.endorse_from_on <= until).order_by(due.endorse_from_on, due.id)
    everybody = database.run_now(lambda unit: unit.execute(wanted).all())
    assert found == [(row.endorse_from_on, row.id) for row in everybody]
    assert len(found) > 10 * LIMIT


def test_the_last_page_costs_no_more_than_the_first(database: Database, until: date) -> None:
    looked_at = []
    far: After | None = None
    for after in (None, (until - timedelta(days=3), 0)):
        with heard(database) as ear:
            found = page(database, until, after)
        assert len(found) == LIMIT
        looked_at.append(sum(cost.looked_at for cost in costs(database, ear)))
        far = found[-1]
    assert far is not None
    assert far[0] > until - timedelta(days=3)
    assert looked_at[1] <= looked_at[0] * 1.2
