"""The staff's own chat accounts: linked by a code, looked up with, unlinked; on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.areas import read_csv
from handlers.messages import Incoming, Reply
from handlers.office import quick_words, staff, staff_chats
from handlers.office.staff import Invited
from handlers.visit import Visit, enter
from handlers.vocabulary import Vocabulary
from storage import accounts, audit, conversations, deliveries, own, tables
from storage import staff as members
from storage import staff_chats as kept
from storage.database import Database
from storage.staff import Member
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import ANSWERS, OFFICE, file

DESK = {"staff": "staff", "/queue": "queue", "/find": "find", "/today": "today"}
AREAS = read_csv()
HOUSE = replace(
    OFFICE, areas=lambda: AREAS, vocabularies={"zh": Vocabulary("zh", {}, {}, {}, {}, {}, DESK)}
)  # fmt: skip
ID_NUMBER = ANSWERS["id_number"]


def member(unit: Unit, role: str = "reviewer", area: str = "") -> Member:
    added = staff.add(unit, Member(0, "", f"{role}{area}", "王芳", role, area, "zh"), AREAS, NOW)
    assert isinstance(added, Invited)
    return added.member


def visit(unit: Unit, text: str, who: str = "clerk", now: datetime = NOW) -> Visit:
    found = conversations.lock(unit, "engine", who) or conversations.begin(unit, "engine", who, "zh", now)
    return enter(Incoming("engine", who, f"m{text}", now, text=text), unit, HOUSE, found)


def says(unit: Unit, text: str, who: str = "clerk", now: datetime = NOW) -> Reply | None:
    return quick_words.answer(visit(unit, text, who, now))


def template(reply: Reply | None) -> str:
    return "" if reply is None else reply.template


def linked(unit: Unit, role: str = "reviewer", area: str = "", who: str = "clerk") -> Member:
    somebody = member(unit, role, area)
    code = staff_chats.new_code(unit, somebody, NOW)
    assert template(says(unit, f"staff {code}", who)) == "say/desk_linked"
    return somebody


def numbers(reply: Reply | None) -> list[str]:
    assert reply is not None
    return [row["number"] for row in reply.data["rows"]]


def acts(unit: Unit) -> list[str]:
    return [entry.act.action for entry in reversed(audit.newest(unit))]


def test_a_code_links_once_and_not_after_ten_minutes(database: Database) -> None:
    def work(unit: Unit) -> list[str]:
        somebody = member(unit)
        code = staff_chats.new_code(unit, somebody, NOW)
        late = template(says(unit, f"staff {code}", "late", NOW + timedelta(minutes=10)))
        code = staff_chats.new_code(unit, somebody, NOW)
        return [late, template(says(unit, f"staff {code}")), template(says(unit, f"staff {code}", "thief"))]

    assert database.run_now(work) == ["", "say/desk_linked", ""]


def test_a_fresh_code_takes_the_place_of_the_older_one(database: Database) -> None:
    def work(unit: Unit) -> str:
        somebody = member(unit)
        old = staff_chats.new_code(unit, somebody, NOW)
        staff_chats.new_code(unit, somebody, NOW)
        return template(says(unit, f"staff {old}"))

    assert database.run_now(work) == ""


def test_after_five_wrong_codes_even_the_right_one_is_words_like_any_other(database: Database) -> None:
    def work(unit: Unit) -> list[str]:
        code = staff_chats.new_code(unit, member(unit), NOW)
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        tried = [template(says(unit, f"staff {wrong}")) for _ in range(5)]
        return [*tried, template(says(unit, f"staff {code}")), template(says(unit, f"staff {code}", "another"))]

    assert database.run_now(work) == ["", "", "", "", "", "", "say/desk_linked"]


@pytest.mark.parametrize(
    "words", ["/queue", "/today", "/find 13812345678", "/find", "staff 000000", "staff", "/staffs"]
)
def test_to_a_stranger_these_are_no_words_at_all(database: Database, words: str) -> None:
    assert database.run_now(lambda unit: says(unit, words, "stranger")) is None


@pytest.mark.parametrize("role", ["collector", "reviewer", "publisher", "auditor", "administrator"])
def test_each_role_is_told_what_the_console_would_tell_it(database: Database, role: str) -> None:
    def work(unit: Unit) -> tuple[list[str], dict[str, Any]]:
        linked(unit, role)
        told = says(unit, "/today")
        assert told is not None
        found = [template(says(unit, words)) for words in ("/queue", "/find 13812345678")]
        return found, {key: value is not None for key, value in told.data.items()}

    sees = role in {"collector", "reviewer"}
    expected = ["say/desk_queue", "say/desk_found"] if sees else ["say/desk_not_yours"] * 2
    found, today = database.run_now(work)
    assert found == expected
    assert today["calls"] is sees
    assert today["not_set_up"] is (role == "administrator")
    assert (today["homes"], today["contradictions"]) == (sees, sees)


@pytest.mark.parametrize(("days", "calls"), [(3, 0), (7, 1)])
def test_who_is_to_be_called_is_counted_by_the_office_s_days(database: Database, days: int, calls: int) -> None:
    def work(unit: Unit) -> Any:
        linked(unit)
        file(unit, "261123-AAAAA-A")
        person = visit(unit, "你好", "person").conversation.id
        waits = {"state": "waiting", "reason": "window", "due_at": NOW + timedelta(days=30)}
        terms = deliveries.Terms("notice", not_after=NOW + timedelta(days=5))
        assert deliveries.enqueue(unit, "told", person, {}, NOW, terms)
        unit.execute(update(tables.outbox).values(**waits))
        return quick_words.answer(replace(visit(unit, "/today"), office=replace(HOUSE, call_days=days)))

    told = database.run_now(work)
    assert told.data["calls"] == calls


def test_a_collector_finds_and_counts_only_the_own_area(database: Database) -> None:
    def work(unit: Unit) -> tuple[Any, ...]:
        file(unit, "261123-AAAAA-A")
        file(unit, "261123-BBBBB-B", "o" * 32, area="S02-01", area_street="S02", id_number="341225199003071233")
        linked(unit, "collector", "S01")
        queue = says(unit, "/queue")
        assert queue is not None
        by_phone, other = says(unit, "/find 138 1234 5678"), says(unit, "/find 261123-BBBBB-B")
        return numbers(queue), queue.data["counts"][0][1], numbers(by_phone), numbers(other)

    assert database.run_now(work) == (["261123-AAAAA-A"], 1, ["261123-AAAAA-A"], [])


@pytest.mark.parametrize(
    "asked", ["261123-AAAAA-A", "261123aaaaaa", "13812345678", "+86 138 1234 5678", ID_NUMBER, ID_NUMBER.lower()]
)
def test_each_kind_of_number_finds_and_shows_nothing_but_a_family_name(database: Database, asked: str) -> None:
    def work(unit: Unit) -> Reply | None:
        file(unit, "261123-AAAAA-A")
        linked(unit)
        return says(unit, f"/find {asked}")

    found = database.run_now(work)
    assert numbers(found) == ["261123-AAAAA-A"]
    assert found is not None
    (row,) = found.data["rows"]
    assert row == {
        "number": "261123-AAAAA-A", "name": "李**", "kind": "registration", "status": "received", "area": "S01-01",
    }  # fmt: skip


def test_every_search_stands_in_the_log_without_what_was_typed(database: Database) -> None:
    def work(unit: Unit) -> list[tuple[str, str, Any]]:
        sent = file(unit, "261123-AAAAA-A")
        linked(unit)
        says(unit, "/find 13812345678")
        says(unit, "/find 13700001111")
        log = [entry.act for entry in reversed(audit.newest(unit)) if entry.act.action == "searched"]
        assert log[0].subject.id == str(sent.id)
        return [(act.subject.kind, act.details["by"], act.details["found"]) for act in log]

    assert database.run_now(work) == [("submission", "phone", 1), ("search", "phone", 0)]


def test_lookups_are_limited(database: Database) -> None:
    def work(unit: Unit) -> list[str]:
        linked(unit)
        since = NOW - quick_words.LOOKUPS_COUNT_FOR
        for _ in range(quick_words.LOOKUPS):
            accounts.count_try(unit, visit(unit, "x").conversation.id, since, NOW, quick_words.KIND)
        later = NOW + quick_words.LOOKUPS_COUNT_FOR + timedelta(seconds=1)
        return [template(says(unit, "/find 13812345678", now=now)) for now in (NOW, later)]

    assert database.run_now(work) == ["say/desk_too_many", "say/desk_found"]


@pytest.mark.parametrize("how", ["unlinked", "disabled", "reset", "thirty days", "unfollowed", "erased"])
def test_a_link_ends_and_then_the_account_is_anybodys(database: Database, how: str) -> None:
    def work(unit: Unit) -> tuple[str, str, list[str]]:
        somebody = linked(unit)
        member(unit, "administrator")
        before, now = template(says(unit, "/queue")), NOW
        conversation = visit(unit, "x").conversation.id
        if how == "unlinked":
            staff_chats.unlink(unit, somebody, conversation, NOW)
            staff_chats.unlink(unit, somebody, conversation, NOW)
        elif how == "disabled":
            assert staff.change(unit, replace(somebody, disabled=True), AREAS, NOW) is None
            assert staff.change(unit, somebody, AREAS, NOW) is None
        elif how == "reset":
            staff.reset(unit, somebody, NOW)
        elif how == "unfollowed":
            conversations.erase(unit, conversation)
        elif how == "erased":
            own.erase(unit, conversation)
        else:
            now = NOW + staff_chats.LINK_LASTS
        return before, template(says(unit, "/queue", now=now)), acts(unit)

    before, after, log = database.run_now(work)
    assert (before, after) == ("say/desk_queue", "")
    ended = how in {"unlinked", "disabled", "reset"}
    assert log == ["chat_linked", "chat_unlinked"] if ended else ["chat_linked"]


def test_nobody_unlinks_somebody_elses_account(database: Database) -> None:
    def work(unit: Unit) -> str:
        linked(unit)
        staff_chats.unlink(unit, member(unit, "auditor"), visit(unit, "x").conversation.id, NOW)
        return template(says(unit, "/queue"))

    assert database.run_now(work) == "say/desk_queue"


def test_an_account_linked_anew_belongs_to_the_last_member(database: Database) -> None:
    def work(unit: Unit) -> tuple[int, int, str]:
        first, second = linked(unit), linked(unit, "auditor")
        assert members.by_id(unit, first.id) is not None
        return (
            len(kept.of_member(unit, first.id, NOW)),
            len(kept.of_member(unit, second.id, NOW)),
            template(says(unit, "/queue")),
        )

    assert database.run_now(work) == (0, 1, "say/desk_not_yours")


def test_what_has_ended_is_forgotten(database: Database) -> None:
    def work(unit: Unit) -> tuple[int, int]:
        somebody = linked(unit)
        staff_chats.new_code(unit, somebody, NOW)
        return kept.prune(unit, NOW), kept.prune(unit, NOW + staff_chats.LINK_LASTS)

    assert database.run_now(work) == (0, 2)
