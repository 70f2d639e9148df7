"""Notices sent: a round tells everybody once, whatever is tried twice; what left and was read is noted; why is told."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, text, update
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot import cli
from bot.notice_rounds import NoticeRounds
from bot.notices import library
from bot.vocabularies import languages
from handlers.office import law_push
from regulations.pack import load
from storage import campaigns, conversations, law_counts, notice_rounds, readings, tables, topics
from storage.campaigns import Campaign
from storage.database import Database
from storage.unit import Unit
from tests import house as houses
from tests.certified import registered
from tests.conftest import NOW
from tests.handlers.filed import OFFICE, account, file
from tests.housed import landlord, let

HERE = replace(OFFICE, notices=library(load("cn-zj-hangzhou"), languages()))
CRON = "0 10 * * *"
TODAY = NOW.astimezone(OFFICE.zone).date()


def consented(unit: Unit, who: str, holder: str) -> int:
    """Somebody who registered and agreed."""
    number = account(unit, who, holder)
    talk = conversations.find(unit, "engine", who)
    assert talk is not None
    conversations.save(unit, replace(talk, consent="1"), NOW - timedelta(hours=1))
    return number


def town(unit: Unit, people: int = 3) -> None:
    for number in range(people):
        holder = f"{number:032}"
        consented(unit, f"p{number}", holder)
        file(unit, f"N{number}", holder, id_number=f"11010519491231{number:03}X", phone=f"+86138123456{number:02}")


def rows(unit: Unit) -> list[Any]:
    return list(unit.execute(select(tables.outbox).order_by(tables.outbox.c.id)))


def round_of(unit: Unit, begun_at: datetime = NOW) -> None:
    notice_rounds.begin(unit, begun_at)
    while (found := notice_rounds.unfinished(unit)) is not None:
        law_push.go_on(unit, HERE, found, begun_at)


def begun_yesterday(unit: Unit, cron: str = CRON, *, is_on: bool = True) -> None:
    notice_rounds.set_rhythm(unit, cron, "K7M2PX", 0, datetime.now(UTC) - timedelta(days=1), is_on=is_on)


def test_a_round_tells_everybody_once_each_at_an_hour_of_theirs(database: Database) -> None:
    database.run_now(town)
    database.run_now(round_of)
    found = database.run_now(rows)
    assert [(row.kind, row.topic, row.urgent, row.state) for row in found] == [("legal", "legal", False, "waiting")] * 3
    for row in found:
        assert NOW < row.due_at <= NOW + timedelta(days=1)
        assert row.not_after - row.due_at == law_push.USEFUL
    (last,) = database.run_now(lambda unit: notice_rounds.newest(unit, 1))
    assert (last.told, last.ended_at) == (3, NOW)


def test_a_round_again_tells_nobody_again(database: Database) -> None:
    database.run_now(town)
    for _ in range(2):
        database.run_now(round_of)
        database.run_now(lambda unit: law_push.tell(unit, HERE, f"{0:032}", NOW, NOW))
    assert len(database.run_now(rows)) == 3


def test_a_round_goes_on_after_a_crash_and_a_slower_copy_changes_nothing(database: Database) -> None:
    database.run_now(lambda unit: town(unit, law_push.AT_ONCE + 1))
    database.run_now(lambda unit: notice_rounds.begin(unit, NOW))
    seen = database.run_now(notice_rounds.unfinished)
    assert seen is not None
    assert database.run_now(lambda unit: law_push.go_on(unit, HERE, seen, NOW))
    assert not database.run_now(lambda unit: law_push.go_on(unit, HERE, seen, NOW))
    later = database.run_now(notice_rounds.unfinished)
    assert later is not None
    assert later.told == law_push.AT_ONCE
    assert not database.run_now(lambda unit: law_push.go_on(unit, HERE, later, NOW))
    assert len(database.run_now(rows)) == law_push.AT_ONCE + 1
    assert database.run_now(notice_rounds.unfinished) is None


def test_weeks_bring_different_notices(database: Database) -> None:
    database.run_now(lambda unit: town(unit, 1))
    for week in range(4):
        database.run_now(partial(round_of, begun_at=NOW + timedelta(weeks=week)))
    shown = database.run_now(lambda unit: readings.of_accounts(unit, [1]))
    assert len(shown) == len(database.run_now(rows)) == 4


def test_who_turned_them_off_or_took_consent_back_gets_none(database: Database) -> None:
    def some(unit: Unit) -> None:
        town(unit, 3)
        topics.turn_off(unit, 1, "legal")
        talk = conversations.find(unit, "engine", "p1")
        assert talk is not None
        conversations.save(unit, replace(talk, consent=""), NOW)

    database.run_now(some)
    database.run_now(round_of)
    assert [row.conversation_id for row in database.run_now(rows)] == [3]


def test_a_landlord_who_registered_nobody_is_told_until_they_erase_their_data(database: Database) -> None:
    def lets(unit: Unit) -> None:
        landlord(unit)
        let(unit)

    database.run_now(lets)
    database.run_now(round_of)
    (row,) = database.run_now(rows)
    shown = database.run_now(lambda unit: readings.of_accounts(unit, [row.conversation_id]))
    assert {HERE.notices.notices[name].header.topic for name in shown} == {"landlord"}
    database.run_now(lambda unit: topics.turn_off(unit, row.conversation_id, "legal"))
    database.run_now(partial(round_of, begun_at=NOW + timedelta(days=7)))
    assert len(database.run_now(rows)) == 1


def test_somebody_with_two_accounts_is_told_on_one(database: Database) -> None:
    def two(unit: Unit) -> None:
        town(unit, 1)
        consented(unit, "second", f"{0:032}")

    database.run_now(two)
    database.run_now(round_of)
    assert len(database.run_now(rows)) == 1


def test_a_campaign_is_told_in_its_order_to_whom_it_is_for_in_its_days(database: Database) -> None:
    wages = ("refusing-wages-is-a-crime", "payment-order")
    own = Campaign("年前讨薪", wages, ("migrant",), TODAY, TODAY + timedelta(days=10), "K7M2PX")
    foreign = replace(own, notices=("home-sold",), audience=("landlord",))
    future = replace(
        own, notices=("repairs",), begins_on=TODAY + timedelta(days=20), ends_on=TODAY + timedelta(days=30)
    )

    def some(unit: Unit) -> None:
        town(unit, 1)
        for one in (foreign, future, own):
            campaigns.add(unit, one, NOW)

    database.run_now(some)
    for week in range(3):
        database.run_now(partial(round_of, begun_at=NOW + timedelta(days=5 * week)))
    shown = database.run_now(lambda unit: readings.of_accounts(unit, [1]))
    pushed = sorted(shown.values(), key=lambda one: one.pushed_at or NOW)
    assert [one.notice for one in pushed[:2]] == list(wages)
    assert not {"home-sold", "repairs"} & set(shown)
    assert database.run_now(lambda unit: campaigns.stop(unit, 3, "K7M2PX", NOW))
    assert not database.run_now(lambda unit: campaigns.stop(unit, 3, "K7M2PX", NOW))
    assert database.run_now(lambda unit: campaigns.running(unit, TODAY)[1:]) == []


def sent(unit: Unit, at: datetime) -> None:
    unit.execute(update(tables.outbox).values(state="sent", ended_at=at))


def test_what_has_left_is_counted_and_read_once_the_person_writes(database: Database) -> None:
    database.run_now(lambda unit: town(unit, 1))
    database.run_now(round_of)
    later = NOW + timedelta(hours=9)

    def settle(unit: Unit) -> int:
        return law_push.settle(unit, HERE, later)

    assert database.run_now(settle) == 0
    database.run_now(lambda unit: sent(unit, NOW + timedelta(hours=8)))
    assert [database.run_now(settle), database.run_now(settle)] == [1, 0]

    def write(unit: Unit) -> None:
        talk = conversations.find(unit, "engine", "p0")
        assert talk is not None
        conversations.save(unit, talk, later)

    database.run_now(write)
    assert [database.run_now(settle), database.run_now(settle)] == [1, 0]
    counted = database.run_now(lambda unit: law_counts.totals(unit, TODAY))
    assert sorted((what, number) for (what, _), number in counted.items()) == [("read", 1), ("sent", 1)]


async def test_the_clock_begins_one_round_a_time_however_many_copies_tick(database: Database) -> None:
    await database.run(lambda unit: town(unit, 2))
    await database.run(begun_yesterday)
    copies = [NoticeRounds(database, HERE) for _ in range(3)]
    for _ in range(2):
        await asyncio.gather(*(copy.tick() for copy in copies))
    found = await database.run(lambda unit: notice_rounds.newest(unit, 5))
    expected = 1 if _called_within(hours=12) else 0
    assert len(found) == expected
    assert len(await database.run(rows)) == 2 * expected


async def test_a_person_who_cant_be_told_holds_up_neither_others_nor_later_rounds(database: Database) -> None:
    people = law_push.AT_ONCE + 2
    await database.run(lambda unit: town(unit, people))
    talks = tables.conversations
    spoil = update(talks).where(talks.c.id == 2).values(state_sealed=b"not what was sealed")
    await database.run(lambda unit: unit.execute(spoil).close())
    await database.run(lambda unit: notice_rounds.begin(unit, NOW))
    copy, before = NoticeRounds(database, HERE), passed_over()
    with capture_logs() as log:
        await copy.tick()
    assert [row.conversation_id for row in await database.run(rows)] == [1, *range(3, people + 1)]
    (first,) = await database.run(lambda unit: notice_rounds.newest(unit, 1))
    assert first.told == people - 1
    assert first.ended_at is not None
    (line,) = (line for line in log if line["event"] == "passed over")
    assert (line["part"], line["number"]) == ("notices", 2)
    assert passed_over() - before == 1

    def a_week_later(unit: Unit) -> None:
        sent(unit, datetime.now(UTC))
        notice_rounds.begin(unit, NOW + timedelta(days=7))

    await database.run(a_week_later)
    await copy.tick()
    assert await database.run(notice_rounds.unfinished) is None
    counted = await database.run(lambda unit: law_counts.totals(unit, TODAY))
    assert sum(number for (what, _), number in counted.items() if what == "sent") == people - 1


def passed_over() -> float:
    return REGISTRY.get_sample_value("anju_passed_over_total", {"part": "notices"}) or 0.0


async def test_a_fault_that_is_no_persons_leaves_the_round_where_it_is(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.run(lambda unit: notice_rounds.begin(unit, NOW))

    def fail(*_: object) -> bool:
        raise KeyError("no row's")

    monkeypatch.setattr("bot.notice_rounds.law_push.go_on", fail)
    with pytest.raises(KeyError):
        await NoticeRounds(database, HERE).tick()
    assert await database.run(notice_rounds.unfinished) is not None


def _called_within(hours: int) -> bool:
    """Whether ten in the morning in Shanghai was so lately that the round is begun at all."""
    local = datetime.now(UTC).astimezone(OFFICE.zone)
    last = local.replace(hour=10, minute=0, second=0, microsecond=0)
    last -= timedelta(days=local < last)
    return local - last < timedelta(hours=hours)


@pytest.mark.parametrize(("cron", "is_on"), [(CRON, False), ("nonsense", True)])
async def test_without_a_rhythm_that_is_on_nothing_is_sent(database: Database, cron: str, *, is_on: bool) -> None:
    await database.run(lambda unit: town(unit, 1))
    await NoticeRounds(database, HERE).tick()
    await database.run(lambda unit: begun_yesterday(unit, cron, is_on=is_on))
    await NoticeRounds(database, HERE).tick()
    assert await database.run(rows) == []


def test_two_who_set_the_rhythm_at_once_dont_overwrite_each_other(database: Database) -> None:
    def set_it(unit: Unit, cron: str, version: int) -> bool:
        return notice_rounds.set_rhythm(unit, cron, "K7M2PX", version, NOW, is_on=True)

    assert database.run_now(lambda unit: set_it(unit, CRON, 0))
    assert not database.run_now(lambda unit: set_it(unit, "1 1 * * *", 0))
    assert database.run_now(lambda unit: set_it(unit, "1 1 * * *", 1))
    kept = database.run_now(notice_rounds.rhythm)
    assert kept is not None
    assert (kept.cron, kept.version) == ("1 1 * * *", 2)


@pytest.fixture
def cli_house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = houses.migrated_file(tmp_path / "anju.db")
    for name, value in {"ANJU_DATABASE_URL": url, "ANJU_KEYS": houses.KEYS, "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    return url


def why(account: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["notices", "why", account])
    return result.exit_code, result.output


async def _registered(url: str) -> str:
    async with houses.opened(houses.settings(url)) as house:
        return (await registered(house)).number


def test_the_command_explains_the_choice(cli_house: str) -> None:
    number = asyncio.run(_registered(cli_house))
    by_number, by_account = why(number), why("engine:me")
    assert by_number == by_account
    code, said = by_account
    assert code == 0
    for expected in ("Known: ", "migrant", "new", "Next: ", "at ", "left out: not meant for them", "new +"):
        assert expected in said


def test_the_command_tells_what_keeps_somebody_from_getting_any(cli_house: str) -> None:
    number = asyncio.run(_registered(cli_house))

    async def turn_off() -> None:
        async with houses.opened(houses.settings(cli_house)) as house:
            await house.database.run(lambda unit: topics.turn_off(unit, 1, "legal"))
            await house.database.run(
                lambda unit: unit.connection.execute(text("UPDATE notice_readings SET read_at = NULL"))
            )

    asyncio.run(turn_off())
    assert "don't want notices" in why(number)[1]


@pytest.mark.parametrize("account", ["engine:nobody", "261125-XXXXX-X", "", ":"])
def test_the_command_says_how_to_name_somebody(cli_house: str, account: str) -> None:
    code, said = why(account)
    assert code == 1
    assert "telegram:1234" in said
