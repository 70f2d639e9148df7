"""My matters: reports, leases, what the office was asked and what it asks; each with its day and what to do."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.channels.channel import Message
from bot.channels.wechat.compose import LIMIT, Voice, compose
from bot.house import office_facts
from bot.render import Words
from handlers.office import leaving, my_matters, tenancies
from handlers.office.matter import Item, in_order, told
from handlers.office.tenancies import Report
from handlers.office.tenancy_answers import Answer, landlord_yes
from storage import conversations, lease_days, privacy_requests
from storage import tenancies as kept
from storage.database import Database
from storage.privacy_requests import Request
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import HOLDER, OFFICE, account, file
from tests.house import settings
from tests.housed import LANDLORD, OTHER_LANDLORD, landlord, let, tenant

TODAY = NOW.astimezone(OFFICE.zone).date()
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def words() -> Words:
    chosen = settings("sqlite://")
    return Words(chosen.pack, office_facts(chosen), tuple)


def found(unit: Unit, who: str, holder: str, now: datetime = NOW) -> list[Item]:
    talk = conversations.find(unit, "engine", who)
    assert talk is not None
    return list(my_matters.everything(unit, OFFICE, talk.id, holder, now))


def kinds(items: list[Item]) -> list[tuple[str, str, str]]:
    return [(one.about, one.state, one.act) for one in items]


def test_a_landlords_open_report_stands_with_its_day_until_it_is_made(database: Database) -> None:
    def begin(unit: Unit) -> tuple[list[Item], ...]:
        landlord(unit)
        landlord(unit, OTHER_LANDLORD)
        account(unit, "tenant", "t" * 32)
        home = let(unit, "302")
        report = Report({"name": "李伟", "phone": "+8613812345678"}, home.rooms[0].id, TODAY - 40 * DAY)
        tenancies.report(unit, home, report, OFFICE, NOW)
        tenant(unit, "N1", "t" * 32, home)
        before = found(unit, "landlord l", LANDLORD)
        late = found(unit, "landlord l", LANDLORD, NOW + 30 * DAY)
        for number in tenancies_of(unit, home.code):
            landlord_yes(unit, Answer(LANDLORD, number, NOW), OFFICE)
        after = found(unit, "landlord l", LANDLORD)
        return before, late, after, found(unit, "landlord o", OTHER_LANDLORD)

    before, late, after, others = database.run_now(begin)
    assert kinds(before) == [("duty", "to_report", "my_homes")]
    assert (before[0].place, before[0].event, before[0].acts_as) == ("幸福路20号", "start", "owner")
    assert before[0].on is not None
    assert kinds(late) == [("duty", "late_report", "my_homes")]
    assert (after, others) == ([], [])


def tenancies_of(unit: Unit, home: str) -> list[int]:
    """Those of which the landlord hasn't said anything."""
    return [one.id for one in kept.of_home(unit, home) if one.landlord_says == ""]


def test_leaving_brings_a_report_of_its_own(database: Database) -> None:
    def begin(unit: Unit) -> list[Item]:
        landlord(unit)
        account(unit, "tenant", "t" * 32)
        home = let(unit)
        tenant(unit, "N1", "t" * 32, home)
        (number,) = tenancies_of(unit, home.code)
        landlord_yes(unit, Answer(LANDLORD, number, NOW), OFFICE)
        leaving.by_tenant(unit, person_of(unit, number), TODAY, NOW, OFFICE)
        return found(unit, "landlord l", LANDLORD)

    assert [(one.state, one.event) for one in database.run_now(begin)] == [("to_report", "end")]


def person_of(unit: Unit, tenancy: int) -> int:
    one = kept.get(unit, tenancy)
    assert one is not None
    assert one.person_id is not None
    return one.person_id


LEASES = [
    (200, "lease", ""), (31, "lease", ""), (30, "lease_ends", "lease"), (0, "lease_ends", "lease"),
    (-1, "lease_over", "lease"), (-30, "lease_over", "lease"), (-31, "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("days", "state", "act"), LEASES)
def test_a_lease_stands_with_its_last_day(days: int, state: str, act: str, database: Database) -> None:
    def begin(unit: Unit) -> list[Item]:
        account(unit)
        lease_days.keep(unit, file(unit, "N1").id, TODAY + days * DAY, NOW)
        return [one for one in found(unit, "me", HOLDER) if one.about == "lease"]

    leases = database.run_now(begin)
    assert kinds(leases) == ([("lease", state, act)] if state else [])
    assert [one.on for one in leases] == ([TODAY + days * DAY] if state else [])


def test_what_was_asked_about_the_own_data_stands_on_every_account_with_the_offices_day(database: Database) -> None:
    def begin(unit: Unit) -> tuple[list[Item], ...]:
        account(unit)
        account(unit, "other phone")
        account(unit, "stranger", "s" * 32)
        mine, other = (conversations.find(unit, "engine", who) for who in ("me", "other phone"))
        assert mine is not None
        assert other is not None
        for number, kind in ((mine.id, "complaint"), (other.id, "correct")):
            privacy_requests.add(unit, Request(0, number, "", kind, "…", NOW, TODAY + 15 * DAY))  # type: ignore[arg-type]  # a kind
        late = found(unit, "me", HOLDER, NOW + 16 * DAY)
        return found(unit, "me", HOLDER), late, found(unit, "stranger", "s" * 32)

    mine, late, others = database.run_now(begin)
    assert [(one.state, one.reason, one.on, one.act) for one in mine] == [
        ("asked_office", kind, TODAY + 15 * DAY, "") for kind in ("complaint", "correct")
    ]
    assert kinds(late) == [("request", "office_late", "person")] * 2
    assert others == []


def test_an_account_that_registered_nobody_sees_its_own_request(database: Database) -> None:
    def begin(unit: Unit) -> list[Item]:
        talk = conversations.begin(unit, "engine", "me", "zh", NOW)
        privacy_requests.add(unit, Request(0, talk.id, "", "complaint", "…", NOW, TODAY))
        return found(unit, "me", "")

    assert kinds(database.run_now(begin)) == [("request", "asked_office", "")]


MIXED = [
    Item("a", "request", "asked_office", number="7", on=TODAY + 3 * DAY, reason="complaint"),
    Item("b", "duty", "to_report", "李伟", on=TODAY + 9 * DAY, act="my_homes", place="幸福路20号 302", event="start",
         acts_as="owner"),
    Item("c", "duty", "late_report", on=TODAY - DAY, act="my_homes", place="幸福路20号", event="end",
         acts_as="employer"),
    Item("d", "registration", "registered", "李伟", "261124-ABCDE-F"),
    Item("e", "lease", "lease_ends", "李伟", "261124-ABCDE-F", on=TODAY + 20 * DAY, act="lease"),
    Item("f", "permit", "working", "李伟", on=TODAY + 90 * DAY, until=TODAY + 120 * DAY),
    Item("g", "broadcast", "asks_read", act="read"),
    Item("h", "broadcast", "asks_answer"),
    Item("i", "lease", "lease", "李伟", "261124-ABCDE-F", on=TODAY + 200 * DAY),
    Item("j", "lease", "lease_over", "李伟", "261124-ABCDE-F", on=TODAY - DAY, act="lease"),
    Item("k", "request", "office_late", number="7", on=TODAY - DAY, act="person", reason="erase"),
]  # fmt: skip


def test_what_is_to_be_done_comes_first_and_then_by_the_day() -> None:
    assert "".join(one.key for one in sorted(MIXED, key=in_order)) == "ghcjkbeafid"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_matter_has_words_with_its_day_and_a_title_in_the_calendar(language: str, words: Words) -> None:
    titles = words.table(language, "calendar")
    for one in MIXED:
        text = words.say(language, "say/matter", one=told(one))
        assert "\n" not in text.strip()
        assert "None" not in text
        assert one.on is None or words.day(language, one.on.isoformat()) in text
        assert not one.act or words.label(language, "commands", one.act) in text
        assert one.on is None or titles[one.state]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_full_screen_is_short_and_tells_how_many_are_left_out(language: str, words: Words) -> None:
    shown = [told(replace(MIXED[1], key=str(n))) for n in range(my_matters.MOST_SHOWN)]
    data = {"matters": shown, "more": 12, "draft": False, "token": "t" * 60, "hours": 48}
    text = words.say(language, "say/matters", **data)
    assert "12" in text
    page = compose([Message(text)], 0, Voice("", "", ""))
    assert len(page.encode()) <= LIMIT
    assert page.count("·") == my_matters.MOST_SHOWN
    assert words.say(language, "say/matters", **{name: data[name] for name in data if name != "more"})
