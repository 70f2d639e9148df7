"""Permits in the database: one open for each person, every change a step, what is due read by an index."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from storage import endorsements, permits, prospects
from storage.database import Database
from storage.endorsements import Endorsement
from storage.permits import Permit, Step
from storage.prospects import Prospect
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.answers.telling import id_number
from tests.handlers.filed import file

ISSUED = date(2026, 6, 10)
UNTIL = date(2027, 6, 10)


def run(database: Database, work: Callable[[Unit], Any]) -> Any:
    return database.run_now(work)


def permit(unit: Unit, place: int = 1, **told: Any) -> Permit:
    """An issued permit of an invented person."""
    sent = file(unit, f"N{place}", id_number=id_number(order=f"{place:03}"))
    values: dict[str, Any] = {
        "state": "issued",
        "submission_id": sent.id,
        "issued_on": ISSUED,
        "endorsed_until": UNTIL,
    } | told
    new = Permit(sent.person_id, "S01-01", holder_id=sent.holder_id, **values)
    return permits.begin(unit, new, Step("issued", "staff", NOW, "K7M2PA"))[0]


def test_a_person_has_one_permit_that_has_not_ended(database: Database) -> None:
    first = run(database, permit)
    again, fresh = run(
        database, lambda unit: permits.begin(unit, replace(first, submission_id=None), Step("imported", "staff", NOW))
    )
    assert (again.id, fresh) == (first.id, False)
    ended = replace(first, state="ended", ended_on=UNTIL, end_reason="death")
    run(database, lambda unit: permits.move(unit, first, ended, Step("ended", "staff", NOW, reason="death")))
    other, fresh = run(
        database, lambda unit: permits.begin(unit, replace(first, submission_id=None), Step("imported", "staff", NOW))
    )
    assert fresh
    assert other.id != first.id
    assert run(database, lambda unit: [one.id for one in permits.of_person(unit, first.person_id)]) == [
        other.id, first.id,
    ]  # fmt: skip


def test_a_number_is_one_permits(database: Database) -> None:
    first = run(database, lambda unit: permit(unit, number="33010620240001"))
    with pytest.raises(permits.InUse):
        run(database, lambda unit: permit(unit, 2, submission_id=None, number="3301 0620240001"))
    assert run(database, lambda unit: [one.id for one in permits.page(unit, (), 9)]) == [first.id]


def test_a_step_from_what_is_no_longer_so_is_not_taken(database: Database) -> None:
    read = run(database, permit)
    suspended = replace(read, state="suspended", suspended_on=UNTIL + timedelta(days=1))
    step = Step("suspended", "program", NOW, day=suspended.suspended_on, note={"why": "x"})
    moved = run(database, lambda unit: permits.move(unit, read, suspended, step))
    assert moved.version == 1
    assert run(database, lambda unit: permits.move(unit, read, suspended, step)) is None
    assert [one.step for one in run(database, lambda unit: permits.way(unit, read.id))] == ["issued", "suspended"]
    assert run(database, lambda unit: permits.step_at(unit, read.id, 1)) == step


def test_a_permit_is_found_by_its_number_which_is_nowhere_in_the_clear(database: Database) -> None:
    kept = run(database, lambda unit: permit(unit, number="330106 2026 000123"))
    assert run(database, lambda unit: permits.by_number(unit, "3301062026000123")) == kept
    assert kept.number == "330106 2026 000123"
    (row,) = run(database, lambda unit: unit.execute(text("SELECT * FROM permits")).all())
    assert not any("2026000123" in str(value).replace(" ", "") for value in row)


def due_after(after: tuple[date, int] | None) -> Callable[[Unit], Any]:
    return lambda unit: permits.due(unit, "endorse_by_on", "issued", UNTIL, 3, after)


def test_what_is_due_is_read_some_at_a_time_and_each_once(database: Database) -> None:
    def some(unit: Unit) -> None:
        for place in range(1, 8):
            permit(unit, place, endorse_by_on=UNTIL - timedelta(days=place % 3))
        permit(unit, 8, endorse_by_on=UNTIL + timedelta(days=1))
        permit(unit, 9, endorse_by_on=UNTIL, state="suspended")

    run(database, some)
    seen: list[tuple[date, int]] = []
    after = None
    while page := run(database, due_after(after)):
        seen += [(one.day, one.id) for one in page]
        after = seen[-1]
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen)


def test_what_is_due_is_found_by_an_index_without_sorting(database: Database) -> None:
    query = (
        "SELECT id FROM permits WHERE state = 'issued' AND endorse_by_on <= '2027-06-10'"
        " AND (endorse_by_on, id) > ('2027-06-01', 5) ORDER BY endorse_by_on, id LIMIT 100"
    )

    def plan(unit: Unit) -> str:
        if unit.is_postgres:
            unit.execute(text("SET LOCAL enable_seqscan = off"))
            unit.execute(text("SET LOCAL enable_sort = off"))
            return str(unit.execute(text(f"EXPLAIN {query}")).all())
        return str(unit.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())

    told = run(database, plan)
    assert "ix_permits_endorse_by_on" in told
    assert "TEMP B-TREE" not in told
    assert "Sort" not in told


def test_cards_that_wait_to_be_fetched(database: Database) -> None:
    ready = run(database, lambda unit: permit(unit, 1, card="ready", ready_on=ISSUED))
    run(database, lambda unit: permit(unit, 2, card="handed_out", ready_on=ISSUED))
    found = run(database, lambda unit: permits.waiting_for_pick_up(unit, ISSUED, 10))
    assert [one.id for one in found] == [ready.id]
    assert run(database, lambda unit: permits.waiting_for_pick_up(unit, ISSUED - timedelta(days=1), 10)) == ()


def test_who_may_apply_is_kept_once_and_told_when_it_changes(database: Database) -> None:
    sent = run(database, lambda unit: file(unit, "N1"))
    new = Prospect(sent.person_id, sent.holder_id, sent.id, "S01-01", ISSUED, date(2026, 12, 11), "rules")
    assert run(database, lambda unit: prospects.keep(unit, new, NOW))
    assert not run(database, lambda unit: prospects.keep(unit, new, NOW))
    later = replace(new, eligible_on=date(2027, 1, 1))
    assert run(database, lambda unit: prospects.keep(unit, later, NOW))
    assert run(database, lambda unit: prospects.get(unit, sent.person_id)) == replace(later, version=1)
    assert run(database, lambda unit: prospects.due(unit, date(2026, 12, 31), 10)) == ()
    assert len(run(database, lambda unit: prospects.due(unit, date(2027, 1, 1), 10))) == 1
    assert (
        run(database, lambda unit: prospects.due(unit, date(2027, 1, 1), 10, (date(2027, 1, 1), sent.person_id))) == ()
    )
    assert run(database, lambda unit: prospects.over(unit, sent.person_id, NOW))
    assert not run(database, lambda unit: prospects.over(unit, sent.person_id, NOW))
    assert run(database, lambda unit: prospects.of_holder(unit, sent.holder_id)) == ()


def test_an_anniversary_is_endorsed_once(database: Database) -> None:
    kept = run(database, permit)
    one = Endorsement(kept.id, UNTIL, UNTIL, date(2028, 6, 10), False, NOW)
    assert run(database, lambda unit: endorsements.keep(unit, one))
    assert not run(database, lambda unit: endorsements.keep(unit, replace(one, late=True)))
    assert run(database, lambda unit: endorsements.of(unit, kept.id)) == (one,)
