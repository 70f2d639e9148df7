"""Review: one reviewer at a time, nothing overwritten, each click once, the person told; on both databases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers import turns
from handlers.messages import Reply
from handlers.office import review, sidebyside
from handlers.office.reviewer import Decided, Done, NotTaken, Reviewer, Taken, TakenByAnother, Unfit
from handlers.office.states import TRANSITIONS, ForbiddenStep, allows, lead
from storage import claims, conversations, history, submissions, tables
from storage.database import Database
from storage.history import Mark
from storage.records import Actor, Answer, Ask, State, Submission
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import HOLDER, OFFICE, account, blank, file

ANN, BEN = Reviewer("ann"), Reviewer("ben")
LATER = NOW + ANN.lease + timedelta(seconds=1)
STATES = {state for pair in TRANSITIONS for state in pair} - {""}


def run(database: Database, work: Callable[[Unit], Any]) -> Any:
    return database.run_now(work)


def ready(database: Database, number: str = "N1", **answers: Any) -> Submission:
    """A submission, and an account to be told on."""

    def prepare(unit: Unit) -> Submission:
        if not conversations.of_holder(unit, HOLDER):
            account(unit)
        return file(unit, number, **answers)

    return database.run_now(prepare)


def taken(database: Database, reviewer: Reviewer = ANN, now: Any = NOW) -> Submission:
    found = database.run_now(lambda unit: review.take_next(unit, reviewer, now))
    assert isinstance(found, Taken)
    return found.submission


def notices(database: Database) -> list[tuple[int, str, Reply]]:
    def read(unit: Unit) -> list[tuple[int, str, Reply]]:
        rows = unit.execute(select(tables.outbox).order_by(tables.outbox.c.id)).all()
        opened = [(row, unit.vault.open_json(row.message_sealed, claims.MESSAGE)) for row in rows]
        return [
            (row.conversation_id, data["language"], turns.unpacked(b"", 0, data).replies[0]) for row, data in opened
        ]

    return database.run_now(read)


def states(database: Database, number: str) -> list[str]:
    def read(unit: Unit) -> list[str]:
        found = submissions.by_number(unit, number)
        assert found is not None
        return [step.went_to for step in history.of(unit, found.id)]

    return database.run_now(read)


def test_every_step_is_a_row_with_who_when_and_why(database: Database) -> None:
    sent = ready(database)
    mine = taken(database)
    run(
        database, lambda unit: review.refuse(unit, ANN, "N1", mine.version, Ask("own_words", "换个地方办"), OFFICE, NOW)
    )
    steps = run(database, lambda unit: history.of(unit, sent.id))
    assert [(s.version, s.came_from, s.went_to, s.actor, s.staff_id, s.reason, s.note) for s in steps] == [
        (0, "", "received", "person", "", "", None),
        (1, "received", "in_review", "staff", "ann", "", None),
        (2, "in_review", "refused", "staff", "ann", "own_words", {"words": "换个地方办"}),
    ]
    assert {step.at for step in steps} == {NOW}


def test_notes_are_sealed(database: Database) -> None:
    ready(database)
    mine = taken(database)
    run(database, lambda unit: review.refuse(unit, ANN, "N1", mine.version, Ask("own_words", "秘密的话"), OFFICE, NOW))
    rows = run(database, lambda unit: unit.execute(select(tables.history)).all())
    assert "秘密的话".encode() not in b"".join(row.note_sealed or b"" for row in rows)


@pytest.mark.parametrize("came_from", sorted(STATES))
@pytest.mark.parametrize("to", sorted(STATES))
def test_only_the_steps_of_the_table_can_be_taken(came_from: State, to: State) -> None:
    actors: tuple[Actor, ...] = ("person", "staff")
    for actor in actors:
        there = replace(blank("N"), status=came_from)
        if not allows(came_from, to, actor):
            with pytest.raises(ForbiddenStep):
                lead(None, there, to, Mark(actor, NOW))  # type: ignore[arg-type]  # refused before it is needed
    assert allows(came_from, to, "program") == ((came_from, to) == ("registered", "moved_out"))


def test_nothing_leads_out_of_an_end_but_erasing() -> None:
    ends = {"refused", "withdrawn", "changed", "moved", "left"}
    goes_on = {(came_from, to) for came_from, to in TRANSITIONS if to != "erased"}
    assert STATES - {came_from for came_from, _ in goes_on} == ends | {"erased", "accepted", "endorsed"}
    assert {came_from for came_from, to in TRANSITIONS if to == "erased"} == ends


def test_next_is_the_oldest_of_ones_areas_and_one_of_another_area_is_not_there(database: Database) -> None:
    ready(database, "N1", area="S02-01")
    ready(database, "N2")
    ready(database, "N3")
    local = Reviewer("ann", areas=("S01-01", "S01-02"))
    assert taken(database, local).number == "N2"
    assert run(database, lambda unit: review.take(unit, local, "N1", NOW)) is None
    assert run(database, lambda unit: review.approve(unit, local, "N1", 0, OFFICE, NOW)) is None
    assert taken(database, BEN).number == "N1"


def test_next_twice_gives_the_same_one_and_after_it_the_following(database: Database) -> None:
    ready(database, "N1")
    ready(database, "N2")
    first, again = taken(database), taken(database)
    assert (first.number, again.number, again.version) == ("N1", "N1", first.version)
    following = run(database, lambda unit: review.take_next(unit, ANN, NOW, after=first.id))
    assert following.submission.number == "N2"
    assert run(database, lambda unit: review.take_next(unit, BEN, NOW)) is None


def test_the_second_reviewer_is_told_who_has_it(database: Database) -> None:
    ready(database)
    mine = taken(database)
    found = run(database, lambda unit: review.take(unit, BEN, "N1", NOW))
    assert found == TakenByAnother("ann", NOW + ANN.lease)
    assert run(database, lambda unit: review.approve(unit, BEN, "N1", mine.version, OFFICE, NOW)) == found
    assert states(database, "N1") == ["received", "in_review"]


def test_what_was_left_lying_is_taken_over_and_the_first_reviewer_is_told(database: Database) -> None:
    ready(database)
    mine = taken(database)
    theirs = taken(database, BEN, LATER)
    assert (theirs.reviewer, theirs.version) == ("ben", mine.version + 1)
    late = run(database, lambda unit: review.approve(unit, ANN, "N1", mine.version, OFFICE, LATER))
    assert late == TakenByAnother("ben", LATER + BEN.lease)
    done = run(database, lambda unit: review.approve(unit, BEN, "N1", theirs.version, OFFICE, LATER))
    assert isinstance(done, Done)
    assert run(
        database, lambda unit: review.refuse(unit, ANN, "N1", mine.version, Ask("twice"), OFFICE, LATER)
    ) == Decided(done.submission, "ben")


def test_a_lease_is_renewed_without_a_step(database: Database) -> None:
    ready(database)
    mine = taken(database)
    soon = NOW + timedelta(minutes=10)
    kept = run(database, lambda unit: review.take(unit, ANN, "N1", soon))
    assert (kept.submission.version, kept.submission.lease_until) == (mine.version, soon + ANN.lease)
    assert run(database, lambda unit: review.take(unit, BEN, "N1", LATER)) == TakenByAnother("ann", soon + ANN.lease)


def test_a_lease_that_is_over_still_counts_while_nobody_else_took_it(database: Database) -> None:
    ready(database)
    mine = taken(database)
    done = run(database, lambda unit: review.approve(unit, ANN, "N1", mine.version, OFFICE, LATER))
    assert isinstance(done, Done)


def test_given_back_it_waits_for_anybody(database: Database) -> None:
    ready(database)
    mine = taken(database)
    back = run(database, lambda unit: review.give_back(unit, ANN, "N1", mine.version, NOW))
    assert (back.submission.status, back.submission.reviewer) == ("received", "")
    refused = run(database, lambda unit: review.approve(unit, ANN, "N1", back.submission.version, OFFICE, NOW))
    assert isinstance(refused, NotTaken)
    assert taken(database, BEN).number == "N1"


def test_the_same_click_twice_is_one_step_and_one_notice(database: Database) -> None:
    ready(database)
    mine = taken(database)
    clicks = [
        run(database, lambda unit: review.approve(unit, ANN, "N1", mine.version, OFFICE, NOW)),
        run(database, lambda unit: review.approve(unit, ANN, "N1", mine.version, OFFICE, NOW)),
    ]
    assert [(type(click), click.again) for click in clicks] == [(Done, False), (Done, True)]
    assert states(database, "N1") == ["received", "in_review", "registered"]
    assert [reply.template for _, _, reply in notices(database)] == ["say/registered"]


def test_everything_is_asked_at_one_time_and_told_in_the_forms_order(database: Database) -> None:
    ready(database)
    mine = taken(database)
    asks = {"phone": Ask("wrong"), "name": Ask("own_words", "两个字都要")}
    asked = run(database, lambda unit: review.ask_again(unit, ANN, "N1", mine.version, asks, OFFICE, NOW))
    assert asked.submission.status == "needs_answers"
    ((_, _, reply),) = notices(database)
    assert reply.data == {
        "number": "N1",
        "kind": "registration",
        "lines": [
            {"step": "name", "reason": "own_words", "words": "两个字都要"},
            {"step": "phone", "reason": "wrong", "words": ""},
        ],
    }
    assert isinstance(run(database, lambda unit: review.take(unit, BEN, "N1", NOW)), Decided)


UNFIT: list[tuple[dict[str, Ask], tuple[str, ...]]] = [
    ({}, ()),
    ({"no_such_step": Ask("wrong")}, ("no_such_step",)),
    ({"school": Ask("missing")}, ("school",)),
    ({"consent": Ask("wrong"), "name": Ask("wrong")}, ("consent",)),
    ({"name": Ask("because")}, ("name",)),
    ({"name": Ask("own_words", "  ")}, ("name",)),
    ({"name": Ask("own_words", "长" * 301)}, ("name",)),
]


@pytest.mark.parametrize(("asks", "unfit"), UNFIT)
def test_what_cannot_be_asked_changes_nothing(database: Database, asks: dict[str, Ask], unfit: tuple[str, ...]) -> None:
    ready(database)
    mine = taken(database)
    asked = run(database, lambda unit: review.ask_again(unit, ANN, "N1", mine.version, asks, OFFICE, NOW))
    assert asked == Unfit(unfit)
    assert states(database, "N1") == ["received", "in_review"]
    assert notices(database) == []


@pytest.mark.parametrize("reason", [Ask("because"), Ask("own_words"), Ask("unclear")])
def test_a_refusal_needs_a_reason_of_its_list(database: Database, reason: Ask) -> None:
    ready(database)
    mine = taken(database)
    refused = run(database, lambda unit: review.refuse(unit, ANN, "N1", mine.version, reason, OFFICE, NOW))
    assert refused == Unfit((reason.reason,))
    assert states(database, "N1") == ["received", "in_review"]


def test_the_person_is_told_on_the_reachable_account_used_last_in_its_language(database: Database) -> None:
    def accounts(unit: Unit) -> int:
        account(unit, "old", now=NOW - timedelta(days=2))
        wanted = account(unit, "used last", language="en", now=NOW - timedelta(days=1))
        gone = account(unit, "gone")
        conversations.set_reach(unit, gone, "blocked")
        file(unit, "N1")
        return wanted

    wanted = run(database, accounts)
    mine = taken(database)
    run(database, lambda unit: review.approve(unit, ANN, "N1", mine.version, OFFICE, NOW))
    assert [(where, language) for where, language, _ in notices(database)] == [(wanted, "en")]


def test_whom_nothing_reaches_is_written_to_all_the_same_so_that_the_call_list_shows_it(database: Database) -> None:
    def accounts(unit: Unit) -> None:
        conversations.set_reach(unit, account(unit), "unfollowed")
        file(unit, "N1")

    run(database, accounts)
    mine = taken(database)
    run(database, lambda unit: review.approve(unit, ANN, "N1", mine.version, OFFICE, NOW))
    assert len(notices(database)) == 1


def test_who_has_no_account_any_more_is_registered_all_the_same(database: Database) -> None:
    run(database, lambda unit: file(unit, "N1"))
    mine = taken(database)
    done = run(database, lambda unit: review.approve(unit, ANN, "N1", mine.version, OFFICE, NOW))
    assert done.submission.status == "registered"
    assert notices(database) == []


def test_nobody_is_told_what_was_not_saved(database: Database) -> None:
    ready(database)
    mine = taken(database)

    def approve_and_fail(unit: Unit) -> None:
        review.approve(unit, ANN, "N1", mine.version, OFFICE, NOW)
        raise NotSaved

    with pytest.raises(NotSaved):
        run(database, approve_and_fail)
    assert notices(database) == []
    assert states(database, "N1") == ["received", "in_review"]


class NotSaved(Exception):
    """This work was meant to fail."""


@dataclass(frozen=True)
class Ending:
    """What a later submission does to the ones before it once it is approved."""

    kind: Any
    changed: str
    own: str
    former: str
    form: str = "migrant"


ENDINGS = [
    Ending("change", "address", "registered", "moved"),
    Ending("change", "phone", "registered", "changed"),
    Ending("leaving", "", "left", "left", "leave"),
    Ending("withdrawal", "", "withdrawn", "withdrawn", "withdraw"),
]


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_is_approved_ends_the_registration_it_is_about(database: Database, ending: Ending) -> None:
    former = ready(database)
    mine = taken(database)
    run(database, lambda unit: review.approve(unit, ANN, "N1", mine.version, OFFICE, NOW))
    later = blank("N2", changed=ending.changed or None)
    later = replace(later, kind=ending.kind, form=ending.form, former_id=former.id)
    run(database, lambda unit: submissions.submit(unit, later))
    second = taken(database)
    done = run(database, lambda unit: review.approve(unit, ANN, "N2", second.version, OFFICE, NOW))
    assert done.submission.status == ending.own
    assert states(database, "N1")[-1] == ending.former


def test_a_change_ends_also_what_was_not_decided_yet(database: Database) -> None:
    former = ready(database)
    later = replace(blank("N2", changed="job"), kind="change", former_id=former.id)
    run(database, lambda unit: submissions.submit(unit, later))
    run(database, lambda unit: review.take(unit, ANN, "N2", NOW))
    run(database, lambda unit: review.approve(unit, ANN, "N2", 1, OFFICE, NOW))
    assert states(database, "N1") == ["received", "changed"]


def test_a_leaving_is_decided_and_not_asked_about(database: Database) -> None:
    former = ready(database)
    leaving = replace(blank("N2", leaving_on="2026-11-25"), kind="leaving", form="leave", former_id=former.id)
    run(database, lambda unit: submissions.submit(unit, leaving))
    run(database, lambda unit: review.take(unit, ANN, "N2", NOW))
    asked = run(database, lambda unit: review.ask_again(unit, ANN, "N2", 1, {"name": Ask("wrong")}, OFFICE, NOW))
    assert asked == Unfit(("name",))


def test_answers_again_keep_the_place_in_the_queue_and_what_changed(database: Database) -> None:
    ready(database, "N1")
    ready(database, "N2")
    mine = taken(database)
    run(database, lambda unit: review.ask_again(unit, ANN, "N1", mine.version, {"phone": Ask("wrong")}, OFFICE, NOW))
    answers = blank("N1", phone="+8613700001111", id_number="341225199003071233").answers

    def answer(unit: Unit) -> Submission | None:
        asked = submissions.lock(unit, "N1")
        assert asked is not None
        changes = sidebyside.packed(sidebyside.differences(asked.answers, answers))
        return submissions.answer_again(unit, asked, answers, Mark("person", LATER, note={"changes": changes}))

    again = run(database, answer)
    assert (again.status, again.submitted_at) == ("received", NOW)
    assert taken(database, BEN, LATER).number == "N1"
    step = run(database, lambda unit: history.at(unit, again.id, again.version))
    seen = sidebyside.unpacked(step.note["changes"])
    assert [(one.step, one.before and one.before.value, one.after and one.after.value) for one in seen] == [
        ("id_number", "11010519491231002X", "341225199003071233"),
        ("phone", "+8613812345678", "+8613700001111"),
    ]
    assert run(database, lambda unit: submissions.person(unit, "341225199003071233"))["phone"] == "+8613700001111"


def test_what_a_change_alters_stands_side_by_side() -> None:
    former = blank("N1", school="城东学校")
    on_file = {"files": [], "plan": "on_file"}
    later = blank("N2", changed="job", reason="work", employer="幸福餐馆", paper_identity=on_file, school=None)
    seen = sidebyside.against_former(former, later)
    assert [(one.step, one.codes, one.before, one.after) for one in seen] == [
        ("reason", "reason", Answer("given", "family"), Answer("given", "work")),
        ("employer", "", None, Answer("given", "幸福餐馆")),
        ("school", "", Answer("given", "城东学校"), None),
    ]


def test_a_leaving_stands_beside_its_registration_with_the_day() -> None:
    leaving = replace(blank("N2", leaving_on="2026-11-25"), form="leave", kind="leaving")
    assert [one.step for one in sidebyside.against_former(blank("N1"), leaving)] == ["leaving_on"]
