"""A broadcast on its way: frozen and sent once, paused, resumed, stopped; its states always add up."""

import asyncio
from dataclasses import asdict, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import select, text, update
from structlog.testing import capture_logs

from bot.broadcaster import LEAST
from bot.bundles import BundleSender
from bot.channels.channel import MESSAGE, SendFailed
from bot.house import House
from handlers.messages import Incoming
from handlers.office import sending
from handlers.office.broadcasts import running
from handlers.office.reports import MassEnded, Told
from handlers.office.sending import Wish
from handlers.office.ways import Way
from storage import broadcast_people, broadcasts, claims, conversations, leases, recipients, tables, topics
from storage.audiences import Audience
from storage.broadcasts import Content
from storage.unit import Unit
from tests.bot.test_bundles import Loudspeaker
from tests.broadcasts.town import WATER, Town, hurry, later, town

GARBAGE = b"not what was sealed"


def heard(here: Town, channel: str = "telegram") -> list[str]:
    return sorted(address for address, _ in here.stations[channel].said)


async def test_everybody_hears_it_once_in_their_language(house: House) -> None:
    here = town(house)
    await here.people("a", "b")
    await here.people("c", language="en")
    number = await here.started()
    await here.go()
    assert heard(here) == ["a", "b", "c"]
    assert dict(here.stations["telegram"].said)["c"].startswith("No water tonight.")
    assert await here.states(number) == {"sent": 3}
    assert (await here.now(number)).state == "done"


async def test_who_has_several_accounts_hears_it_on_one(house: House) -> None:
    here = town(house)
    await here.registered("a", "261115-87EC5-J")
    await here.registered("b", "261115-87EC6-K", "wechat")

    def link(unit: Unit) -> None:
        unit.connection.execute(text("UPDATE conversations SET holder_id = 'holder-a'"))

    await here.run(link)
    number = await here.started()
    await here.go()
    assert len(heard(here)) + len(heard(here, "wechat")) == 1
    assert await here.states(number) == {"sent": 1}


async def test_who_is_left_out_is_written_down_with_the_reason(house: House) -> None:
    here = town(house)
    [off, blocked, _] = await here.people("off", "blocked", "fine")
    await here.people("english", language="en")
    await here.people("elsewhere", channel="terminal")

    def change(unit: Unit) -> None:
        topics.turn_off(unit, off, "news")
        conversations.set_reach(unit, blocked, "blocked")

    await here.run(change)
    number = await here.started(Content("停水", {"zh": "今晚停水。"}))
    await here.go()
    assert heard(here) == ["fine"]
    assert await here.states(number) == {"sent": 1, "left_out": 4}
    counts = await here.run(lambda unit: recipients.counts(unit, number))
    assert {reason for _, _, reason in counts} == {"", "topic off", "blocked", "no text", "channel off"}
    out = await here.run(lambda unit: broadcast_people.page(unit, number, ("left_out",), "topic off", 0, 10))
    assert [one.channel for one in out] == ["telegram"]


async def test_freezing_and_feeding_again_after_a_crash_add_nobody(house: House) -> None:
    here = town(house)
    await here.people(*(f"p{one}" for one in range(30)))
    number = await here.started()
    found, now = await here.now(number), datetime.now(UTC)
    terms = here.caster.terms(found, now)
    await here.run(lambda unit: recipients.freeze(unit, found, terms, 20))
    again = replace(found, frozen_to=0)  # the step's commit was lost with the program
    await here.run(lambda unit: recipients.freeze(unit, again, terms, 20))
    await here.go()
    assert len(heard(here)) == len(set(heard(here))) == 30
    assert await here.states(number) == {"sent": 30}


async def test_two_copies_at_once_say_it_once(house: House) -> None:
    here, other = town(house), town(house)
    await here.people(*(f"p{one}" for one in range(60)))
    number = await here.started()
    for _ in range(4):
        await asyncio.gather(*(work() for one in (here, other) for work in (one.caster.run_due, one.sender.send_due)))
    await here.go()
    await other.go()
    assert sorted(heard(here) + heard(other)) == sorted(f"p{one}" for one in range(60))
    assert await here.states(number) == {"sent": 60}


async def test_after_a_pause_nothing_new_leaves_and_it_goes_on_where_it_stopped(house: House) -> None:
    here = town(house)
    await here.people(*(f"p{one}" for one in range(50)))
    number = await here.started()
    by = await here.publisher("third")
    await here.caster.run_due()
    here.stations["telegram"].slow = asyncio.Event()
    sending = asyncio.create_task(here.sender.send_due())
    while not here.stations["telegram"].used:  # noqa: ASYNC110 -- the station counts by itself
        await asyncio.sleep(0.01)
    begun_before, paused_at = len(here.stations["telegram"].used), monotonic()
    assert await here.act(by, number, "pause") == "done"
    here.stations["telegram"].slow.set()
    await sending
    assert monotonic() - paused_at < 2
    assert len(here.stations["telegram"].used) <= begun_before + here.sender.at_once
    said = len(heard(here))
    await here.go()
    assert len(heard(here)) == said < 50
    assert sum((await here.states(number)).values()) == 50
    assert await here.act(by, number, "resume") == "done"
    await here.go()
    assert len(heard(here)) == len(set(heard(here))) == 50
    assert await here.states(number) == {"sent": 50}


async def test_what_was_claimed_before_the_pause_does_not_begin_after_it(house: House) -> None:
    here = town(house)
    await here.people("a")
    number = await here.started()
    by = await here.publisher("third")
    await here.caster.run_due()
    now = await here.run(leases.clock)
    [claimed] = await here.run(lambda unit: claims.claim(unit, "telegram", now))
    assert await here.act(by, number, "pause") == "done"
    begun = await here.run(lambda unit: sending.begin(unit, [Wish(claimed, [Way(MESSAGE)])], now))
    assert begun == {}
    assert await here.states(number) == {"queued": 1}


async def test_what_is_stopped_never_leaves(house: House) -> None:
    here = town(house)
    await here.people(*(f"p{one}" for one in range(100)))
    number = await here.started()
    by = await here.publisher("third")
    await here.caster.run_due()
    assert await here.act(by, number, "stop") == "done"
    await here.go()
    assert heard(here) == []
    assert await here.states(number) == {"stopped": 100}
    assert (await here.now(number)).state == "stopped"


async def test_what_stays_paused_past_its_day_expires(house: House) -> None:
    here = town(house)
    await here.people("a", "b")
    number = await here.started()
    by = await here.publisher("third")
    await here.caster.run_due()
    assert await here.act(by, number, "pause") == "done"

    def age(unit: Unit) -> None:
        unit.connection.execute(text("UPDATE broadcasts SET not_after = begun_at"))

    await here.run(age)
    await here.go()
    assert heard(here) == []
    assert await here.states(number) == {"expired": 2}
    assert (await here.now(number)).state == "done"


async def test_what_failed_for_good_is_not_tried_again_and_the_rest_is_on_demand(house: House) -> None:
    here = town(house)
    await here.people("a", "b", "c")
    here.stations["telegram"].failures = [
        SendFailed("message too long", retryable=False),
        SendFailed("blocked", retryable=False, reach="blocked"),
        SendFailed("no answer", retryable=True, unknown=True),
    ]
    number = await here.started()
    by = await here.publisher("third")
    await here.go()
    assert await here.states(number) == {"failed": 3}
    assert await here.run(lambda unit: recipients.retryable(unit, number)) == 1
    assert await here.act(by, number, "retry") == "done"
    await here.go()
    assert await here.states(number) == {"failed": 2, "sent": 1}


async def test_what_waits_for_a_person_is_sent_when_they_write_and_expires_in_the_end(house: House) -> None:
    here = town(house)
    closed = [Way(MESSAGE, window=1)]
    here.stations["wechat"].open_ways = tuple(closed)
    await here.people("a", "b", channel="wechat")
    number = await here.started()
    await here.go()
    assert (await here.states(number), (await here.now(number)).state) == ({"queued": 2}, "sent")
    assert (await here.run(lambda unit: recipients.waiting_for_people(unit, number, later(0))))["until_written"] == 2
    await house.chat.answer(Incoming("wechat", "a", "m2", datetime.now(UTC), text="你好"))
    here.stations["wechat"].open_ways = (Way(MESSAGE),)
    await here.go()
    assert await here.states(number) == {"queued": 1, "sent": 1}

    def age(unit: Unit) -> None:
        unit.connection.execute(text("UPDATE broadcasts SET not_after = begun_at"))

    await here.run(age)
    await here.go()
    assert await here.states(number) == {"expired": 1, "sent": 1}
    assert (await here.now(number)).state == "done"


async def test_to_many_in_one_call_a_language_and_never_claimed_for_a_person(house: House) -> None:
    here = town(house)
    station = Loudspeaker("wechat", open_ways=(Way(MESSAGE, window=1), Way("mass", bundle="text:x")))
    here.stations["wechat"] = station
    here.sender.channels["wechat"] = station  # type: ignore[index]
    await here.people(*(f"p{one}" for one in range(70)), channel="wechat")
    number = await here.started()
    await here.go(1)
    assert await BundleSender(here.sender).send_due() == 0  # more of it is still to come
    await here.go(4)
    assert await BundleSender(here.sender).send_due() == 1
    assert [len(people) for _, people in station.calls] == [70]
    await house.chat.report(Told("wechat", "office", "r1", [MassEnded("m1", "sent", "mass; counts only")]))
    await here.go()
    assert await here.states(number) == {"sent": 70}
    assert await here.run(lambda unit: recipients.counts(unit, number)) == {("sent", "wechat", "mass; counts only"): 70}


async def test_a_paused_broadcast_makes_no_call_to_many_and_holds_up_no_other(house: House) -> None:
    here = town(house)
    station = Loudspeaker("wechat", open_ways=(Way(MESSAGE, window=1), Way("mass", bundle="text:x")))
    here.stations["wechat"] = station
    here.sender.channels["wechat"] = station  # type: ignore[index]
    await here.people("a", "b", "c", channel="wechat")
    number = await here.started()
    by = await here.publisher("third")
    await here.go()
    assert await here.act(by, number, "pause") == "done"
    assert await BundleSender(here.sender).send_due() == 0
    assert await here.act(by, number, "resume") == "done"
    assert await BundleSender(here.sender).send_due() == 1


async def test_two_broadcasts_share_the_pace(house: House) -> None:
    here = town(house)
    await here.people(*(f"p{one}" for one in range(120)))
    first = await here.started()
    await here.caster.run_due()
    second = await here.started(Content("停电", {"zh": "明天停电。"}))
    order: list[int] = []
    while len(here.stations["telegram"].said) < 200:
        before = len(here.stations["telegram"].said)
        await here.caster.run_due()
        await here.sender.send_due()
        fresh = here.stations["telegram"].said[before:]
        order += [first if "停水" in said or "储水" in said else second for _, said in fresh]
    half = order[:120]
    assert 40 <= half.count(first) <= 90, half.count(first)
    await here.go()
    assert await here.states(first) == await here.states(second) == {"sent": 120}


async def test_each_person_hears_two_broadcasts_in_their_order(house: House) -> None:
    here = town(house)
    await here.people("a")
    await here.started()
    await here.caster.run_due()
    await here.started(Content("停电", {"zh": "明天停电。"}))
    await here.caster.run_due()
    here.stations["telegram"].failures = [SendFailed("busy", retryable=True)]
    await here.sender.send_due()
    assert heard(here) == []  # the second one waits for the first, which is tried again in a moment
    await hurry(here)
    await here.go()
    assert [said[:2] for _, said in here.stations["telegram"].said] == ["今晚", "明天"]


async def test_places_are_filled_for_each_person(house: House) -> None:
    here = town(house)
    await here.registered("a", "261115-87EC5-J", name="赵敏")
    await here.people("b")
    words = Content("问好", {"zh": "{{ name }}，{{ area }}今晚停水。"})
    number = await here.started(words)
    await here.go()
    said = dict(here.stations["telegram"].said)
    assert said["a"].startswith("赵敏，")
    assert "S01" not in said["a"]
    assert said["b"] == "居民朋友，本社区今晚停水。"
    assert await here.states(number) == {"sent": 2}


async def test_whose_name_cant_be_read_hears_it_without_a_name(house: House) -> None:
    here = town(house)
    await here.registered("a", "261115-87EC5-J", name="赵敏")
    await here.registered("b", "261115-87EC6-K", name="钱芳", id_number="11010519491231003X")
    people, sent = tables.people, tables.submissions.c
    theirs = people.c.id.in_(select(sent.person_id).where(sent.holder_id == "holder-b"))
    await here.run(lambda unit: unit.execute(update(people).where(theirs).values(person_sealed=GARBAGE)).close())
    number = await here.started(Content("问好", {"zh": "{{ name }}，今晚停水。"}))
    await here.go()
    assert dict(here.stations["telegram"].said) == {"a": "赵敏，今晚停水。", "b": "居民朋友，今晚停水。"}
    assert await here.states(number) == {"sent": 2}


async def keep(here: Town, number: int, sealed: bytes) -> bytes:
    """Put other words in a broadcast's place; the former, sealed."""
    one = tables.broadcasts.c.id == number

    def write(unit: Unit) -> bytes:
        former = unit.execute(select(tables.broadcasts.c.content_sealed).where(one)).scalar_one()
        unit.execute(update(tables.broadcasts).where(one).values(content_sealed=sealed))
        return bytes(former)

    former: bytes = await here.run(write)
    return former


def sealed(here: Town, content: Content, **more: Any) -> bytes:
    return here.house.database.vault.seal_json(asdict(content) | more, broadcasts.CONTENT)


def passed_over(log: list[Any]) -> list[tuple[str, int, str]]:
    return [(line["part"], line["number"], line["step"]) for line in log if line["event"] == "passed over"]


async def test_a_broadcast_that_cant_be_read_holds_up_no_other_and_goes_on_once_it_can(house: House) -> None:
    here = town(house)
    await here.people("a")
    author, other = await here.publisher("author"), await here.publisher("other")
    waiting = (await here.written(author, WATER, starts_at=later(-0.01))).id
    assert await here.act(author, waiting, "propose") == "done"
    assert await here.act(other, waiting, "approve") == "done"
    broken = await here.started()
    former = {number: await keep(here, number, GARBAGE) for number in (waiting, broken)}
    fine = await here.started(Content("停电", {"zh": "明天停电。"}))
    with capture_logs() as log:
        await here.go()
    assert here.stations["telegram"].said == [("a", "明天停电。")]
    assert (await here.now(fine)).state == "done"
    assert passed_over(log) == [("broadcasts", waiting, "begin"), ("broadcasts", broken, "read")]
    for number, content in former.items():
        await keep(here, number, content)
    await here.go()
    assert len(here.stations["telegram"].said) == 1  # put aside for a while
    here.caster.aside.clear()
    await here.go()
    assert await here.states(waiting) == await here.states(broken) == {"sent": 1}


async def test_a_broadcast_that_cant_go_on_holds_up_no_other_and_can_be_stopped(house: House) -> None:
    here = town(house)
    await here.people(*(f"p{one}" for one in range(60)))
    broken = await here.started()
    by = await here.publisher("third")
    await here.caster.run_due()
    await keep(here, broken, sealed(here, Content("停水", {"zh": "{{ name"})))
    fine = await here.started(Content("停电", {"zh": "明天停电。"}))
    with capture_logs() as log:
        await here.go(4)
    assert passed_over(log) == [("broadcasts", broken, "feed")]
    assert await here.states(fine) == {"sent": 60}
    unsaid = (await here.states(broken))["waiting"]
    assert await here.act(by, broken, "stop") == "done"
    await here.go()
    assert await here.states(broken) == {"sent": 60 - unsaid, "stopped": unsaid}
    assert (await here.now(broken)).state == "stopped"


async def test_what_a_newer_program_wrote_besides_is_left_out_and_kept(house: House) -> None:
    here = town(house)
    await here.people("a")
    number = await here.started()
    newer = sealed(here, WATER, colour="red")
    await keep(here, number, newer)
    await here.go()
    assert heard(here) == ["a"]
    assert await here.states(number) == {"sent": 1}
    assert (await here.now(number)).state == "done"
    assert await keep(here, number, newer) == newer


async def test_where_very_many_cant_be_read_no_more_are_put_beside_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipients, "MANY_UNREADABLE", LEAST)
    here = town(house)
    ids = await here.people(*(f"p{one}" for one in range(LEAST + 5)))
    await here.people("a")
    lost = update(tables.conversations).where(tables.conversations.c.id.in_(ids)).values(address_sealed=GARBAGE)
    await here.run(lambda unit: unit.execute(lost).close())
    number = await here.started()
    with capture_logs():
        await here.go()
    assert heard(here) == []
    assert (await here.states(number))["waiting"] > 0
    gone = update(tables.outbox).where(tables.outbox.c.reason == claims.UNREADABLE)
    await here.run(lambda unit: unit.execute(gone.values(state="failed", ended_at=datetime.now(UTC))).close())
    with capture_logs():
        await here.go()
    assert heard(here) == ["a"]


async def test_messages_that_cant_be_read_take_nobodys_room(house: House) -> None:
    here = town(house)
    lost = [f"p{one}" for one in range(LEAST + 5)]
    ids = await here.people(*lost)
    await here.people("a", "b")
    talks = tables.conversations
    await here.run(
        lambda unit: unit.execute(update(talks).where(talks.c.id.in_(ids)).values(address_sealed=GARBAGE)).close()
    )
    number = await here.started()
    with capture_logs():
        await here.go()
    assert heard(here) == ["a", "b"]
    assert await here.states(number) == {"sent": 2, "queued": len(lost)}


async def test_a_day_that_nobody_knows_is_not_told(house: House) -> None:
    here = town(house)
    await here.people("a")
    number = await here.started(Content("到期", {"zh": "请在{{ next_date }}前办理。"}))
    await here.go()
    assert heard(here) == []
    assert await here.states(number) == {"suppressed": 1}


async def test_an_approved_one_begins_at_its_hour_and_one_too_late_never_does(house: House) -> None:
    here = town(house)
    await here.people("a")
    author, other = await here.publisher("author"), await here.publisher("other")
    soon = (await here.written(author, WATER, starts_at=later(-0.01))).id
    never = (await here.written(author, WATER, not_after=later(1))).id
    for number in (soon, never):
        assert await here.act(author, number, "propose") == "done"
        assert await here.act(other, number, "approve") == "done"

    def age(unit: Unit) -> None:
        sql = text("UPDATE broadcasts SET not_after = created_at WHERE id = :id")
        unit.connection.execute(sql, {"id": never})

    await here.run(age)
    await here.go()
    assert (await here.now(soon)).state == "done"
    assert (await here.now(never)).state == "discarded"
    assert heard(here) == ["a"]


async def test_only_an_emergency_breaks_quiet_hours(house: House) -> None:
    class Asleep:
        def at(self, now: datetime) -> bool:
            return True

    here = town(house, quiet=Asleep())
    await here.people("a")
    usual = await here.started()
    urgent = await here.started(replace(WATER, why="台风"), urgent=True)
    await here.go()
    assert await here.states(usual) == {"queued": 1}
    assert await here.states(urgent) == {"sent": 1}


async def test_only_people_of_the_audience_are_frozen(house: House) -> None:
    here = town(house)
    await here.registered("a", "261115-87EC5-J", area="S01-01", reason="work", industry="C", stay_kind="rented")
    await here.registered("b", "261115-87EC6-K", area="S01-02", reason="study", id_number="none", hukou_region="330106")
    await here.people("c")

    def settle(unit: Unit) -> None:
        run, now = unit.connection.execute, datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        run(text("UPDATE conversations SET holder_id = 'holder-c' WHERE holder_id = ''"))
        home = (
            "INSERT INTO homes (code, area, address_sealed, created_at, holder_id) VALUES ('H1', 'S01-01', :x, :n, :h)"
        )
        run(text(home), {"x": b"", "n": now, "h": "holder-c"})
        permit = (
            "INSERT INTO permits (person_id, holder_id, area, state, created_at, changed_at) "
            "SELECT min(person_id), 'holder-a', 'S01-01', 'issued', :n, :n "
            "FROM submissions WHERE holder_id = 'holder-a'"
        )
        run(text(permit), {"n": now})

    await here.run(settle)
    cases: tuple[tuple[Audience, list[str]], ...] = (
        (Audience(areas=("S01",)), ["a", "b", "c"]),
        (Audience(areas=("S01-02",)), ["b"]),
        (Audience(reasons=("work",)), ["a"]),
        (Audience(industries=("C",)), ["a"]),
        (Audience(homes=("own",)), ["b"]),
        (Audience(origins=("33",)), ["b"]),
        (Audience(statuses=("registered",)), []),
        (Audience(role="migrant"), ["a", "b"]),
        (Audience(role="unregistered"), ["c"]),
        (Audience(role="landlord"), ["c"]),
        (Audience(role="landlord", areas=("S02",)), []),
        (Audience(permits=("none",)), ["b", "c"]),
        (Audience(permits=("issued",)), ["a"]),
        (Audience(permits=("none", "issued"), role="migrant"), ["a", "b"]),
        (Audience(channels=("wechat",)), []),
        (Audience(languages=("zh",)), ["a", "b", "c"]),
        (Audience(arrived_from=later(30).date()), []),
        (Audience(listed=True), []),
    )
    for audience, names in cases:
        here.stations["telegram"].said.clear()
        await here.started(WATER, audience=audience)
        await here.go()
        assert heard(here) == names, audience


async def test_a_step_of_the_run_does_nothing_in_another_state(house: House) -> None:
    here = town(house)
    number = await here.started()
    now = datetime.now(UTC)
    terms = here.caster.terms(await here.now(number), now)
    await here.go()
    assert (await here.now(number)).state == "done"
    assert not await here.run(lambda unit: running.freeze(unit, number, terms, now))
    room = running.Room("telegram", 10)
    assert await here.run(lambda unit: running.feed(unit, number, room, 5, lambda unit, people: (), now)) == 0
    assert await here.run(lambda unit: running.feed(unit, 999, room, 5, lambda unit, people: (), now)) == 0
