"""Any sequence of messages: the talk answers each, in both languages, and keeps its order."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.house import House
from handlers.forms.entries import FORMS
from handlers.messages import Reply
from storage import conversations
from storage.records import Conversation
from tests import house as houses
from tests.talks.engine import FILES, Engine
from tests.talks.typed import TALK, typed

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
WORDS = (
    *typed(), "back", "返回", "skip", "跳过", "修改", "我的资料", "帮助", "help", "English", "中文", "人工", "bot",
    "停", "继续", "重新开始", "更多", "more", "删除我的资料", "确定删除", "登记房屋", "我的房屋", "学法",
    "法律小测验", "关联", "123456", "0", "1", "2", "3", "9", "99", "K7M2PX", "核实 K7M2PX", "申请删除登记",
    "投诉：没人理我", "老板不发工资怎么办", "can my landlord throw me out", "变更", "离开", "撤回", "办居住证",
    "我的事项", "\u202e", "👍", " ", "x" * 3000,
)  # fmt: skip
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


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as loop:
        yield loop


@pytest.fixture(scope="module")
def house(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    opening = houses.opened(houses.settings(houses.migrated_file(folder / "anju.db")))
    yield runner.run(opening.__aenter__())
    runner.run(opening.__aexit__(None, None, None))


EXAMPLES = 2000 if os.environ.get("ANJU_FAULTS") == "full" else 60


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(data=st.data(), begun=st.integers(0, len(TALK)), said=st.lists(acts, min_size=1, max_size=14))
def test_any_sequence_keeps_the_talk_in_order(
    runner: asyncio.Runner, house: House, data: st.DataObject, begun: int, said: list[tuple[str, str]]
) -> None:
    who = f"p{data.draw(st.integers(0, 10**9))}"
    runner.run(play(house, who, begun, said))


async def play(house: House, who: str, begun: int, said: list[tuple[str, str]]) -> None:
    """Talk as far as `begun`, then say anything; look at the talk after each word."""
    engine = Engine(house, "zh", NOW)
    last: tuple[Reply, ...] = ()
    for text in typed()[:begun]:
        last = tuple(await engine.type(who, text))
    for kind, argument in said:
        last = tuple(await act(engine, who, kind, argument, last)) or last
        talk = await house.database.read(lambda unit: conversations.find(unit, "engine", who))
        assert talk is None or in_order(talk)


async def act(engine: Engine, who: str, kind: str, argument: str, last: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """One message; every answer is put into words in every language by the engine."""
    if kind == "type":
        return tuple(await engine.type(who, argument))
    if kind != "tap":
        return tuple(await engine.act(who, kind, argument))
    choices = [choice for reply in last for choice in reply.choices]
    if not choices:
        return ()
    return tuple(await engine.tap(who, choices[int(argument) % len(choices)].tap, last))


def in_order(talk: Conversation) -> bool:
    """The talk stands at a step of its form, and holds answers of its steps only."""
    if talk.status not in {"active", "paused"}:
        return True
    form = FORMS[talk.form]
    steps = {step.name for step in form.steps}
    asked = talk.asked in steps or talk.asked.startswith("confirm")
    return asked and set(talk.answers) <= steps
