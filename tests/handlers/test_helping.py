"""Helping on the spot: staff type, the person takes it, agrees and sends; once, in time, and never without them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.house import House
from handlers.messages import Incoming, Tap
from handlers.office import helping, home_codes, staff
from handlers.office.helping import Begin, Helping, Said
from handlers.office.reviewer import Reviewer
from handlers.office.staff import Invited
from storage import audit, conversations, helps, own, submissions, tenancies
from storage import homes as kept
from storage.audit import Subject
from storage.records import Conversation, Home, Submission
from storage.staff import Member
from storage.unit import Unit
from tests import house as houses
from tests.certified import say
from tests.housed import landlord, let

DRAFT, NEXT = "d" * 32, "e" * 32
WORDS = (
    "外地", "1", "1", "自己", "341225199003071233", "李伟", "汉", "安徽省阜南县王店镇李庄村3组12号", "13812345678",
    "初中", "跳过", "跳过", "302", "租", "王芳", "跳过", "昨天", "1", "工作", "幸福餐馆", "餐饮", "交",
)  # fmt: skip
OWN = ("同意", "以后", "以后", "提交")
HOME = "幸福路20号"


@dataclass(slots=True)
class Scene:
    """A home, a collector at work there, and the clock."""

    house: House
    home: Home
    reviewer: Reviewer
    name: str
    now: datetime

    async def run(self, work: Any) -> Any:
        return await self.house.database.run(work)

    async def begin(self, draft: str = DRAFT, reviewer: Reviewer | None = None) -> Any:
        office, by = self.house.chat.office, reviewer or self.reviewer
        return await self.run(
            lambda unit: helping.begin(unit, by, self.home.code, Begin(draft, "zh"), office, self.now)
        )

    async def look(self, number: int, reviewer: Reviewer | None = None, later: timedelta = timedelta()) -> Any:
        office, by = self.house.chat.office, reviewer or self.reviewer
        return await self.run(lambda unit: helping.look(unit, by, number, office, self.now + later))

    async def say(self, number: int, text: str = "", tap: Tap | None = None, version: int | None = None) -> Any:
        shown: Helping = await self.look(number)
        at = version if version is not None else shown.conversation.version if shown.conversation else 0
        office, said = self.house.chat.office, Said(text, tap, at)
        return await self.run(lambda unit: helping.answer(unit, self.reviewer, number, said, office, self.now))

    async def typed(self) -> int:
        """Everything is answered, up to the summary; the number of the help."""
        begun = await self.begin()
        for words in WORDS:
            await self.say(begun.id, words)
        return int(begun.id)

    async def offered(self) -> helps.Help:
        number = await self.typed()
        shown = await self.say(number, "提交")
        assert shown.help.state == "offered", shown.replies
        return cast("helps.Help", shown.help)

    async def scan(self, who: str, code: str, message: str = "scan") -> Any:
        incoming = Incoming("engine", who, message, datetime.now(UTC), kind="open", scene=f"home_{code}")
        return await self.house.chat.answer(incoming)

    async def sent(self) -> tuple[Submission, ...]:
        found = await self.run(lambda unit: submissions.by_draft(unit, DRAFT))
        return () if found is None else (found,)

    async def talk(self, who: str) -> Conversation:
        found = await self.run(lambda unit: conversations.find(unit, "engine", who))
        return cast("Conversation", found)


@pytest.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    async with houses.opened(houses.settings(database_url)) as house:
        now = datetime.now(UTC)
        home = await house.database.run(lambda unit: let(unit, "301", "302", holder=landlord(unit)))
        added = await house.database.run(lambda unit: hired(unit, house, now))
        reviewer = Reviewer(added.member.code, frozenset({"S01", "S01-02"}))
        yield Scene(house, home, reviewer, added.member.name, now)


def hired(unit: Unit, house: House, now: datetime) -> Invited:
    new = Member(0, "", "chen", "陈静", "collector", "S01", "zh")
    added = staff.add(unit, new, house.areas(), now)
    assert isinstance(added, Invited)
    return added


def asked(answered: Any) -> list[str]:
    return [reply.template for reply in answered.replies]


async def test_nothing_is_sent_until_the_person_agrees_and_sends_it_on_their_own_phone(scene: Scene) -> None:
    offered = await scene.offered()
    assert await scene.sent() == ()
    taken = await scene.scan("me", offered.code)
    assert asked(taken) == ["say/helped", "ask/consent"]
    assert (taken.replies[0].data["name"], taken.replies[0].data["code"]) == ("陈静", scene.reviewer.staff_id)
    assert await scene.sent() == ()
    for number, words in enumerate(OWN):
        assert await scene.sent() == ()
        await say(scene.house, f"own{number}", words)
    (sent,) = await scene.sent()
    assert (sent.channel, sent.consent, sent.answers["name"].value) == (
        "engine",
        scene.house.chat.office.consent_version,
        "李伟",
    )
    assert sent.answers["address"].value == HOME
    (tenancy,) = await scene.run(lambda unit: tenancies.of_home(unit, scene.home.code))
    assert (tenancy.state, tenancy.holder_id) == ("claimed", sent.holder_id)
    shown = await scene.look(offered.id)
    assert (shown.help.state, shown.number) == ("taken", sent.number)


async def test_the_person_can_see_who_typed_for_them(scene: Scene) -> None:
    offered = await scene.offered()
    await scene.scan("me", offered.code)
    (data,) = (await say(scene.house, "d1", "我的资料"))[:1]
    assert f"陈静，工号 {scene.reviewer.staff_id}" in data
    for number, words in enumerate(OWN):
        await say(scene.house, f"own{number}", words)
    (data,) = (await say(scene.house, "d2", "我的资料"))[:1]
    assert f"陈静（工号 {scene.reviewer.staff_id}）当面代填" in data
    (looked,) = (await say(scene.house, "d3", "谁看过"))[:1]
    assert "当面代您填写" in looked
    talk = await scene.talk("me")
    found = await scene.run(lambda unit: own.looks(unit, talk.holder_id, 9))
    assert "helped" in {entry.act.action for entry in found}


async def test_the_code_may_be_typed_and_is_good_for_one_phone(scene: Scene) -> None:
    offered = await scene.offered()
    said = await say(scene.house, "c1", home_codes.clear(offered.code))
    assert "当面替您填好了" in said[0]
    assert "已经用过了" in (await say(scene.house, "c2", offered.code, "another"))[0]
    assert asked(await scene.scan("third", offered.code))[0] == "say/help_over"
    again = await scene.scan("me", offered.code, "again")
    assert asked(again) == ["ask/consent"]


async def test_of_two_phones_that_scan_at_once_one_gets_it(scene: Scene) -> None:
    offered = await scene.offered()
    answers = await asyncio.gather(*(scene.scan(f"phone{number}", offered.code) for number in range(6)))
    assert sorted(asked(one)[0] for one in answers).count("say/helped") == 1


async def test_who_declines_leaves_nothing_behind(scene: Scene) -> None:
    offered = await scene.offered()
    await scene.scan("me", offered.code)
    await say(scene.house, "no", "不同意")
    talk = await scene.talk("me")
    assert (talk.answers, talk.draft) == ({}, "")
    assert await scene.sent() == ()
    assert await scene.run(lambda unit: conversations.find(unit, helping.CHANNEL, offered.address)) is None


async def test_a_talk_under_way_waits_and_goes_on_afterwards(scene: Scene) -> None:
    for number, words in enumerate(("你好", "同意", "外地")):
        await say(scene.house, f"before{number}", words)
    offered = await scene.offered()
    taken = await scene.scan("me", offered.code)
    assert asked(taken) == ["say/helped", "ask/paper_identity"]  # they agreed to the same text before
    for number, words in enumerate(OWN[1:]):
        await say(scene.house, f"own{number}", words)
    talk = await scene.talk("me")
    assert (len(await scene.sent()), talk.asked, talk.answers["hukou_kind"].value) == (1, "lodging", "elsewhere")


async def test_who_declines_in_between_goes_on_with_the_talk_that_waited(scene: Scene) -> None:
    await say(scene.house, "before", "你好")
    offered = await scene.offered()
    await scene.scan("me", offered.code)
    await say(scene.house, "no", "不同意")
    talk = await scene.talk("me")
    assert (talk.asked, talk.aside, talk.draft != DRAFT) == ("consent", (), True)


async def test_a_wrong_answer_is_explained_and_asked_again(scene: Scene) -> None:
    begun = await scene.begin()
    for words in WORDS[:4]:
        await scene.say(begun.id, words)
    shown = await scene.say(begun.id, "341225199003071234")
    assert [reply.template for reply in shown.replies] == ["invalid/id_number_check_digit", "ask/id_number"]
    assert shown.refused
    assert [reply.template for reply in (await scene.say(begun.id, "帮助")).replies] == [
        "help/id_number",
        "ask/id_number",
    ]
    back = await scene.say(begun.id, tap=Tap("", "", "back"))
    assert [reply.template for reply in back.replies] == ["ask/subject"]


@pytest.mark.parametrize(
    "words", ["我的资料", "人工", "删除我的资料", "关联账号", "English", "绑定 123456", "我的房屋"]
)
async def test_no_other_word_of_the_talk_means_anything_here(scene: Scene, words: str) -> None:
    begun = await scene.begin()
    shown = await scene.say(begun.id, words)
    assert [reply.template for reply in shown.replies][-1] == "ask/hukou_kind"


async def test_a_click_to_a_page_that_is_out_of_date_changes_nothing(scene: Scene) -> None:
    begun = await scene.begin()
    first: Helping = await scene.look(begun.id)
    assert first.conversation is not None
    at = first.conversation.version
    await scene.say(begun.id, "外地", version=at)
    again = await scene.say(begun.id, "本市", version=at)
    assert again.conversation.answers["hukou_kind"].value == "elsewhere"
    assert [reply.template for reply in again.replies] == ["ask/lodging"]


async def test_who_needs_no_registration_is_told_so_and_nothing_is_kept(scene: Scene) -> None:
    begun = await scene.begin()
    shown = await scene.say(begun.id, "本地")
    assert shown.help.state == "ended", [reply.template for reply in shown.replies]
    assert shown.replies[0].template == "say/not_needed_here"
    assert await scene.run(lambda unit: conversations.find(unit, helping.CHANNEL, begun.address)) is None


async def test_begun_twice_by_one_form_it_is_begun_once(scene: Scene) -> None:
    one, two = await scene.begin(), await scene.begin()
    assert one == two
    assert (await scene.begin(NEXT)).id != one.id


async def test_changing_something_makes_the_code_worthless(scene: Scene) -> None:
    offered = await scene.offered()
    office = scene.house.chat.office
    shown = await scene.run(lambda unit: helping.reopen(unit, scene.reviewer, offered.id, office, scene.now))
    assert (shown.help.state, shown.help.code) == ("open", "")
    assert asked(await scene.scan("me", offered.code))[0] != "say/helped"
    edited = await scene.say(offered.id, tap=Tap("helped", "confirm", "edit:phone"))
    assert [reply.template for reply in edited.replies] == ["ask/phone"]
    await scene.say(offered.id, "13912345678")
    again = await scene.say(offered.id, "提交")
    assert again.help.code not in {"", offered.code}


ELSEWHERE = frozenset({"S02", "S02-01"})


async def test_only_who_began_it_goes_on_and_only_in_their_area(scene: Scene) -> None:
    offered = await scene.offered()
    strangers = (
        Reviewer("ZZZ999", None),
        replace(scene.reviewer, areas=ELSEWHERE),
        Reviewer("ZZZ999", scene.reviewer.areas),
    )
    for reviewer in strangers:
        assert await scene.look(offered.id, reviewer) is None
        assert await scene.run(lambda unit, by=reviewer: helping.end(unit, by, offered.id, scene.now)) is None
    assert await scene.begin(NEXT, replace(scene.reviewer, areas=ELSEWHERE)) is None
    assert await scene.begin(DRAFT, strangers[0]) is None
    assert (await scene.look(offered.id)).help.state == "offered"


async def test_a_home_that_the_office_has_not_confirmed_is_no_place_to_help_in(scene: Scene) -> None:
    scene.home = await scene.run(lambda unit: let(unit, holder="w" * 32, address="幸福路9号", state="registered"))
    assert await scene.begin() is None


async def test_what_nobody_goes_on_with_is_erased(scene: Scene) -> None:
    offered = await scene.offered()
    late = scene.now + helping.CODE_LASTS
    assert (await scene.look(offered.id, later=helping.CODE_LASTS)).help.state == "ended"
    taken = Incoming("engine", "me", "late", late, kind="open", scene=f"home_{offered.code}")
    assert asked(await scene.house.chat.answer(taken))[0] == "say/help_over"
    assert await scene.run(lambda unit: helping.expire(unit, late, 9)) == 1
    assert await scene.run(lambda unit: helping.expire(unit, late, 9)) == 0
    assert await scene.run(lambda unit: conversations.find(unit, helping.CHANNEL, offered.address)) is None
    assert (await scene.look(offered.id)).help.state == "ended"


async def test_stopping_erases_what_was_typed(scene: Scene) -> None:
    number = await scene.typed()
    for _ in "12":
        ended = await scene.run(lambda unit: helping.end(unit, scene.reviewer, number, scene.now))
        assert ended.state == "ended"
    assert await scene.run(lambda unit: conversations.find(unit, helping.CHANNEL, ended.address)) is None


async def test_the_audit_log_says_who_helped_where(scene: Scene) -> None:
    offered = await scene.offered()
    await scene.scan("me", offered.code)
    entries = await scene.run(lambda unit: audit.about(unit, [Subject("home", scene.home.code)]))
    assert [(one.act.action, one.act.who.id) for one in entries] == [("help_begun", scene.reviewer.staff_id)]
    assert await scene.run(lambda unit: kept.get(unit, scene.home.code)) is not None
