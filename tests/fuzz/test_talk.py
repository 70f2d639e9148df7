"""Any sequence of messages: the talk answers each, in both languages, and keeps its order."""

import asyncio
import itertools
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.house import House
from handlers.forms.entries import FORMS
from handlers.messages import Reply
from handlers.office.states import OPEN
from storage import conversations, submissions
from storage.audit_check import verify
from storage.records import Conversation
from storage.unit import Unit
from tests import house as houses
from tests.talks.engine import FILES, Engine
from tests.talks.typed import TALK, typed

FULL = os.environ.get("ANJU_FAULTS") == "full"
EXAMPLES = 2000 if FULL else 60
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
WORDS = (
    *typed(), "back", "返回", "skip", "跳过", "修改", "我的资料", "帮助", "help", "English", "中文", "人工", "bot",
    "停", "继续", "重新开始", "更多", "more", "删除我的资料", "确定删除", "登记房屋", "我的房屋", "学法",
    "法律小测验", "关联", "123456", "0", "1", "2", "3", "9", "99", "K7M2PX", "核实 K7M2PX", "申请删除登记",
    "投诉：没人理我", "老板不发工资怎么办", "can my landlord throw me out", "变更", "离开", "撤回", "办居住证",
    "我的事项", "\u202e", "👍", " ", "x" * 3000,
)  # fmt: skip
ERRANDS = (
    ("我要离开", "昨天", "提交"),
    ("撤回申请", "提交"),
    ("变更登记", "换工作", "工作", "幸福餐馆", "餐饮", "交", "提交"),
    ("登记同住家人", "自己", "没有身份证"),
    ("人工", "我不知道怎么填", "机器人"),
    ("删除我的资料", "确定删除"),
    ("导出我的资料", "谁看过我的资料"),
)
Act = tuple[str, str]
acts = st.one_of(
    st.tuples(st.just("type"), st.sampled_from(WORDS) | st.text(min_size=1, max_size=60)),
    st.tuples(st.just("tap"), st.integers(0, 9).map(str)),
    st.tuples(st.sampled_from(sorted(FILES)), st.just("")),
    st.tuples(st.just("place"), st.sampled_from(["30.27,120.15", "0,0", "-90,180"])),
    st.tuples(st.just("contact"), st.sampled_from(["own +8613812345678", "other +447911123456"])),
    st.tuples(st.just("open"), st.sampled_from(["", "home_ABCDEFGHJK", "x" * 64])),
    st.tuples(st.just("later"), st.sampled_from(["1 hours", "4 days", "40 days"])),
    st.tuples(st.just("again"), st.just("")),
)
errands = st.sampled_from(ERRANDS).map(lambda lines: [("type", line) for line in lines])
sequences = st.lists(acts.map(lambda act: [act]) | errands, min_size=1, max_size=14)
strangers = itertools.count(1)

pytestmark = pytest.mark.timeout(3600 if FULL else 300)


class Town:
    """A house that everybody talks to; no dataclass, for hypothesis would print all that is in the house."""

    def __init__(self, house: House, runner: asyncio.Runner) -> None:
        self.house = house
        self.runner = runner


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """When all have talked, the audit log is whole."""
    folder: Path = tmp_path_factory.mktemp("fuzz")
    opening = houses.opened(houses.settings(houses.migrated_file(folder / "anju.db")))
    with asyncio.Runner() as runner:
        house = runner.run(opening.__aenter__())
        yield Town(house, runner)
        assert not list(verify(house.database))
        runner.run(opening.__aexit__(None, None, None))


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(begun=st.integers(0, len(TALK)) | st.just(len(TALK)), said=sequences)
def test_any_sequence_is_answered_and_keeps_the_talk_in_order(town: Town, begun: int, said: list[list[Act]]) -> None:
    who = f"p{next(strangers)}"  # also where an example is tried again: nobody has said anything before
    town.runner.run(play(town.house, who, begun, [act for together in said for act in together]))


async def play(house: House, who: str, begun: int, said: Sequence[Act]) -> None:
    """Talk as far as `begun`, then do anything; look at answer and talk after each, and at the end at what was sent."""
    person = Person(house, Engine(house, "zh", NOW), who)
    for text in typed()[:begun]:
        await person.act("type", text)
    for kind, argument in said:
        await person.act(kind, argument)
    asked = await house.database.read(lambda unit: open_requests(unit, who))
    assert all(number == 1 for number in asked.values()), asked


@dataclass(slots=True)
class Person:
    """Somebody who talks. told: the answer to the last message; offered: the last one that said anything."""

    house: House
    engine: Engine
    who: str
    told: tuple[Reply, ...] | None = None
    offered: tuple[Reply, ...] = ()

    async def act(self, kind: str, argument: str) -> None:
        """One act; a message is answered, again with the same words, unless staff have the person to themselves."""
        before = await self.talk()
        told = await self._say(kind, argument)
        after = await self.talk()
        assert after is None or in_order(after)
        if told is None:
            return
        if kind == "again":
            assert kept(told) == kept(self.told or ())
        else:
            assert told or (is_with_staff(before) and is_with_staff(after) and kind not in {"tap", "open"})
        self.told, self.offered = told, told or self.offered

    async def talk(self) -> Conversation | None:
        """How the talk stands."""
        return await self.house.database.read(lambda unit: conversations.find(unit, "engine", self.who))

    async def _say(self, kind: str, argument: str) -> tuple[Reply, ...] | None:
        """The answer, which the engine has put into words of every language; None where there was no message."""
        if kind == "type":
            return tuple(await self.engine.type(self.who, argument))
        if kind == "later":
            await self.engine.act(self.who, kind, argument)
        choices = [choice for reply in self.offered for choice in reply.choices]
        if kind == "later" or (kind == "again" and self.told is None) or (kind == "tap" and not choices):
            return None
        if kind == "tap":
            return tuple(await self.engine.tap(self.who, choices[int(argument) % len(choices)].tap, self.offered))
        return tuple(await self.engine.act(self.who, kind, argument))


def in_order(talk: Conversation) -> bool:
    """The talk stands at a step of its form, and holds what was answered at its steps only."""
    if talk.status not in {"active", "paused"}:
        return True
    form = FORMS[talk.form]
    steps = {step.name for step in form.steps}
    asked = talk.asked in steps or talk.asked.startswith("confirm")
    return asked and {name for name, answer in talk.answers.items() if answer.kind != "derived"} <= steps


def is_with_staff(talk: Conversation | None) -> bool:
    """Whether staff talk to the person, so that the bot is silent."""
    return talk is not None and talk.hand_over is not None


def kept(replies: Sequence[Reply]) -> str:
    """Replies as they are kept."""
    return json.dumps([[r.template, dict(r.data), [astuple(c) for c in r.choices], r.short] for r in replies])


def open_requests(unit: Unit, who: str) -> Counter[tuple[str, int]]:
    """How many requests of the person's about a registration wait for the office: by its kind and which it is about."""
    talk = conversations.find(unit, "engine", who)
    sent = submissions.in_state(unit, talk.holder_id, *OPEN) if talk is not None and talk.holder_id else ()
    return Counter((one.kind, one.former_id) for one in sent if one.former_id is not None)
