"""Permits at the office: who may apply when, accepted, issued, endorsed, suspended, restored, replaced, ended; once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from handlers.office import permit_dates, permit_desk, permit_eligibility, permit_endorsing, permit_replacing, review
from handlers.office.permit_desk import Desk, Issue
from handlers.office.reviewer import Done, Reviewer, Taken, Unfit
from handlers.turns import unpacked
from regulations.pack import Pack
from storage import claims, endorsements, permits, prospects, submissions, tables
from storage.database import Database
from storage.permits import Permit, Step
from storage.records import Answer, Ask, Kind, Submission
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import HOLDER, OFFICE, account, blank, file
from tests.regulations.test_permit_days import with_value

ANN = Reviewer("ann")
TODAY = date(2026, 11, 23)
ISSUED, SINCE = date(2026, 5, 10), date(2025, 11, 1)
TOLD = Issue("330106202600012345", ISSUED, SINCE)
STILL = {"still_here": Answer("given", "same"), "permit_condition": Answer("given", "study")}


def run(database: Database, work: Callable[[Unit], Any]) -> Any:
    return database.run_now(work)


def desk(day: date = TODAY, pack: Pack = OFFICE.pack, **told: Any) -> Desk:
    """Ann at noon of a day."""
    now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return Desk("ann", told.get("areas"), replace(OFFICE, pack=pack), now)


def asked(unit: Unit, kind: Kind, number: str = "P1", day: date = TODAY, **answers: Any) -> Submission:
    """Something asked for about the permit of who registered as N1."""
    former = submissions.by_number(unit, "N1")
    assert former is not None
    told = {step: Answer("given", value) for step, value in answers.items()}
    sent = replace(
        former, number=number, draft=f"draft {number}", kind=kind, form={"permit": "permit"}.get(kind, "endorse"),
        answers={**former.answers, **STILL, **told}, status="received", former_id=former.id, id=0, version=0,
        submitted_at=datetime(day.year, day.month, day.day, 3, tzinfo=UTC),
    )  # fmt: skip
    return submissions.submit(unit, sent)


def decide(unit: Unit, number: str, day: date, how: str = "approve") -> Any:
    at = desk(day)
    taken = review.take(unit, ANN, number, at.now)
    assert isinstance(taken, Taken)
    if how == "approve":
        return review.approve(unit, ANN, number, taken.submission.version, at.office, at.now)
    return review.refuse(unit, ANN, number, taken.submission.version, Ask(how), at.office, at.now)


def registered(unit: Unit, day: date = SINCE, **answers: Any) -> Submission:
    account(unit)
    sent = file(unit, "N1", **answers)
    unit.execute(update(tables.submissions).values(submitted_at=datetime(day.year, day.month, day.day, 3, tzinfo=UTC)))
    decide(unit, "N1", day + timedelta(days=1))
    return sent


def issued(unit: Unit, told: Issue = TOLD, accepted_on: date = date(2026, 5, 2)) -> Permit:
    registered(unit)
    asked(unit, "permit", day=accepted_on)
    decide(unit, "P1", accepted_on)
    kept = one(unit)
    outcome = permit_desk.issue(unit, desk(told.issued_on), kept.id, kept.version, told)
    assert isinstance(outcome, Permit), outcome
    return outcome


def one(unit: Unit) -> Permit:
    (found,) = permits.page(unit, (), 2)
    return found


def told(unit: Unit) -> list[Any]:
    """The notices so far, the oldest first."""
    rows = unit.execute(select(tables.outbox).order_by(tables.outbox.c.id)).all()
    messages = [unpacked(b"", 0, unit.vault.open_json(row.message_sealed, claims.MESSAGE)) for row in rows]
    return [reply for message in messages for reply in message.replies]


def steps(unit: Unit) -> list[str]:
    return [step.step for step in permits.way(unit, one(unit).id)]


def test_whoever_is_registered_hears_from_when_and_moving_goes_on_with_it(database: Database) -> None:
    sent = run(database, registered)
    assert run(database, told)[-1].data["permit_from"] == "2026-05-02"
    kept = run(database, lambda unit: prospects.get(unit, sent.person_id))
    assert (kept.residence_from, kept.eligible_on) == (SINCE, date(2026, 5, 2))

    def moves(unit: Unit) -> None:
        moved = replace(
            blank("N2", changed="address"), kind="change", former_id=sent.id,
            submitted_at=datetime(2026, 2, 1, 3, tzinfo=UTC),
        )  # fmt: skip
        submissions.submit(unit, moved)
        decide(unit, "N2", date(2026, 2, 2))

    run(database, moves)
    after = run(database, lambda unit: prospects.get(unit, sent.person_id))
    assert (after.residence_from, after.eligible_on) == (SINCE, date(2026, 5, 2))
    assert after.submission_id != sent.id


def test_leaving_ends_it_and_coming_back_begins_anew(database: Database) -> None:
    sent = run(database, registered)

    def leaves(unit: Unit) -> None:
        submissions.submit(unit, replace(blank("L1"), kind="leaving", form="leave", former_id=sent.id))
        decide(unit, "L1", date(2026, 3, 1))

    run(database, leaves)
    assert run(database, lambda unit: prospects.of_holder(unit, HOLDER)) == ()

    def comes_back(unit: Unit) -> None:
        again = replace(blank("N3"), submitted_at=datetime(2026, 6, 1, 3, tzinfo=UTC))
        submissions.submit(unit, again)
        decide(unit, "N3", date(2026, 6, 2))

    run(database, comes_back)
    (kept,) = run(database, lambda unit: prospects.of_holder(unit, HOLDER))
    assert kept.residence_from == date(2026, 6, 1)


def test_an_application_is_accepted_with_a_receipt_and_the_limit_runs(database: Database) -> None:
    def applies(unit: Unit) -> Any:
        registered(unit)
        asked(unit, "permit", pick_up="police_station")
        return decide(unit, "P1", TODAY)

    outcome = run(database, applies)
    assert outcome.submission.status == "accepted"
    kept = run(database, one)
    assert (kept.state, kept.card, kept.pick_up) == ("accepted", "making", "police_station")
    assert (kept.issue_by_on, kept.issue_late_after) == (date(2026, 12, 8), date(2026, 12, 8))
    receipt = run(database, told)[-1]
    assert receipt.template == "say/permit_accepted"
    assert (receipt.data["number"], receipt.data["due_on"], receipt.data["name"]) == ("P1", "2026-12-08", "李伟")
    assert run(database, lambda unit: prospects.of_holder(unit, HOLDER)) == ()


def test_who_has_a_permit_gets_no_second_one(database: Database) -> None:
    def applies_twice(unit: Unit) -> Any:
        issued(unit)
        asked(unit, "permit", "P2")
        return decide(unit, "P2", TODAY)

    assert run(database, applies_twice) == Unfit(("has_permit",))
    assert run(database, steps) == ["accepted", "issued"]


@pytest.mark.parametrize(
    ("told_wrong", "problem"),
    [
        (replace(TOLD, number="x"), "bad_number"),
        (replace(TOLD, issued_on=TODAY + timedelta(days=1)), "bad_day"),
        (replace(TOLD, valid_from=ISSUED + timedelta(days=1)), "bad_day"),
    ],
)
def test_what_does_not_fit_is_not_issued(database: Database, told_wrong: Issue, problem: str) -> None:
    def try_it(unit: Unit) -> Any:
        registered(unit)
        asked(unit, "permit")
        decide(unit, "P1", TODAY)
        return permit_desk.issue(unit, desk(), one(unit).id, 0, told_wrong)

    assert run(database, try_it) == problem
    assert run(database, steps) == ["accepted"]


def test_elsewhere_and_late_clicks_change_nothing_and_the_same_one_twice_does_it_once(database: Database) -> None:
    kept = run(database, issued)
    other = desk(areas=frozenset({"S02-01"}))
    assert run(database, lambda unit: permit_desk.hand_out(unit, other, kept.id, kept.version)) == "gone"
    assert run(database, lambda unit: permit_desk.hand_out(unit, desk(), kept.id, kept.version - 1)) == "moved_on"
    for _ in "ab":
        done = run(database, lambda unit: permit_desk.hand_out(unit, desk(), kept.id, kept.version))
        assert done.card == "handed_out"
    assert run(database, lambda unit: permit_desk.hand_out(unit, desk(), kept.id, kept.version + 1)) == "not_now"
    assert run(database, steps) == ["accepted", "issued", "handed_out"]


def test_an_endorsement_asked_for_in_time_is_in_time_however_long_the_office_takes(database: Database) -> None:
    def endorses(unit: Unit) -> None:
        issued(unit)
        asked(unit, "endorsement", "E1", date(2027, 5, 9))
        late = desk(date(2027, 5, 20))
        permit_dates.SUSPENSIONS.page(unit, late.office, late.now, None, 10)
        decide(unit, "E1", date(2027, 5, 20))

    run(database, endorses)
    kept = run(database, one)
    assert (kept.state, kept.endorsed_until, kept.suspended_on) == ("issued", date(2028, 5, 10), None)
    (kept_one,) = run(database, lambda unit: endorsements.of(unit, kept.id))
    assert (kept_one.due_on, kept_one.endorsed_on, kept_one.late) == (date(2027, 5, 10), date(2027, 5, 9), False)
    assert run(database, told)[-1].template == "say/permit_endorsed"
    assert run(database, steps) == ["accepted", "issued", "endorsed"]


def test_a_missed_one_is_suspended_by_the_days_job_once_and_a_late_one_restores_it(database: Database) -> None:
    def misses(unit: Unit) -> Any:
        issued(unit)
        on_time, after = desk(date(2027, 5, 10)), desk(date(2027, 5, 11))
        assert permit_dates.SUSPENSIONS.page(unit, on_time.office, on_time.now, None, 10) is None
        assert one(unit).state == "issued"
        for _ in "ab":
            permit_dates.SUSPENSIONS.page(unit, after.office, after.now, None, 10)
        return one(unit)

    suspended = run(database, misses)
    assert (suspended.state, suspended.suspended_on) == ("suspended", date(2027, 5, 11))

    def late(unit: Unit) -> Any:
        asked(unit, "endorsement", "E1", date(2027, 6, 1))
        decide(unit, "E1", date(2027, 6, 2), "conditions_not_met")
        asked(unit, "endorsement", "E2", date(2027, 6, 5))
        return decide(unit, "E2", date(2027, 6, 6))

    assert isinstance(run(database, late), Done)
    kept = run(database, one)
    assert (kept.state, kept.restored_on, kept.counts_from) == ("issued", date(2027, 6, 5), date(2027, 6, 5))
    assert (kept.left_out_days, kept.endorsed_until) == (25, date(2028, 5, 10))
    assert run(database, steps) == ["accepted", "issued", "suspended", "refused", "restored"]
    notice = run(database, told)[-1]
    assert (notice.data["late"], notice.data["left_out"], notice.data["rule"]) == (True, 25, "endorse.restore")


def test_before_the_window_nothing_is_endorsed(database: Database) -> None:
    def early(unit: Unit) -> Any:
        kept = issued(unit)
        asked(unit, "endorsement", "E1", date(2026, 12, 1))
        at_counter = permit_endorsing.endorse(unit, desk(date(2026, 12, 1)), kept.id, kept.version)
        return at_counter, decide(unit, "E1", date(2026, 12, 1))

    assert run(database, early) == ("too_early", Unfit(("too_early",)))


def test_without_a_permit_there_is_nothing_to_endorse_or_replace(database: Database) -> None:
    def asks(unit: Unit) -> Any:
        registered(unit)
        asked(unit, "replacement", "R1", replace_reason="reissue")
        return decide(unit, "R1", TODAY)

    assert run(database, asks) == Unfit(("no_permit",))


def test_refused_at_the_counter_the_reason_is_told(database: Database) -> None:
    def refuses(unit: Unit) -> Any:
        kept, at = issued(unit), desk(date(2027, 5, 1))
        assert permit_endorsing.refuse_endorsement(unit, at, kept.id, kept.version, Ask("nonsense")) == "bad_reason"
        return permit_endorsing.refuse_endorsement(unit, at, kept.id, kept.version, Ask("own_words", "合同到期了"))

    assert isinstance(run(database, refuses), Permit)
    notice = run(database, told)[-1]
    assert (notice.template, notice.data["words"]) == ("say/endorsement_refused", "合同到期了")


def test_a_replacement_is_made_and_fetched_like_the_first_one(database: Database) -> None:
    def replaces(unit: Unit) -> Any:
        issued(unit)
        asked(unit, "replacement", "R1", replace_reason="reissue", pick_up="service_body")
        decide(unit, "R1", TODAY)
        kept = one(unit)
        assert (kept.card, kept.pick_up) == ("making", "service_body")
        at = desk()
        assert permit_replacing.replaced(unit, at, kept.id, kept.version, "!!") == "bad_number"
        return permit_replacing.replaced(unit, at, kept.id, kept.version, "330106202600054321", electronic=True)

    kept = run(database, replaces)
    assert (kept.card, kept.number, kept.replacement_id) == ("electronic", "330106202600054321", None)
    assert run(database, told)[-1].template == "say/permit_replaced"
    again = run(database, lambda unit: permit_replacing.replaced(unit, desk(), kept.id, kept.version, ""))
    assert again == "not_now"


@pytest.mark.parametrize(("reason", "said"), [("local_hukou", True), ("death", False)])
def test_a_permit_ends_for_a_reason_of_the_law_and_nobody_writes_to_the_dead(
    database: Database, reason: str, said: bool
) -> None:
    def ends(unit: Unit) -> Any:
        kept = issued(unit)
        assert permit_desk.end(unit, desk(), kept.id, kept.version, "nonsense", TODAY) == "bad_reason"
        assert permit_desk.end(unit, desk(), kept.id, kept.version, reason, None) == "bad_day"
        return permit_desk.end(unit, desk(), kept.id, kept.version, reason, TODAY)

    kept = run(database, ends)
    assert (kept.state, kept.ended_on, kept.end_reason) == ("ended", TODAY, reason)
    assert (run(database, told)[-1].template == "say/permit_ended") == said
    assert (run(database, lambda unit: prospects.of_holder(unit, HOLDER)) != ()) == said
    assert run(database, lambda unit: permit_desk.end(unit, desk(), kept.id, kept.version, reason, TODAY)) == "not_now"


def test_a_changed_number_moves_every_stored_day_once(database: Database) -> None:
    longer = with_value(with_value(OFFICE.pack, "endorse.window", 2), "permit.eligibility.residence", 9)
    changed = replace(OFFICE, pack=longer)

    def kept_and_waiting(unit: Unit) -> int:
        issued(unit)
        sent = file(unit, "N9", "o" * 32, id_number="none")
        decide(unit, "N9", TODAY)
        return sent.person_id

    person = run(database, kept_and_waiting)
    for _ in "ab":
        run(database, lambda unit: permit_dates.ENDORSEMENTS.page(unit, changed, NOW, None, 10))
        run(database, lambda unit: permit_dates.recount(unit, changed, NOW, one(unit).id))  # as another copy may
        run(database, lambda unit: permit_eligibility.PROSPECTS.page(unit, changed, NOW, None, 10))
    kept = run(database, one)
    assert (kept.endorse_from_on, kept.endorsed_until) == (date(2027, 3, 10), date(2027, 5, 10))
    assert run(database, steps) == ["accepted", "issued", "counted"]
    assert run(database, lambda unit: prospects.get(unit, person)).eligible_on == date(2027, 8, 24)


def test_those_registered_before_permits_were_known_are_counted_at_the_start(database: Database) -> None:
    sent = run(database, registered)
    run(database, lambda unit: unit.execute(tables.permit_prospects.delete()))
    assert run(database, lambda unit: permit_eligibility.BEGUN.page(unit, OFFICE, NOW, None, 1)) == (
        sent.id,
        sent.person_id,
    )
    assert (
        run(database, lambda unit: permit_eligibility.BEGUN.page(unit, OFFICE, NOW, (sent.id, sent.person_id), 1))
        is None
    )
    assert run(database, lambda unit: prospects.get(unit, sent.person_id)).eligible_on == date(2026, 5, 2)


def test_the_last_day_for_issuing_waits_for_the_holidays_of_its_year(database: Database) -> None:
    def unknown(unit: Unit) -> None:
        registered(unit)
        asked(unit, "permit")
        decide(unit, "P1", TODAY)
        unit.execute(update(tables.permits).values(issue_late_after=None))
        assert permit_dates.LIMITS.page(unit, OFFICE, NOW, None, 10) is None

    run(database, unknown)
    assert run(database, one).issue_late_after == date(2026, 12, 8)


def test_a_step_is_written_by_whoever_took_it(database: Database) -> None:
    kept = run(database, issued)
    way: tuple[Step, ...] = run(database, lambda unit: permits.way(unit, kept.id))
    assert [(step.actor, step.staff_id) for step in way] == [("staff", "ann"), ("staff", "ann")]
