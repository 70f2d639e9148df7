"""Rows are taken when the sender says so and once, whatever breaks in between; on both databases."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.house import House
from bot.imports.importer import LONGEST_PAUSE, Importer
from bot.imports.receiving import in_pieces, receive
from bot.imports.sheet import Unreadable
from bot.purge import Purger
from handlers.messages import Attachment, Incoming
from handlers.office import importing, tenancies
from handlers.office import imports as office_imports
from handlers.office import leaving as leavings
from handlers.office.tenancies import Report
from handlers.office.tenancy_answers import Answer
from storage import audit, conversations, duties, imports, invitations, leases, own, tables
from storage import homes as kept_homes
from storage import tenancies as kept
from storage.audit import Subject
from storage.errors import Unavailable
from storage.imports import Sender
from storage.unit import Unit
from tests import house as houses
from tests.days import today
from tests.housed import OTHER_LANDLORD
from tests.imports.desk import ROOMS, Landlord, count, landlord, places
from tests.imports.lists import comma, many, person, xlsx

DAYS = timedelta(days=1)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(database_url)) as opened:
        yield opened


async def handed_in(house: House, number: int = 30) -> tuple[Landlord, int]:
    one = await landlord(house, 2)
    found = await one.hand_in(xlsx(many(number, 1, places(one))[0]))
    return one, found.id


async def rows_of(house: House, table: str) -> list[Any]:
    wanted = select(getattr(tables, table))
    return list(await house.database.read(lambda unit: unit.execute(wanted).all()))


class Crash(Exception):
    """The program ends here."""


class Gone(Unavailable):
    """The database is away: nothing is wrong with the rows."""


@pytest.mark.parametrize("after", [1, 3, 5])
async def test_after_a_crash_in_the_middle_it_goes_on_and_nothing_doubles(
    after: int, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, number = await handed_in(house)
    work, calls = office_imports.take_some, 0

    def crashing(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        done = work(*arguments, **named)
        if calls == after:
            raise Gone
        return done

    monkeypatch.setattr(office_imports, "take_some", crashing)
    await one.press(number)
    with pytest.raises(Gone):
        await one.work()
    assert (await one.standing(number)).state == "taking"
    assert await count(house, "tenancies") == (after - 1) * office_imports.TAKEN_AT_ONCE
    monkeypatch.setattr(office_imports, "take_some", work)
    await free(house)
    assert await one.work() == 1
    assert (await one.standing(number)).taken == 29
    assert await count(house, "tenancies") == await count(house, "tenancy_steps") == 29


async def free(house: House) -> None:
    """The lease of who died is over."""
    over = datetime.now(UTC) - DAYS
    await house.database.run(lambda unit: unit.execute(tables.imports.update().values(lease_until=over)).close())


async def test_checking_begins_anew_after_a_crash(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await landlord(house, 2)
    check, calls = office_imports.Checking.check, 0

    def crashing(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Crash
        return check(*arguments)

    monkeypatch.setattr(office_imports.Checking, "check", crashing)
    with capture_logs():
        found = await one.hand_in(xlsx(many(120, 10, places(one))[0]))
    assert (found.state, found.total) == ("checking", 49)
    await free(house)
    await one.work()
    found = await one.standing(found.id)
    assert (found.state, found.total, found.bad) == ("checked", 120, 10)
    assert len(await one.lines(found.id)) == 120


async def test_pressed_many_times_by_two_copies_of_the_program_each_row_is_taken_once(house: House) -> None:
    one, number = await handed_in(house)
    assert [await one.press(number) for _ in range(3)] == [True, False, False]
    copies = [Importer(house.chat, {}) for _ in range(2)]
    await asyncio.gather(*(copy.work_due() for copy in copies))
    assert (await one.standing(number)).state == "done"
    assert await count(house, "tenancies") == 29
    assert [reply.template for reply in await one.told()] == ["say/import_checked", "say/import_done"]
    (entry,) = await house.database.read(lambda unit: audit.about(unit, [Subject("import", str(number))]))
    assert (entry.act.action, entry.act.details) == ("imported", {"rows": 29, "kind": "tenants"})


async def test_who_lost_the_list_to_another_copy_takes_nothing_more(house: House) -> None:
    one, number = await handed_in(house)
    await one.press(number)
    claimed = await house.database.run(imports.claim)
    assert claimed is not None
    await free(house)
    await house.database.run(imports.claim)
    taking = await house.database.read(lambda unit: Importer(house.chat, {})._taking(unit, claimed))
    with pytest.raises(office_imports.CalledOff):
        await house.database.run(lambda unit: office_imports.take_some(unit, claimed, taking))
    assert await count(house, "tenancies") == 0


def passed_over() -> float:
    return REGISTRY.get_sample_value("anju_passed_over_total", {"part": "lists"}) or 0.0


async def spoil(house: House, table: str, column: str) -> None:
    """What was sealed can't be opened any more, as after the loss of a key."""
    broken = getattr(tables, table).update().values({column: b"not what was sealed"})
    await house.database.run(lambda unit: unit.execute(broken).close())


async def with_one_unreadable(house: House) -> tuple[Landlord, int, int]:
    """A list of twelve good rows; beside that of the returned number a report of before can't be read by now."""
    one = await landlord(house, 2)
    now, place = datetime.now(UTC), 6
    rows = [person(n, one.homes[0 if n == place else 1].address, ROOMS[n % 10]) for n in range(12)]
    told = Report({"name": "王芳", "phone": "+8613900000000"}, None, date.fromisoformat(rows[place][5]))
    await house.database.run(lambda unit: tenancies.report(unit, one.homes[0], told, house.chat.office, now))
    found = await one.hand_in(xlsx(rows))
    assert (found.state, found.good) == ("checked", 12)
    await spoil(house, "tenancies", "reported_sealed")
    return one, found.id, place + 2


async def test_a_row_that_cant_be_taken_is_bad_and_those_behind_it_are_taken(house: House) -> None:
    one, number, row = await with_one_unreadable(house)
    before = passed_over()
    with capture_logs() as told:
        done = await one.take(number)
    assert (done.state, done.total, done.good, done.bad, done.taken, done.reached) == ("done", 12, 11, 1, 11, 12)
    assert await count(house, "tenancies") == 12, "the one of before, and eleven"
    (bad,) = (line for line in await one.lines(number) if line["state"] == "bad")
    assert (bad["n"], bad["told"], bad["faults"]) == (row, {}, [["home", "import_not_taken", {}]])
    (line,) = (line for line in told if line["event"] == "passed over")
    assert (line["part"], line["number"], line["row"]) == ("lists", number, row)
    assert passed_over() - before == 1
    reply = (await one.told())[-1]
    assert (reply.template, reply.data["bad"]) == ("say/import_done", 1)
    assert all(house.words.say(language, "invalid/import_not_taken") for language in house.words.languages)


async def test_where_rows_are_taken_one_by_one_the_lease_is_renewed_and_who_lost_it_takes_nothing(house: House) -> None:
    one, number, _ = await with_one_unreadable(house)
    await one.press(number)
    claimed = await house.database.run(imports.claim)
    assert claimed is not None
    copy = Importer(house.chat, {})
    taking = await house.database.read(lambda unit: copy._taking(unit, claimed))
    soon = datetime.now(UTC) + timedelta(seconds=5)
    await house.database.run(lambda unit: unit.execute(tables.imports.update().values(lease_until=soon)).close())
    mine = await copy._take_one_by_one(claimed, taking)
    assert mine.reached == mine.taken == office_imports.TAKEN_AT_ONCE
    (kept_row,) = await rows_of(house, "imports")
    assert kept_row.lease_until > soon + timedelta(minutes=1)
    await free(house)
    assert await house.database.run(imports.claim) is not None
    with capture_logs() as told, pytest.raises(office_imports.CalledOff):
        await copy._take(mine)
    assert not [line for line in told if line["event"] == "passed over"]
    assert (await one.standing(number)).taken == office_imports.TAKEN_AT_ONCE
    assert await count(house, "tenancies") == 1 + office_imports.TAKEN_AT_ONCE


async def test_a_list_that_cant_be_gone_on_with_is_tried_again_soon_and_holds_up_no_newer_one(house: House) -> None:
    one, older = await handed_in(house)
    (sealed,) = [row.lines_sealed for row in await rows_of(house, "import_lines")]
    await spoil(house, "import_lines", "lines_sealed")
    newer = (await one.hand_in(xlsx(many(20, 1, places(one))[0]))).id
    for number in (older, newer):
        await one.press(number)
    often = tables.imports.update().where(tables.imports.c.id == older).values(attempts=32_767)
    await house.database.run(lambda unit: unit.execute(often).close())
    with capture_logs() as told:
        assert await one.work() == 2
    assert [line["number"] for line in told if line["event"] == "passed over"] == [older]
    assert [(await one.standing(number)).state for number in (older, newer)] == ["taking", "done"]
    kept_row = next(row for row in await rows_of(house, "imports") if row.id == older)
    assert kept_row.attempts == imports.MOST_ATTEMPTS
    assert kept_row.lease_until - datetime.now(UTC) <= LONGEST_PAUSE < leases.WRONG
    mended = tables.import_lines.update().where(tables.import_lines.c.import_id == older).values(lines_sealed=sealed)
    await house.database.run(lambda unit: unit.execute(mended).close())
    await free(house)
    assert await one.work() == 1
    assert (await one.standing(older)).state == "done"


async def test_a_list_whose_sender_cant_be_told_comes_to_its_end_all_the_same(house: House) -> None:
    one, number = await handed_in(house)
    await one.press(number)
    await spoil(house, "conversations", "state_sealed")
    with capture_logs() as told:
        assert await one.work() == 1
    done = await one.standing(number)
    assert (done.state, done.taken) == ("done", 29)
    assert [line["number"] for line in told if line["event"] == "passed over"] == [number]
    assert [reply.template for reply in await one.told()] == ["say/import_checked"]


async def test_a_list_called_off_while_it_is_checked_leaves_nothing(house: House) -> None:
    one, number = await handed_in(house)
    found = await one.standing(number)
    now = datetime.now(UTC)
    assert await house.database.run(lambda unit: importing.call_off(unit, found, now))
    assert not await house.database.run(lambda unit: importing.call_off(unit, found, now))
    assert await one.lines(number) == []
    assert await one.press(number) is False
    assert await one.work() == 0


async def test_who_moved_out_is_reported_and_gone_and_who_stays_gets_an_invitation(house: House) -> None:
    one = await landlord(house, 1)
    home, rooms = places(one)[0]
    stays, left = person(1, home, rooms[0]), person(2, home, rooms[1])
    left[5], left[6] = (today() - 9 * DAYS).isoformat(), (today() - DAYS).isoformat()
    found = await one.hand_in(xlsx([stays, left]))
    await one.take(found.id)
    states = {row.state: row for row in await rows_of(house, "tenancies")}
    assert states.keys() == {"reported", "ended"}
    assert states["ended"].left_on == today() - DAYS
    assert [bool(line["code"]) for line in await one.lines(found.id)] == [True, False]
    code = (await one.lines(found.id))[0]["code"]
    now = datetime.now(UTC)
    assert await house.database.read(lambda unit: invitations.look(unit, code, now)) == states["reported"].id
    events = await house.database.read(lambda unit: [one.event for one in duties.of(unit, states["ended"].id)])
    assert events == ["start", "end"]
    again = await one.hand_in(xlsx([left, stays]))
    assert (again.good, again.known) == (0, 2), "who is over isn't reported anew"
    stays[6] = today().isoformat()
    moved = await one.hand_in(xlsx([stays, left]))
    assert (moved.good, moved.known) == (1, 1)
    assert (await one.take(moved.id)).taken == 1
    assert [row.state for row in await rows_of(house, "tenancies")] == ["ended", "ended"]


async def test_what_was_reported_in_the_talk_is_known(house: House) -> None:
    one = await landlord(house, 1)
    home, row = one.homes[0], person(1, "幸福路20号", "101")
    told = Report({"name": row[2], "phone": f"+86{row[3]}"}, None, date.fromisoformat(row[5]))
    now = datetime.now(UTC)
    tenancy, _ = await house.database.run(lambda unit: tenancies.report(unit, home, told, house.chat.office, now))
    assert (await one.hand_in(xlsx([row]))).known == 1
    gone = Answer(home.holder_id, tenancy.id, now)
    await house.database.run(lambda unit: leavings.by_landlord(unit, gone, today(), house.chat.office))
    assert (await one.hand_in(xlsx([row, row[:6]]))).known == 1
    row[5] = today().isoformat()
    back = await one.hand_in(xlsx([row]))
    assert back.good == 1, "who comes back on another day is new"


async def test_nobody_reports_into_anothers_home(house: House) -> None:
    one = await landlord(house, 1)
    other = await landlord(house, 1, OTHER_LANDLORD, "other")
    code = one.homes[0].code
    found = await other.hand_in(xlsx([person(1, code, "101"), person(2, "幸福路20号", "101")]))
    reasons = [[fault[1] for fault in line["faults"]] for line in await other.lines(found.id)]
    assert reasons == [["import_home_unknown"], []], "the address is also their own"
    await other.take(found.id)
    (row,) = await rows_of(house, "tenancies")
    assert row.home == other.homes[0].code


async def test_a_home_that_has_changed_hands_meanwhile_is_left_out(house: House) -> None:
    one, number = await handed_in(house)
    gone = tables.homes.update().where(tables.homes.c.code == one.homes[0].code).values(holder_id="x" * 32)
    await house.database.run(lambda unit: unit.execute(gone).close())
    done = await one.take(number)
    assert 0 < done.taken < done.good
    assert {row.home for row in await rows_of(house, "tenancies")} == {one.homes[1].code}


async def test_rows_that_are_the_same_and_homes_of_one_address_are_told_apart(house: House) -> None:
    one = await landlord(house, 1)
    row = person(1, "幸福路20号", "101")
    found = await one.hand_in(xlsx([row, person(2, "幸福路20号", "102"), row]))
    faults = [line["faults"] for line in await one.lines(found.id)]
    assert faults[2] == [["home", "import_row_twice", {"row": 2}]]
    twin = replace(one.homes[0], code="22222222222Z")
    await house.database.run(lambda unit: kept_homes.add(unit, twin, datetime.now(UTC)))
    found = await one.hand_in(xlsx([person(3, "幸福路20号", ""), person(4, f"幸福路20号 {one.homes[0].code}", "101")]))
    assert [[fault[1] for fault in line["faults"]] for line in await one.lines(found.id)] == [["import_home_which"], []]


async def test_lists_and_invitations_go_in_time_and_with_the_account(house: House) -> None:
    one, number = await handed_in(house)
    await one.take(number)
    purger = Purger(house.database, house.settings)
    due = {entry.kind: entry.count for entry in await purger.due()}
    assert (due["imports"], due["invitations"]) == (0, 0)
    old = datetime.now(UTC) - 60 * DAYS

    def age(unit: Unit) -> None:
        unit.execute(tables.imports.update().values(changed_at=old))
        unit.execute(tables.invitations.update().values(expires_at=old))

    await house.database.run(age)
    due = {entry.kind: entry.count for entry in await purger.due()}
    assert (due["imports"], due["invitations"]) == (1, 29)
    await purger.purge()
    assert [await count(house, table) for table in ("imports", "import_lines", "invitations")] == [0, 0, 0]
    assert await count(house, "tenancies") == 29
    await one.hand_in(xlsx(many(30, 2, places(one))[0]))
    await house.database.run(lambda unit: own.erase(unit, one.conversation))
    assert [await count(house, table) for table in ("imports", "import_lines", "import_pieces")] == [0, 0, 0]
    await one.hand_in(xlsx(many(30, 3, places(one))[0]))
    await house.database.run(lambda unit: conversations.erase(unit, one.conversation))
    assert await count(house, "imports") == 0
    assert await house.database.read(lambda unit: len(kept.of_home(unit, one.homes[0].code))) > 0


async def test_a_sender_has_only_so_many_open_lists_and_a_file_left_lying_goes(house: House) -> None:
    one = await landlord(house, 1)
    for number in range(importing.MOST_OPEN):
        await receive(house.database, Sender("zh", one.conversation), in_pieces(comma([[str(number)]])))
    with pytest.raises(Unreadable, match="sheet_too_many"):
        await one.hand_in(comma([["x"]]))
    assert await one.work() == 0
    assert await count(house, "imports") == importing.MOST_OPEN
    long_ago = tables.imports.update().values(created_at=datetime.now(UTC) - DAYS)
    await house.database.run(lambda unit: unit.execute(long_ago).close())
    await one.work()
    assert await count(house, "imports") == await count(house, "import_pieces") == 0


async def test_anothers_file_is_no_list_of_ones_own_and_each_channel_says_what_it_can(house: House) -> None:
    one = await landlord(house, 1)
    theirs = await receive(house.database, Sender("zh", one.conversation), in_pieces(comma([["x"]])))
    numbers = itertools.count()

    async def send(channel: str, file: Attachment) -> list[str]:
        message = Incoming(channel, "other", f"m{next(numbers)}", datetime.now(UTC), files=(file,))
        return [reply.template for reply in (await house.chat.answer(message)).replies]

    for stolen in (f"stored:sheet-{theirs}", "stored:sheet-x", "stored:sheet-999"):
        assert await send("web", Attachment("image", stolen)) == ["invalid/sheet_broken"]
    assert await send("wechat", Attachment("document", "media", "租客.XLSX")) == ["say/import"]
    assert await send("telegram", Attachment("document", "f", "租客.numbers")) == ["invalid/sheet_old", "say/import"]
    said = [await send("telegram", Attachment("document", "f", "租客.csv")) for _ in range(importing.MOST_OPEN + 1)]
    assert said[0] == ["say/import_received"]
    assert said[-1] == ["invalid/sheet_too_many"]
    found = await house.database.read(lambda unit: imports.get(unit, theirs))
    assert found is not None
    assert found.state == "receiving"
