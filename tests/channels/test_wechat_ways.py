"""The best way that WeChat allows is taken, and what it allows is never exceeded: against the strict double."""

import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.bundles import BundleSender
from bot.delivery import Sender
from handlers import turns
from handlers.messages import Reply
from handlers.turns import Answered
from storage import calls, conversations, deliveries, grants, topics
from storage.deliveries import QUOTA, Terms
from storage.unit import Unit
from tests.channels.wechat_house import Office, office
from tests.doubles.troubles import Trouble
from tests.doubles.wechat_account import OPERATOR
from tests.doubles.wechat_meter import BIZ, CUSTOM, MASS, TEMPLATE

FIELDS = {"thing1": "办理结果", "character_string2": "{{ code }}"}
MAPPING = {
    "message": [
        {"say": "say/link_code", "carrier": carrier, "name": "decision", "fields": FIELDS}
        for carrier in ("notification", "template")
    ]
}
NOTICE = Terms("notice", urgent=True)
BROADCAST = Terms("broadcast", urgent=True, topic="news")
LONG_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Town:
    """An office whose approved templates are T1 (template messages) and N1 (notifications), and its sender."""

    place: Office
    sender: Sender

    @property
    def openid(self) -> str:
        return self.place.phone.openid

    async def person(self, openid: str, *, window: int = 0) -> int:
        """A follower who has written once, and what is left of their window."""
        await replace(self.place.phone, openid=openid, replies=[]).say("你好")
        if window:
            self.place.api.wrote(openid)

        def shut(unit: Unit) -> int:
            found = conversations.find(unit, "wechat", openid)
            assert found is not None
            close = text("UPDATE conversations SET window_left = :window WHERE id = :id")
            unit.connection.execute(close, {"window": window, "id": found.id})
            return found.id

        return await self.place.house.database.run(shut)

    async def want(
        self, person: int, code: str = "482913", terms: Terms = NOTICE, key: str = "", reply: Reply | None = None
    ) -> None:
        """Something is to be said to somebody."""
        saying = reply or Reply("say/link_code", {"code": code, "minutes": 1})
        said = turns.packed(Answered(b"", person, "zh", (saying,)))
        now = datetime.now(UTC)
        name = key or f"{code}:{person}"
        assert await self.place.house.database.run(
            lambda unit: deliveries.enqueue(unit, name, person, said, now, terms)
        )

    async def send(self) -> None:
        """What is due, whether due now or later in the next hour, goes out."""
        await self.sender.send_due()
        await BundleSender(self.sender).send_due()

    async def hurry(self) -> None:
        """An hour passes for what waits for another try."""
        soon = text("UPDATE outbox SET due_at = created_at WHERE state = 'waiting' AND due_at < :soon")
        when = {"soon": (datetime.now(UTC) + LONG_AFTER).replace(tzinfo=None)}
        await self.place.house.database.run(lambda unit: unit.connection.execute(soon, when))

    async def reported(self) -> None:
        """The platform's results reach the program."""
        self.place.api.clock.forward(timedelta(seconds=5))
        await self.place.api.deliver_due()

    async def rows(self) -> list[tuple[str, str]]:
        """State and reason of every message, in order."""

        def read(unit: Unit) -> list[tuple[str, str]]:
            found = unit.connection.execute(text("SELECT state, reason FROM outbox ORDER BY id"))
            return [(row.state, row.reason) for row in found]

        return await self.place.house.database.run(read)

    def seen(self, openid: str = "") -> list[str]:
        """By which ways somebody got something."""
        return [seen.way for seen in self.place.api.seen if seen.person == (openid or self.openid)]


@asynccontextmanager
async def town(folder: Path, mapping: Mapping[str, Any] = MAPPING, **changes: Any) -> AsyncIterator[Town]:
    values = {"wechat_templates": "decision=T1", "wechat_notifications": "decision=N1", **changes}
    async with office(folder, **values) as place:
        place.house.words.map_wechat(mapping)
        place.api.templates["T1"] = place.api.notifications["N1"] = tuple(FIELDS)
        place.api.program = place.phone
        yield Town(place, Sender(place.house.database, place.house.words, {"wechat": place.channel}))


async def agree(there: Town, openid: str, answer: str = "accept", template: str = "N1") -> None:
    """Somebody ticks, or doesn't tick, a notification on the page."""
    there.place.api.chose(openid, {template: answer == "accept"})
    await there.reported()


async def test_in_an_open_window_our_own_words_are_said(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        await there.want(await there.person(there.openid, window=5))
        await agree(there, there.openid)
        await there.send()
        assert (there.seen(), await there.rows()) == (["customer"], [("sent", "")])


async def test_without_a_window_a_template_message_goes_and_its_result_is_waited_for(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        await there.want(await there.person(there.openid))
        await there.send()
        assert (there.seen(), await there.rows()) == (["template"], [("accepted", "")])
        assert there.place.api.seen[0].text == "T1\nthing1: 办理结果\ncharacter_string2: 482913"
        await there.reported()
        await there.reported()
        assert await there.rows() == [("sent", "")]


async def test_a_notification_that_was_agreed_to_goes_first_and_is_spent_once(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        person = await there.person(there.openid)
        await agree(there, there.openid)
        await there.want(person, "100001")
        await there.want(person, "100002")
        await there.send()
        await there.reported()
        assert sorted(there.seen()) == ["notification", "template"]
        assert await there.rows() == [("sent", ""), ("sent", "")]
        assert there.place.api.violations == []


async def test_an_agreement_told_three_times_is_one(tmp_path: Path) -> None:
    async with town(tmp_path, wechat_templates="") as there:
        person = await there.person(there.openid)
        row = {"TemplateId": "N1", "SubscribeStatusString": "accept"}
        told = {"CreateTime": "1795860000", "SubscribeMsgPopupEvent": {"List": row}}  # the very same event
        for _ in range(3):
            there.place.api.owe(there.openid, "subscribe_msg_popup_event", **told)
        await there.reported()

        def spent(unit: Unit) -> list[bool]:
            return [grants.spend(unit, person, "N1") for _ in range(2)]

        assert await there.place.house.database.run(spent) == [True, False]


async def test_agreeing_lets_what_waited_go(tmp_path: Path) -> None:
    async with town(tmp_path, wechat_templates="") as there:
        await there.want(await there.person(there.openid))
        await there.send()
        assert await there.rows() == [("waiting", "no window")]
        await agree(there, there.openid)
        await there.send()
        assert there.seen() == ["notification"]


async def test_who_declines_is_sent_none(tmp_path: Path) -> None:
    async with town(tmp_path, wechat_templates="") as there:
        await there.want(await there.person(there.openid))
        await agree(there, there.openid)
        await agree(there, there.openid, "reject")
        await there.send()
        assert (there.seen(), await there.rows()) == ([], [("waiting", "no window")])


async def test_an_agreement_for_good_is_not_used_up(tmp_path: Path) -> None:
    async with town(tmp_path, wechat_notifications="decision=N1:long") as there:
        person = await there.person(there.openid)
        await agree(there, there.openid)
        there.place.api.granted(there.openid, "N1", long_term=True)
        for code in ("100001", "100002", "100003"):
            await there.want(person, code)
        await there.send()
        assert there.seen() == ["notification"] * 3


async def test_a_grant_that_the_platform_does_not_know_is_dropped_and_the_next_way_taken(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        person = await there.person(there.openid)
        await there.place.house.database.run(lambda unit: grants.give(unit, person, "N1", lasting=False))
        await there.want(person)
        await there.send()
        assert there.seen() == ["template"]
        missing = await there.place.house.database.run(lambda unit: grants.missing(unit, person, ["N1"]))
        assert missing == {"N1"}


@pytest.mark.parametrize(
    "terms", [replace(NOTICE, topic="legal"), Terms("legal", urgent=True), replace(BROADCAST, topic="")]
)
async def test_the_law_and_broadcasts_never_go_by_an_approved_template(terms: Terms, tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        person = await there.person(there.openid)
        await agree(there, there.openid)
        await there.want(person, terms=terms)
        await there.send()
        assert (there.seen(), await there.rows()) == ([], [("waiting", "no window")])


UNFIT: list[tuple[str, str]] = [("too long for its field", "7" * 33), ("empty", " ")]


@pytest.mark.parametrize("code", [row[1] for row in UNFIT], ids=[row[0] for row in UNFIT])
async def test_what_does_not_fit_its_field_waits_for_the_person(code: str, tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        await there.want(await there.person(there.openid), code, key="unfit")
        await there.send()
        assert await there.rows() == [("waiting", "no window")]
        assert there.place.api.calls[TEMPLATE] == 0


async def test_who_blocks_templates_is_not_sent_another_this_month(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        person = await there.person(there.openid)
        there.place.api.people.get(there.openid).refuses_templates = True
        await there.want(person, "100001")
        await there.send()
        await there.reported()
        assert await there.rows() == [("waiting", "template messages are refused")]
        await there.want(person, "100002")
        await there.hurry()
        await there.send()
        assert await there.rows() == [("waiting", "no window")] * 2
        assert there.place.api.calls[TEMPLATE] == 1


async def test_the_days_cap_is_kept_and_the_rest_waits_for_midnight(tmp_path: Path) -> None:
    async with town(tmp_path, wechat_template_daily=1) as there:
        person = await there.person(there.openid)
        await there.want(person, "100001")
        await there.want(person, "100002")
        await there.send()
        assert await there.rows() == [("accepted", ""), ("waiting", QUOTA)]
        assert there.place.api.calls[TEMPLATE] == 1


CLOSING: list[tuple[str, int, list[tuple[str, str]]]] = [
    (TEMPLATE, 45009, [("waiting", QUOTA)]),
    (TEMPLATE, 48001, [("waiting", QUOTA)]),
    (TEMPLATE, 40037, [("waiting", QUOTA)]),
    (TEMPLATE, 47003, [("waiting", QUOTA)]),
    (TEMPLATE, 43117, [("waiting", "no window")]),
    (TEMPLATE, 43004, [("failed", "no longer following")]),
    (BIZ, 43101, [("accepted", "")]),
    (BIZ, 40037, [("accepted", "")]),
    (BIZ, 45009, [("accepted", "")]),
    (BIZ, 40003, [("failed", "no address of this account")]),
    (CUSTOM, 45009, [("accepted", "")]),
]


@pytest.mark.parametrize(("path", "code", "wanted"), CLOSING)
async def test_a_way_that_is_shut_gives_way_to_the_next(
    path: str, code: int, wanted: list[tuple[str, str]], tmp_path: Path
) -> None:
    async with town(tmp_path) as there:
        person = await there.person(there.openid, window=5 if path == CUSTOM else 0)
        if path == BIZ:
            await agree(there, there.openid)
        there.place.api.errors[path] = [code]
        await there.want(person)
        await there.send()
        assert await there.rows() == wanted
        assert there.place.api.calls[path] == 1


async def test_a_template_message_whose_answer_was_lost_is_not_said_twice(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        await there.want(await there.person(there.openid))
        there.place.api.troubles.next(Trouble.RESET_AFTER, path=TEMPLATE)
        await there.send()
        await there.hurry()
        await there.send()
        assert (there.seen(), await there.rows()) == (["template"], [("sent", "")])


async def crowd(there: Town, people: int, window: int = 0) -> list[int]:
    return [await there.person(f"oCrowd{number:02}", window=window) for number in range(people)]


async def test_a_broadcast_goes_to_all_without_a_window_in_one_call(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        near = await there.person(there.openid, window=5)
        for person in (near, *await crowd(there, 3)):
            await there.want(person, terms=BROADCAST)
        await there.send()
        assert there.place.api.calls[MASS] == 1
        assert there.seen() == ["customer"]
        assert [there.seen(f"oCrowd{number:02}") for number in range(3)] == [["mass"]] * 3
        assert await there.rows() == [("sent", ""), *[("accepted", "")] * 3]
        await there.reported()
        assert await there.rows() == [("sent", ""), *[("sent", "mass; counts only")] * 3]


async def test_calls_that_end_within_one_second_have_each_their_end(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        people = await crowd(there, 2)
        for number in range(2):
            for person in people:
                await there.want(person, f"10000{number}", BROADCAST)
            await there.send()
        assert there.place.api.calls[MASS] == 2
        await there.reported()
        assert await there.rows() == [("sent", "mass; counts only")] * 4


async def test_nobody_gets_more_than_four_a_month_and_the_fifth_waits(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        people = await crowd(there, 2)
        for number in range(5):
            for person in people:
                await there.want(person, f"10000{number}", BROADCAST)
            await there.send()
        assert there.place.api.violations == []
        assert [state for state, _ in await there.rows()].count("accepted") == 8
        assert (await there.rows())[-2:] == [("waiting", "no window")] * 2


async def test_one_alone_is_not_a_message_to_many(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        await there.want((await crowd(there, 1))[0], terms=BROADCAST)
        await there.send()
        assert await there.rows() == [("waiting", "no window")]
        assert there.place.api.calls[MASS] == 0


@pytest.mark.parametrize("trouble", [Trouble.RESET_BEFORE, Trouble.RESET_AFTER])
async def test_a_call_to_many_whose_answer_was_lost_is_repeated_and_heard_once(
    trouble: Trouble, tmp_path: Path
) -> None:
    async with town(tmp_path) as there:
        for person in await crowd(there, 3):
            await there.want(person, terms=BROADCAST)
        there.place.api.troubles.next(trouble, path=MASS)
        await there.send()
        assert [state for state, _ in await there.rows()] == ["waiting"] * 3
        await there.hurry()
        await there.send()
        await there.reported()
        assert await there.rows() == [("sent", "mass; counts only")] * 3
        assert [there.seen(f"oCrowd{number:02}") for number in range(3)] == [["mass"]] * 3


async def test_an_account_without_the_right_leaves_broadcasts_for_the_next_message(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        for person in await crowd(there, 2):
            await there.want(person, terms=BROADCAST)
        there.place.api.errors[MASS] = [48001]
        await there.send()
        assert await there.rows() == [("waiting", "no window")] * 2


async def test_a_broadcast_that_the_review_refuses_has_failed(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        for person in await crowd(there, 2):
            await there.want(person, terms=BROADCAST)
        await there.send()
        there.place.api.owed.clear()
        there.place.api.owe(OPERATOR, "MASSSENDJOBFINISH", MsgID="200000001", Status="err(20001)")
        await there.reported()
        assert await there.rows() == [("failed", "the platform's review refused it")] * 2


async def test_who_unfollows_is_on_the_call_list_with_what_they_had_to_hear(tmp_path: Path) -> None:
    async with town(tmp_path, wechat_templates="") as there:
        person = await there.person(there.openid)
        await there.want(person)
        await there.send()
        await there.place.phone.event("unsubscribe")
        assert await there.rows() == [("failed", "unfollowed")]
        now = datetime.now(UTC)
        listed = await there.place.house.database.run(lambda unit: calls.calls(unit, now, timedelta(days=3)))
        assert [call.reason for call in listed] == ["unfollowed"]

        def kept(unit: Unit) -> Any:
            return unit.connection.execute(text("SELECT message_sealed, address_index FROM outbox")).one()

        assert tuple(await there.place.house.database.run(kept)) == (b"", b"")


async def test_who_turns_a_topic_off_before_the_call_is_left_out_of_it(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        people = await crowd(there, 3)
        for person in people:
            await there.want(person, terms=BROADCAST)
        await there.sender.send_due()
        await there.place.house.database.run(lambda unit: topics.turn_off(unit, people[0], "news"))
        await BundleSender(there.sender).send_due()
        assert await there.rows() == [("suppressed", "topic off"), *[("accepted", "")] * 2]
        assert [there.seen(f"oCrowd{number:02}") for number in range(3)] == [[], ["mass"], ["mass"]]


async def test_a_decision_has_a_short_form_as_shipped(tmp_path: Path) -> None:
    shipped = tomllib.loads((files("templates") / "zh" / "wechat.toml").read_text("utf-8"))
    async with town(tmp_path, shipped) as there:
        there.place.api.templates["T1"] = ("thing1", "phrase2", "character_string3")
        ready = Reply("say/registered", {"number": "261124-ABCDE-X", "kind": "registration", "permit_from": None})
        await there.want(await there.person(there.openid), reply=ready)
        await there.send()
        assert there.place.api.seen[-1].text == (
            "T1\nthing1: 居住登记\nphrase2: 已办好\ncharacter_string3: 261124-ABCDE-X"
        )
