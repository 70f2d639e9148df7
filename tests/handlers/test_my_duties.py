"""What a landlord has to report and has reported: by when, in time or late; on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers.messages import Incoming, Reply
from handlers.office import leaving, my_duties, tenancies
from handlers.office.tenancies import Report
from handlers.office.tenancy_answers import Answer, landlord_yes
from handlers.visit import enter
from handlers.vocabulary import Vocabulary
from storage import conversations
from storage import tenancies as kept
from storage.database import Database
from storage.unit import Unit
from tests.conftest import NOW
from tests.handlers.filed import OFFICE, account
from tests.housed import LANDLORD, OTHER_LANDLORD, landlord, let, tenant

SPOKEN = replace(OFFICE, vocabularies={"zh": Vocabulary("zh", {}, {}, {}, {}, {})})


def shown(unit: Unit, who: str) -> Reply:
    talk = conversations.lock(unit, "engine", who)
    assert talk is not None
    return my_duties.shown(enter(Incoming("engine", who, "m", NOW), unit, SPOKEN, talk))


def lines(reply: Reply, part: str) -> list[tuple[Any, ...]]:
    return [(one["name"], one["room"], one["event"], one["standing"]) for one in reply.data[part]]


def test_each_duty_stands_with_its_day_and_nobody_else_sees_it(database: Database) -> None:
    def begin(unit: Unit) -> None:
        landlord(unit)
        landlord(unit, OTHER_LANDLORD)
        account(unit, "tenant", "t" * 32)
        home = let(unit, "302")
        today = NOW.date()
        for number, (name, ago) in enumerate((("李伟", 1), ("王芳", 60))):
            told = Report(
                {"name": name, "phone": f"+861381234567{number}"}, home.rooms[0].id, today - timedelta(days=ago)
            )
            tenancies.report(unit, home, told, OFFICE, NOW)
        tenant(unit, "N1", "t" * 32, home)

    database.run_now(begin)
    reply = database.run_now(lambda unit: shown(unit, "landlord l"))
    assert reply.template == "say/duties"
    assert reply.data["counts"] == {"in_time": 1, "late": 1, "done": 0, "open": 1}
    assert lines(reply, "open") == [("", "", "start", "due")]
    assert sorted(lines(reply, "done")) == [("李伟", "302", "start", "in_time"), ("王芳", "302", "start", "late")]
    assert database.run_now(lambda unit: shown(unit, "landlord o")).template == "say/no_duties"
    assert database.run_now(lambda unit: shown(unit, "tenant")).template == "say/no_duties"


def test_what_is_answered_moves_from_open_to_done(database: Database) -> None:
    def begin(unit: Unit) -> Any:
        landlord(unit)
        account(unit, "tenant", "t" * 32)
        home = let(unit)
        tenant(unit, "N1", "t" * 32, home)
        return kept.of_home(unit, home.code)[0]

    tenancy = database.run_now(begin)
    answer = Answer(LANDLORD, tenancy.id, NOW)
    database.run_now(lambda unit: landlord_yes(unit, answer, OFFICE))
    database.run_now(lambda unit: leaving.by_landlord(unit, answer, NOW.date(), OFFICE))
    reply = database.run_now(lambda unit: shown(unit, "landlord l"))
    assert (reply.data["counts"]["open"], len(reply.data["done"])) == (0, 2)
    assert {line[2] for line in lines(reply, "done")} == {"start", "end"}
    assert all(one["done_on"] == NOW.date().isoformat() for one in reply.data["done"])
