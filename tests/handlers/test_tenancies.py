"""Tenancies: what each side says stands by itself, both together confirm, and two at once are one."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers.office import contradictions, duties, homes, leaving, tenancies
from handlers.office import tenancy_answers as answers
from handlers.office.contradictions import Finding, FindingUnfit
from handlers.office.homes import HomeDecided, HomeDone
from handlers.office.reviewer import Reviewer
from handlers.office.tenancies import Report
from handlers.office.tenancy_answers import Answer, Heard
from handlers.office.tenancy_states import TRANSITIONS, ForbiddenTenancyStep, allows, lead
from regulations.pack import load
from storage import accounts, deliveries, tables
from storage import duties as kept_duties
from storage import homes as kept_homes
from storage import submissions as kept_submissions
from storage import tenancies as kept
from storage.database import Database
from storage.records import Ask, Home, Side, Submission, TenancyState
from storage.tenancies import Tenancy, Word
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.answers.telling import id_number
from tests.handlers.filed import OFFICE, account, file
from tests.housed import CLERK, LANDLORD, OTHER_LANDLORD, landlord, let, tenant

TENANT, STRANGER = "t" * 32, "s" * 32
TOLD = Report({"name": "李伟", "phone": "+8613812345678"}, None, date(2026, 11, 20))
STATES: tuple[TenancyState, ...] = (
    "claimed", "reported", "confirmed", "disputed", "leaving", "ended", "merged",
)  # fmt: skip
NATIONAL = replace(OFFICE, pack=load("cn"))


def run(database: Database, work: Callable[[Unit], Any]) -> Any:
    return database.run_now(work)


def ready(unit: Unit, *rooms: str) -> Home:
    """A landlord's confirmed home, a tenant with an account."""
    landlord(unit)
    account(unit, "tenant", TENANT)
    return let(unit, *rooms)


def claimed(unit: Unit) -> Tenancy:
    """Somebody has registered in that home."""
    home = ready(unit)
    tenant(unit, "N1", TENANT, home)
    (found,) = kept.of_home(unit, home.code)
    return found


def confirmed(unit: Unit) -> Tenancy:
    heard = answers.landlord_yes(unit, Answer(LANDLORD, claimed(unit).id, NOW), OFFICE)
    assert heard is not None
    return heard.tenancy


def rows(database: Database) -> list[Any]:
    return list(run(database, lambda unit: unit.execute(select(tables.tenancies)).all()))


def filing(number: str, holder: str, **answers: Any) -> Callable[[Unit], Submission]:
    return lambda unit: file(unit, number, holder, home="yes", **answers)


def claiming(sent: Submission, home: Home, code: str) -> Callable[[Unit], None]:
    return lambda unit: tenancies.claim(unit, sent, home, code, OFFICE, NOW)


def all_at_once(database: Database, *works: Callable[[Unit], Any]) -> list[Any]:
    """Each piece of work in a thread of its own, begun together."""
    start, outcomes = threading.Barrier(len(works)), [None] * len(works)

    def work(number: int) -> None:
        start.wait()
        outcomes[number] = run(database, works[number])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_phones_of_one_person_that_scan_at_once_leave_one_tenancy(database: Database) -> None:
    home = run(database, ready)
    sent = [run(database, filing(f"N{number}", TENANT)) for number in range(6)]
    all_at_once(database, *[claiming(one, home, home.code) for one in sent])
    (row,) = rows(database)  # PostgreSQL counts on where several were tried
    notices = run(database, lambda unit: unit.execute(select(tables.outbox.c.once_key)).scalars().all())
    assert [key for key in notices if key.startswith("tenancy:")] == [f"tenancy:{row.id}:0:landlord"]


def test_two_phones_of_the_landlord_that_confirm_at_once_leave_one_answer(database: Database) -> None:
    tenancy = run(database, claimed)
    yes = lambda unit: answers.landlord_yes(unit, Answer(LANDLORD, tenancy.id, NOW), OFFICE)  # noqa: E731 -- the same twice
    heard = all_at_once(database, *[yes] * 6)
    assert sorted(one.again for one in heard) == [False] + [True] * 5
    (row,) = rows(database)
    assert (row.state, row.version) == ("confirmed", 1)


def test_two_who_take_up_one_invitation_at_once_get_one_tenancy(database: Database) -> None:
    home = run(database, ready)
    tenancy, _ = run(database, lambda unit: tenancies.report(unit, home, TOLD, OFFICE, NOW))
    code = run(database, lambda unit: tenancies.invite(unit, tenancy.id, NOW))
    both = [
        run(database, filing(born, born[:1] * 32, id_number=id_number("341225", born, "123")))
        for born in ("19900307", "20010307")
    ]
    all_at_once(database, *[claiming(one, home, code) for one in both])
    assert sorted(row.state for row in rows(database)) == ["claimed", "confirmed"]


def test_reported_twice_it_is_one_and_who_left_may_come_back(database: Database) -> None:
    home = run(database, ready)
    first = run(database, lambda unit: tenancies.report(unit, home, TOLD, OFFICE, NOW))
    again = all_at_once(database, *[lambda unit: tenancies.report(unit, home, TOLD, OFFICE, NOW)] * 4)
    assert {(one.id, fresh) for one, fresh in again} == {(first[0].id, False)}
    answer = Answer(LANDLORD, first[0].id, NOW)
    gone = run(database, lambda unit: leaving.by_landlord(unit, answer, NOW.date(), OFFICE))
    assert gone.tenancy.state == "ended"
    assert run(database, lambda unit: tenancies.report(unit, home, TOLD, OFFICE, NOW))[1]


@pytest.mark.parametrize("came_from", STATES)
@pytest.mark.parametrize("to", STATES)
def test_only_the_steps_of_the_table_can_be_taken(came_from: TenancyState, to: TenancyState) -> None:
    sides: tuple[Side, ...] = ("tenant", "landlord", "staff")
    for actor in sides:
        if not allows(came_from, to, actor):
            with pytest.raises(ForbiddenTenancyStep):
                lead(None, Tenancy("H", "A", came_from), to, Word(actor, NOW))  # type: ignore[arg-type]  # refused before


def test_nothing_leads_out_of_an_end() -> None:
    assert {*STATES, ""} - {came_from for came_from, _ in TRANSITIONS} == {"ended", "merged"}


@pytest.mark.parametrize("word", ["yes", "no", "not_yet", "is", "not_me"])
@pytest.mark.parametrize("who", [OTHER_LANDLORD, STRANGER, ""])
def test_whose_tenancy_it_is_not_gets_the_same_as_for_none(who: str, word: str, database: Database) -> None:
    tenancy = run(database, claimed)
    hear = answers.HEARINGS[word]
    assert run(database, lambda unit: hear(unit, Answer(who, tenancy.id, NOW, tenancy.id), OFFICE)) is None
    assert run(database, lambda unit: hear(unit, Answer(who, 999, NOW, 998), OFFICE)) is None
    assert rows(database)[0].state == "claimed"


def test_typing_somebodys_id_number_and_phone_opens_nothing(database: Database) -> None:
    def tried(unit: Unit) -> tuple[Tenancy, ...]:
        home = ready(unit)
        tenancies.report(
            unit, home, Report({**TOLD.told, "id_number": "11010519491231002X"}, None, TOLD.moved_in_on), OFFICE, NOW
        )
        account(unit, "stranger", STRANGER)
        tenant(unit, "N9", STRANGER, home)
        return kept.of_home(unit, home.code)

    states = {(one.state, one.holder_id) for one in run(database, tried)}
    assert states == {("reported", ""), ("claimed", STRANGER)}


def test_another_account_of_the_same_id_number_takes_no_tenancy_over(database: Database) -> None:
    tenancy = run(database, confirmed)

    def tried(unit: Unit) -> Tenancy | None:
        home = kept_homes.get(unit, tenancy.home)
        assert home is not None
        tenant(unit, "N9", STRANGER, home)
        return kept.get(unit, tenancy.id)

    found = run(database, tried)
    assert (found.holder_id, found.submission_id) == (TENANT, tenancy.submission_id)


def test_a_contradiction_goes_to_the_collector_of_the_area_with_both_statements(database: Database) -> None:
    tenancy = run(database, claimed)
    run(database, lambda unit: answers.landlord_no(unit, Answer(LANDLORD, tenancy.id, NOW), OFFICE))
    here, elsewhere = Reviewer("ann", areas=("S01-02",)), Reviewer("ben", areas=("S02-01",))
    finding = Finding("ended", Ask("own_words", "两边都问过"))
    (found,) = run(database, lambda unit: contradictions.waiting(unit, here))
    assert run(database, lambda unit: contradictions.waiting(unit, elsewhere)) == ()
    assert run(database, lambda unit: contradictions.look(unit, elsewhere, found.id, NOW)) is None
    assert run(database, lambda unit: contradictions.settle(unit, elsewhere, found.id, 1, finding, NOW)) is None
    seen = run(database, lambda unit: contradictions.look(unit, here, found.id, NOW))
    assert [(step.actor, step.says) for step in seen.way] == [("tenant", "lives"), ("landlord", "no")]
    settled = [run(database, lambda unit: contradictions.settle(unit, here, found.id, 1, finding, NOW)) for _ in "12"]
    assert {one.state for one in settled} == {"ended"}
    *_, last = run(database, lambda unit: kept.way(unit, found.id))
    assert (last.version, last.staff_id, last.reason, last.words) == (2, "ann", "own_words", "两边都问过")


@pytest.mark.parametrize("reason", [Ask(""), Ask("unclear"), Ask("own_words"), Ask("visited", "x" * 301)], ids=str)
def test_a_contradiction_is_settled_for_a_reason_of_the_list_or_in_own_words(database: Database, reason: Ask) -> None:
    tenancy = run(database, claimed)
    run(database, lambda unit: answers.landlord_no(unit, Answer(LANDLORD, tenancy.id, NOW), OFFICE))
    finding, anywhere = Finding("confirmed", reason), Reviewer("ann")
    outcome = run(database, lambda unit: contradictions.settle(unit, anywhere, tenancy.id, 1, finding, NOW))
    assert outcome == FindingUnfit()
    assert run(database, lambda unit: kept.get(unit, tenancy.id)).state == "disputed"


def test_the_landlord_says_moved_out_and_the_registration_becomes_a_question(database: Database) -> None:
    tenancy = run(database, confirmed)

    def registered(unit: Unit) -> None:
        unit.execute(tables.submissions.update().values(status="registered"))

    run(database, registered)
    answer = Answer(LANDLORD, tenancy.id, NOW)
    heard = run(database, lambda unit: leaving.by_landlord(unit, answer, NOW.date(), OFFICE))
    assert (heard.tenancy.state, heard.tenancy.leaving_by) == ("leaving", "landlord")
    sent = run(database, lambda unit: kept_submissions.get(unit, tenancy.submission_id))
    assert sent.status == "moved_out"
    still = run(database, lambda unit: leaving.tenant_still(unit, Answer(TENANT, tenancy.id, NOW), OFFICE))
    assert still.tenancy.state == "disputed"
    assert run(database, lambda unit: kept_submissions.get(unit, tenancy.submission_id)).status == "registered"


def test_duties_are_stored_with_their_days_and_met_in_time_or_late(database: Database) -> None:
    home = run(database, ready)
    told = replace(TOLD, moved_in_on=date(2026, 11, 20))  # a Friday: three working days end on Wednesday
    tenancy, _ = run(database, lambda unit: tenancies.report(unit, home, told, OFFICE, NOW))
    duty = run(database, lambda unit: duties.of(unit, tenancy.id, "start"))
    assert (duty.rule, duty.due_on, duty.rolled_on) == ("report.landlord.start", date(2026, 11, 25), date(2026, 11, 25))
    assert (duty.done_at, duty.in_time) == (NOW, True)
    late = Answer(LANDLORD, tenancy.id, NOW + timedelta(days=30))
    run(database, lambda unit: leaving.by_landlord(unit, late, date(2026, 11, 23), OFFICE))
    end = run(database, lambda unit: duties.of(unit, tenancy.id, "end"))
    assert (end.rule, end.due_on, end.in_time) == ("report.landlord.end", date(2026, 11, 26), False)


def test_a_claim_opens_the_landlords_duty_until_they_answer(database: Database) -> None:
    tenancy = run(database, claimed)
    assert [duty.event for duty in run(database, lambda unit: kept_duties.still_open(unit, date(2026, 12, 31)))] == [
        "start"
    ]
    run(database, lambda unit: answers.landlord_yes(unit, Answer(LANDLORD, tenancy.id, NOW), OFFICE))
    assert run(database, lambda unit: kept_duties.still_open(unit, date(2026, 12, 31))) == ()


@pytest.mark.parametrize(
    ("acts_as", "start", "end"),
    [
        ("owner", "report.landlord.start", "report.landlord.end"),
        ("for_owner", "report.landlord.start", "report.landlord.end"),
        ("manager", "report.property", "report.property"),
        ("employer", "report.employer.start", "report.employer.end"),
        ("agent", "report.agent", None),
    ],
)
def test_each_role_has_duties_of_its_own(acts_as: str, start: str, end: str | None) -> None:
    rules = [duties.rule_for(OFFICE.pack, acts_as, event) for event in ("start", "end")]
    assert [rule.key if rule else None for rule in rules] == [start, end]


def test_a_home_in_a_city_without_a_pack_works_with_the_national_one(database: Database) -> None:
    home = run(database, ready)
    tenancy, fresh = run(database, lambda unit: tenancies.report(unit, home, TOLD, NATIONAL, NOW))
    assert fresh
    assert run(database, lambda unit: duties.of(unit, tenancy.id, "start")) is None
    answer = Answer(LANDLORD, tenancy.id, NOW)
    assert isinstance(run(database, lambda u: leaving.by_landlord(u, answer, NOW.date(), NATIONAL)), Heard)


def test_the_office_confirms_a_home_once_and_tells_the_landlord_once(database: Database) -> None:
    run(database, landlord)
    home = run(database, lambda unit: let(unit, state="registered"))
    confirm = lambda unit: homes.confirm(unit, CLERK, home.code, 0, NOW)  # noqa: E731 -- the same several times
    done = all_at_once(database, *[confirm] * 4)
    assert sorted(one.again for one in done) == [False, True, True, True]
    refused = run(database, lambda unit: homes.refuse(unit, CLERK, home.code, 0, Ask("not_here"), NOW))
    assert isinstance(refused, HomeDecided)
    assert sum(run(database, deliveries.counts).values()) == 1
    elsewhere = Reviewer("ben", areas=("S02-01",))
    assert run(database, lambda unit: homes.confirm(unit, elsewhere, home.code, 0, NOW)) is None
    assert isinstance(done[0], HomeDone)


def test_two_accounts_that_turn_out_to_be_one_persons_keep_homes_and_tenancies(database: Database) -> None:
    tenancy = run(database, confirmed)
    run(database, lambda unit: accounts.join(unit, LANDLORD, "n" * 32))
    assert [home.code for home in run(database, lambda unit: kept_homes.of_holder(unit, "n" * 32))] == [tenancy.home]


def test_names_telephones_and_rooms_are_sealed(database: Database) -> None:
    def keep(unit: Unit) -> bytes:
        home = ready(unit, "贵宾室")
        tenancies.report(unit, home, TOLD, OFFICE, NOW)
        stored = [unit.execute(select(table)).all() for table in (tables.homes, tables.rooms, tables.tenancies)]
        return repr(stored).encode()

    stored = run(database, keep)
    secret = ("李伟", "王芳", "13812345678", "13912345678", "幸福路", "贵宾室")
    assert not any(word.encode() in stored or repr(word.encode())[2:-1].encode() in stored for word in secret)
