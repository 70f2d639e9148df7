"""Reminders: planned with their cause, moved and cancelled with it, told once, each with one end; on both databases."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from handlers.office import duties
from handlers.office import tenancies as office_tenancies
from handlers.office.tenancies import Report
from handlers.reminders import planning, telling
from handlers.reminders.entries import BY_NAME, REMINDERS
from handlers.reminders.planning import Place
from regulations.calendar import Calendar
from storage import conversations, homes, reminder_ends, retention, submissions, tables, tenancies
from storage.database import Database
from storage.records import Answer
from storage.reminders import ENDS, Reminder
from storage.tenancies import Tenancy, Word
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import HOLDER, OFFICE, account
from tests.handlers.test_tenancies import all_at_once
from tests.housed import LANDLORD, landlord, let
from tests.reminded import (
    CASES,
    TENANT,
    Case,
    changed,
    leaves,
    messages,
    moved_out,
    plan_ahead,
    plan_open,
    rows,
    talk,
    tell,
)

DAY = timedelta(days=1)
BY_ENTRY = {case.entry: case for case in CASES}
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.entry)


def run(database: Database, work: Callable[[Unit], Any]) -> Any:
    return database.run_now(work)


def nine(day: int, month: int = 11) -> datetime:
    """Nine o'clock of that day of 2026, when people are reminded."""
    return datetime.combine(date(2026, month, day), time(9), OFFICE.zone)


def states(database: Database, entry: str = "") -> Counter[str]:
    return Counter(one.state for one in run(database, lambda unit: rows(unit, entry)))


def test_every_entry_of_the_table_has_a_case_here() -> None:
    assert {case.entry for case in CASES} == {entry.name for entry in REMINDERS}


@each_case
def test_a_cause_is_planned_in_its_own_transaction(database: Database, case: Case) -> None:
    run(database, case.begin)
    found = run(database, lambda unit: rows(unit, case.entry))
    assert found
    assert all(one.state == "planned" and one.due_at > NOW for one in found)
    assert len({one.remind_on for one in found}) == len(found)
    assert {one.offset_days for one in found} <= set(BY_NAME[case.entry].offsets)


@each_case
def test_what_fails_leaves_neither_cause_nor_reminder(database: Database, case: Case) -> None:
    class Crash(Exception):
        """The program dies before its commit."""

    def crash(unit: Unit) -> None:
        case.begin(unit)
        raise Crash

    with pytest.raises(Crash):
        run(database, crash)
    assert run(database, rows) == []


@each_case
def test_planning_twice_changes_nothing(database: Database, case: Case) -> None:
    subject = run(database, case.begin)
    before = run(database, rows)
    kind = BY_NAME[case.entry].subject
    for at in (NOW, NOW + timedelta(hours=3)):
        run(database, partial(planning.plan, subject=kind, number=subject, office=OFFICE, now=at))
    assert run(database, rows) == before


@each_case
def test_what_is_settled_is_cancelled(database: Database, case: Case) -> None:
    subject = run(database, case.begin)
    number = len(run(database, lambda unit: rows(unit, case.entry)))
    run(database, lambda unit: case.settle(unit, subject))
    assert states(database, case.entry) == {"cancelled": number}
    assert all(one.reason and one.ended_at for one in run(database, lambda unit: rows(unit, case.entry)))
    assert tell(database, nine(20, 12)) >= 0
    assert states(database, case.entry) == {"cancelled": number}


@each_case
def test_what_waits_in_the_outbox_is_taken_back_when_the_matter_is_settled(database: Database, case: Case) -> None:
    subject = run(database, case.begin)
    (first, *_) = run(database, lambda unit: rows(unit, case.entry))
    assert tell(database, first.due_at) > 0
    run(database, lambda unit: case.settle(unit, subject))
    assert not states(database, case.entry).keys() & {"planned", "handed"}
    assert [state for _, state, said in run(database, messages) if said[0][0] == f"remind/{case.entry}"] == [
        "suppressed"
    ]


@pytest.mark.parametrize("case", [case for case in CASES if case.edit], ids=lambda case: case.entry)
def test_an_edited_day_replaces_what_was_planned(database: Database, case: Case) -> None:
    subject = run(database, case.begin)
    before = run(database, lambda unit: rows(unit, case.entry))
    assert case.edit is not None
    edit = case.edit
    run(database, lambda unit: edit(unit, subject))
    after = run(database, lambda unit: rows(unit, case.entry))
    old = [one for one in after if one.id in {earlier.id for earlier in before}]
    new = [one for one in after if one not in old]
    assert {(one.state, one.reason) for one in old} == {("replaced", "the day moved")}
    assert new
    assert {one.due_on for one in new}.isdisjoint({one.due_on for one in before})


def test_a_day_edited_back_is_planned_again(database: Database) -> None:
    case = BY_ENTRY["registration_due"]
    subject = run(database, case.begin)
    first = {one.remind_on for one in run(database, lambda unit: rows(unit, case.entry))}
    assert case.edit is not None
    edit = case.edit
    run(database, lambda unit: edit(unit, subject))
    back = {"consent": Answer("given", "agree"), "arrived_on": Answer("given", "2026-11-22")}
    run(database, lambda unit: changed(unit, subject, answers=back))
    found = run(database, lambda unit: rows(unit, case.entry))
    assert {one.remind_on for one in found if one.state == "planned"} == first


@each_case
def test_told_to_its_end_every_reminder_has_one_end_and_one_thing_is_told_once_a_day(
    database: Database, case: Case
) -> None:
    run(database, case.begin)
    at, told_on = nine(23), []
    for _ in range(75):
        before = len(run(database, messages))
        tell(database, at)
        assert tell(database, at) == 0
        leaves(database, at)
        told_on += [at] * (len(run(database, messages)) - before)
        at += DAY
    found = [one for one in run(database, lambda unit: rows(unit, case.entry)) if one.remind_on < at.date()]
    assert {one.state for one in found} <= {"told", "joined"}
    assert all(one.state in ENDS and one.ended_at for one in found)
    assert len(told_on) == len(set(told_on))


def test_what_falls_together_is_told_in_one_message(database: Database) -> None:
    run(database, lambda unit: talk(unit, "me", HOLDER))
    run(database, BY_ENTRY["papers_promised"].begin)
    tell(database, nine(26))
    ((key, _, said),) = run(database, messages)
    assert [template for template, _ in said] == ["remind/together"]
    assert {line["name"] for line in said[0][1]["lines"]} == {"papers_promised", "unfinished_talk"}
    leaves(database, nine(26))
    ended = Counter((one.entry, one.state) for one in run(database, rows) if one.message_key == key)
    assert sum(ended.values()) == 2
    assert {state for _, state in ended} == {"told", "joined"}


def test_a_registration_that_is_due_speaks_for_the_unfinished_talk_too(database: Database) -> None:
    run(database, BY_ENTRY["registration_due"].begin)
    tell(database, nine(24))
    ((_, _, said),) = run(database, messages)
    assert said[0][0] == "remind/registration_due"
    assert said[0][1]["it"]["due_on"] == "2026-11-25"
    leaves(database, nine(24))
    assert states(database, "unfinished_talk")["joined"] == 1


def test_on_the_day_moves_before_a_rest_day_and_never_past_the_deadline(database: Database) -> None:
    run(database, lambda unit: moved_out(unit, date(2026, 11, 19)))  # ten days later is a Sunday
    found = run(database, lambda unit: rows(unit, "moved_out"))
    days = {one.offset_days: one.remind_on for one in found}
    assert (days[0], found[0].due_on) == (date(2026, 11, 27), date(2026, 11, 29))
    assert days[1] == date(2026, 12, 1)  # nobody is late on the Monday after
    assert -1 not in days


def test_late_is_said_only_after_the_rolled_day(database: Database) -> None:
    run(database, lambda unit: moved_out(unit, date(2026, 11, 19)))
    for at in (nine(27), nine(1, 12)):
        tell(database, at)
        leaves(database, at)
    told = [said[0][1]["it"] for _, _, said in run(database, messages) if said[0][0] == "remind/moved_out"]
    assert [one["late"] for one in told] == [False, True]


def test_a_message_that_still_waits_is_said_anew_with_the_next(database: Database) -> None:
    run(database, BY_ENTRY["answers_asked"].begin)
    tell(database, nine(25))
    tell(database, nine(28))
    assert [state for _, state, _ in run(database, messages)] == ["suppressed", "waiting"]
    leaves(database, nine(28))
    found = run(database, lambda unit: rows(unit, "answers_asked"))
    assert [(one.offset_days, one.state) for one in found][:2] == [(2, "replaced"), (5, "told")]


def test_the_outbox_s_end_is_the_reminder_s(database: Database) -> None:
    run(database, BY_ENTRY["answers_asked"].begin)
    ends = (("sent", "", "told"), ("failed", "blocked", "untold"), ("expired", "too late", "untold"))
    for day, (state, reason, expected) in zip((25, 28, 33), ends, strict=True):
        at = nine(1) + (day - 1) * DAY
        tell(database, at)
        assert leaves(database, at, state, reason) == 1
        last = [one for one in run(database, lambda unit: rows(unit, "answers_asked")) if one.ended_at][-1]
        assert (last.state, last.reason) == (expected, reason or "sent")


def test_told_by_telephone_is_told(database: Database) -> None:
    run(database, BY_ENTRY["answers_asked"].begin)
    tell(database, nine(25))
    leaves(database, nine(25), "suppressed", reminder_ends.BY_TELEPHONE)
    assert states(database)["told"] == 1


def test_a_message_that_another_account_gets_is_followed_there(database: Database) -> None:
    run(database, BY_ENTRY["answers_asked"].begin)
    second = run(database, lambda unit: account(unit, "phone", HOLDER))
    tell(database, nine(25))
    ((key, _, _),) = run(database, messages)

    def hand_over(unit: Unit) -> None:
        c = tables.outbox.c
        unit.execute(update(tables.outbox).where(c.once_key == key).values(state="replaced", ended_at=NOW))
        row = unit.execute(tables.outbox.select().where(c.once_key == key)).one()
        copied = dict(row._mapping) | {"once_key": f"{key}>{second}", "state": "waiting", "ended_at": None}
        del copied["id"]
        unit.execute(tables.outbox.insert().values(copied))

    run(database, hand_over)
    run(database, lambda unit: reminder_ends.settle(unit, NOW))
    assert states(database)["handed"] == 1
    leaves(database, nine(25))
    assert states(database)["told"] == 1


def test_nobody_to_tell_is_an_end_with_a_reason(database: Database) -> None:
    subject = run(database, BY_ENTRY["landlord_duty"].begin)

    def erase(unit: Unit) -> None:
        found = conversations.find(unit, "engine", "landlord l")
        assert found is not None
        conversations.erase(unit, found.id)

    run(database, erase)
    (first, *_) = [one for one in run(database, lambda unit: rows(unit, "landlord_duty")) if one.subject == subject]
    tell(database, first.due_at)
    (told, *_) = [one for one in run(database, lambda unit: rows(unit, "landlord_duty")) if one.id == first.id]
    assert (told.state, told.reason) == ("untold", "no account")


@pytest.mark.parametrize(
    ("entry", "outcome"),
    [
        ("unfinished_talk", ("skipped", "skip")),
        ("answers_asked", ("told", "send")),
        ("landlord_duty", ("told", "alert")),
    ],
)
def test_a_missed_run_is_made_up_by_each_entry_s_own_policy(
    database: Database, entry: str, outcome: tuple[str, str]
) -> None:
    run(database, BY_ENTRY[entry].begin)
    last = run(database, lambda unit: rows(unit, entry))[-1]
    at = last.due_at + timedelta(hours=25)
    tell(database, at)
    leaves(database, at)
    found = {one.id: one for one in run(database, lambda unit: rows(unit, entry))}
    assert (found[last.id].state, found[last.id].made_up) == outcome
    assert len(run(database, messages)) == (0 if entry == "unfinished_talk" else 1)


def test_after_a_stop_one_thing_is_told_once(database: Database) -> None:
    run(database, BY_ENTRY["answers_asked"].begin)
    tell(database, nine(30))
    assert states(database) == {"replaced": 1, "handed": 1, "planned": 2}
    assert len(run(database, messages)) == 1


def test_two_copies_at_once_tell_everything_once(database: Database) -> None:
    for number in range(12):
        run(database, partial(talk, who=f"p{number}"))
    at = nine(24)
    work = lambda unit: telling.tell_due(unit, OFFICE, at)  # noqa: E731 -- the same for each copy
    all_at_once(database, *[work] * 4)
    tell(database, at)
    keys = [key for key, _, _ in run(database, messages)]
    assert len(keys) == len(set(keys)) == 12
    assert states(database)["handed"] == 12


def test_two_copies_that_plan_at_once_plan_once(database: Database) -> None:
    subject = run(database, talk)
    run(database, lambda unit: unit.execute(tables.reminders.delete()))
    all_at_once(database, *[lambda unit: planning.plan(unit, "conversation", subject, OFFICE, NOW)] * 6)
    found = run(database, rows)
    assert len(found) == len({one.offset_days for one in found}) == 3


def test_a_crash_between_plan_and_tell_loses_and_doubles_nothing(database: Database) -> None:
    class Crash(Exception):
        """The program dies before its commit."""

    run(database, talk)

    def crash(unit: Unit) -> None:
        assert telling.tell_due(unit, OFFICE, nine(24)) == 1
        raise Crash

    for _ in range(2):
        with pytest.raises(Crash):
            run(database, crash)
    assert run(database, messages) == []
    assert states(database) == {"planned": 3}
    tell(database, nine(24))
    assert len(run(database, messages)) == 1


def test_what_was_never_planned_is_found_by_the_daily_plan(database: Database) -> None:
    run(database, BY_ENTRY["landlord_duty"].begin)
    run(database, lambda unit: talk(unit, "other", arrived_on="2026-11-22"))
    before = {(one.entry, one.subject, one.remind_on) for one in run(database, rows)}
    run(database, lambda unit: unit.execute(tables.reminders.delete()))

    def plan(unit: Unit) -> None:
        place: Place | None = planning.BEGINNING
        while place is not None:
            place = plan_ahead(unit, place, 1, OFFICE, NOW)

    run(database, plan)
    run(database, plan)
    assert {(one.entry, one.subject, one.remind_on) for one in run(database, rows)} == before


def test_another_calendar_moves_what_is_planned(database: Database) -> None:
    run(database, lambda unit: talk(unit, arrived_on="2026-11-25"))
    bridge = replace(OFFICE, calendar=Calendar({date(2026, 11, 27): False}))
    after = run(database, lambda unit: plan_open(unit, ("", 0), bridge, NOW))
    assert run(database, lambda unit: plan_open(unit, after, bridge, NOW)) is None
    planned = [one for one in run(database, lambda unit: rows(unit, "registration_due")) if one.state == "planned"]
    assert {one.offset_days: one.remind_on for one in planned}[0] == date(2026, 12, 1)
    tell(database, nine(1, 12), bridge)
    assert len(run(database, messages)) == 1


def test_another_version_of_the_pack_moves_what_is_planned(database: Database) -> None:
    run(database, lambda unit: talk(unit, arrived_on="2026-11-22"))
    rule = OFFICE.pack.rule("registration.deadline", date(2026, 11, 22))
    longer = replace(
        OFFICE, pack=replace(OFFICE.pack, versions={**OFFICE.pack.versions, rule.key: (replace(rule, value=6),)})
    )
    run(database, lambda unit: plan_open(unit, ("", 0), longer, NOW))
    found = run(database, lambda unit: rows(unit, "registration_due"))
    assert {one.due_on for one in found if one.state == "planned"} == {date(2026, 11, 30)}
    assert {one.due_on for one in found if one.state == "replaced"} == {date(2026, 11, 25)}


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Asia/Urumqi", "UTC", "America/Los_Angeles"])
def test_people_are_reminded_at_the_hour_of_the_office_s_zone(database: Database, zone: str) -> None:
    there = replace(OFFICE, zone=ZoneInfo(zone), remind_at=time(10, 30))
    subject = run(database, talk)
    run(database, lambda unit: unit.execute(tables.reminders.delete()))
    run(database, lambda unit: planning.plan(unit, "conversation", subject, there, NOW))
    found: list[Reminder] = run(database, rows)
    assert {one.due_at.astimezone(ZoneInfo(zone)).time() for one in found} == {time(10, 30)}
    assert all(one.due_at.astimezone(ZoneInfo(zone)).date() == one.remind_on for one in found)
    assert found[0].due_at > datetime.min.replace(tzinfo=UTC)


def test_an_entry_that_this_version_lacks_is_cancelled(database: Database) -> None:
    run(database, talk)
    run(database, lambda unit: unit.execute(update(tables.reminders).values(entry="of_another_version")))
    tell(database, nine(24))
    assert {one.reason for one in run(database, rows) if one.state == "cancelled"} == {"no such entry"}


def test_old_ends_are_forgotten(database: Database) -> None:
    subject = run(database, talk)
    run(database, lambda unit: changed(unit, subject, draft="", answers={}))
    for before, gone in ((NOW - DAY, 0), (NOW + DAY, 3)):
        assert run(database, partial(retention.REMINDERS.count, before=before)) == gone
        assert run(database, partial(_erase, before=before)) == gone
    assert run(database, rows) == []


def _erase(unit: Unit, before: datetime) -> int:
    return retention.REMINDERS.erase(unit, before, 10)


def test_a_claim_that_becomes_part_of_the_landlord_s_report_reminds_nobody(database: Database) -> None:
    number = run(database, BY_ENTRY["landlord_duty"].begin)

    def joins(unit: Unit) -> None:
        (claimed,) = tenancies.of_tenant(unit, TENANT)
        home = homes.get(unit, claimed.home)
        sent = submissions.get(unit, claimed.submission_id or 0)
        assert home is not None
        assert sent is not None
        told = Report({"name": "李伟", "phone": "+8613812345678"}, None, date(2026, 11, 22))
        reported, _ = office_tenancies.report(unit, home, told, OFFICE, NOW)
        assert office_tenancies.join(unit, reported, sent, OFFICE, NOW) is not None

    run(database, joins)
    found = [one for one in run(database, lambda unit: rows(unit, "landlord_duty")) if one.subject == number]
    assert {one.state for one in found} == {"cancelled"}


def test_a_duty_that_waited_for_holidays_is_planned_anew_once_they_are_known(database: Database) -> None:
    home = run(database, let)

    def waits(unit: Unit) -> int:
        landlord(unit)
        new = Tenancy(home.code, home.area, "claimed", acts_as="owner", holder_id=TENANT)
        tenancy, _ = tenancies.begin(unit, new, Word("tenant", NOW, "lives"))
        duty = duties.begin(unit, tenancy, LANDLORD, "start", date(2026, 12, 30), OFFICE)
        duties.remind(unit, duty, OFFICE, NOW)
        return 0 if duty is None else duty.id

    run(database, waits)
    before = {one.due_on for one in run(database, rows)}
    known = replace(OFFICE, calendar=Calendar({date(2027, 1, 1): False}, frozenset({2027})))
    run(database, lambda unit: duties.recount(unit, known, 0, 10, NOW))
    found = run(database, rows)
    assert {one.due_on for one in found if one.state == "replaced"} == before
    assert {one.due_on for one in found if one.state == "planned"} == {date(2027, 1, 5)}
    assert {1, 7, 30} <= {one.offset_days for one in found if one.state == "planned"}
