"""Many messages at once: each goes where one alone would have gone, and none is written twice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from handlers.messages import Reply
from handlers.office import letters, outbox
from handlers.office.letters import Letter
from handlers.turns import Answered
from storage import accounts, conversations, tables
from storage.database import Database
from storage.deliveries import Terms
from storage.unit import Unit

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REPLY = Reply("say/bot_back", {"asks": False})
TERMS = Terms("reminder", not_after=NOW + timedelta(days=3))

# Each person's accounts, the one used last at the end: channel, and whether it can be reached.
PEOPLE: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "uses one": ("", (("telegram", "reachable"),)),
    "used another last": ("", (("telegram", "reachable"), ("wechat", "reachable"))),
    "prefers the first": ("telegram", (("telegram", "reachable"), ("wechat", "reachable"))),
    "prefers one that blocked us": ("telegram", (("telegram", "blocked"), ("wechat", "reachable"))),
    "has a page besides": ("", (("telegram", "reachable"), ("web", "reachable"))),
    "prefers the page": ("web", (("telegram", "reachable"), ("web", "reachable"))),
    "can be reached nowhere": ("", (("telegram", "blocked"), ("wechat", "unfollowed"))),
    "has no account": ("", ()),
}


def settle(unit: Unit) -> dict[str, str]:
    """The people; each one's holder."""
    holders = {name: f"{number:032}" for number, name in enumerate(PEOPLE)}
    for name, (prefers, owned) in PEOPLE.items():
        accounts.begin_holder(unit, holders[name], NOW)
        accounts.prefer(unit, holders[name], prefers)
        for number, (channel, reach) in enumerate(owned):
            at, language = NOW + timedelta(minutes=number), "en" if number else "zh"
            begun = conversations.begin(unit, channel, f"{name} {number}", language, at)
            conversations.save(unit, replace(begun, holder_id=holders[name]), at)
            conversations.set_reach(unit, begun.id, reach)
    return holders


def test_each_of_many_goes_where_one_alone_goes(database: Database) -> None:
    holders = database.run_now(settle)
    wanted = [Letter(f"many {name}", holder, 0, REPLY, TERMS) for name, holder in holders.items()]

    def tell(unit: Unit) -> tuple[set[str], set[str]]:
        one_by_one = {name for name, holder in holders.items() if _alone(unit, f"one {name}", holder)}
        return one_by_one, {key.removeprefix("many ") for key in letters.tell_all(unit, wanted, NOW)}

    one_by_one, at_once = database.run_now(tell)

    assert at_once == one_by_one == set(PEOPLE) - {"has no account"}
    rows = database.run_now(_rows)
    assert {name: rows[f"many {name}"] for name in at_once} == {name: rows[f"one {name}"] for name in at_once}


def test_an_account_that_nobody_is_known_by_is_told_and_one_that_is_gone_is_not(database: Database) -> None:
    number = database.run_now(lambda unit: conversations.begin(unit, "telegram", "somebody", "en", NOW).id)
    wanted = [Letter("there", "", number, REPLY, TERMS), Letter("gone", "", number + 1, REPLY, TERMS)]

    assert database.run_now(lambda unit: letters.tell_all(unit, wanted, NOW)) == {"there"}


@pytest.mark.parametrize("number", [1, 3])
def test_what_is_there_already_is_not_written_again(database: Database, number: int) -> None:
    holder = database.run_now(settle)["uses one"]
    first = [Letter(f"letter {n}", holder, 0, REPLY, TERMS) for n in range(number)]
    second = [Letter(f"letter {n}", holder, 0, REPLY, TERMS) for n in range(number + 2)]

    database.run_now(lambda unit: letters.tell_all(unit, first, NOW))
    fresh = database.run_now(lambda unit: letters.tell_all(unit, second, NOW))

    assert fresh == {f"letter {number}", f"letter {number + 1}"}
    assert len(database.run_now(_rows)) == number + 2


def _alone(unit: Unit, key: str, holder: str) -> bool:
    def message(account: int, language: str) -> Answered:
        return Answered(b"", account, language, (REPLY,))

    return outbox.tell(unit, key, holder, message, NOW, TERMS)


def _rows(unit: Unit) -> dict[str, tuple[object, ...]]:
    """By key, all of a row that isn't its own: also what the message says."""
    own = {"id", "once_key", "message_sealed"}
    columns = [column for column in tables.outbox.columns if column.name not in own]
    found = unit.execute(select(tables.outbox))
    return {
        row.once_key: (
            *(getattr(row, column.name) for column in columns),
            str(unit.vault.open_json(row.message_sealed, "outbox.message")),
        )
        for row in found
    }
