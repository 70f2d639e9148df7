"""What each may read of a tenancy, and may not: tenant, landlord, others. One table, in the program and in words."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.house import House
from handlers.messages import Incoming, Tap
from handlers.office import homes as office_homes
from handlers.office.reviewer import Reviewer
from handlers.office.tenancy_views import collector_sees, landlord_sees, tenant_sees
from storage import claims, conversations, tables, tenancies
from storage import homes as kept
from storage.unit import Unit
from tests import house as houses
from tests.certified import say
from tests.conftest import NOW

LANDLORDS = (
    "我是房东", "同意", "房主", "整套住宅", "1", "2", "幸福路20号", "整套", "8", "个人", "王芳", "13912345678", "提交",
)  # fmt: skip
REPORT = ("报告租客", "李小伟", "13812345678", "跳过", "昨天", "提交")
TENANT = (
    "同意", "外地", "1", "1", "自己", "341225199003071233", "李伟", "汉", "安徽省阜南县王店镇李庄村3组12号",
    "13812345678", "初中", "跳过", "跳过", "是", "租", "赵六", "跳过", "昨天", "1", "工作", "幸福餐馆", "餐饮", "交",
    "到窗口出示", "以后", "提交",
)  # fmt: skip

ADDRESS, LANDLORDS_NAME, REPORTED_NAME = "幸福路20号", "王芳", "李小伟"
NEVER_THE_LANDLORDS = ("341225199003071233", "李伟", "幸福餐馆", "安徽省", "赵六", "+8613812345678")
READERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # who: (what they may read, what they may not)
    "landlord": ((ADDRESS, REPORTED_NAME, "in_progress"), NEVER_THE_LANDLORDS),
    "tenant": ((ADDRESS, LANDLORDS_NAME), (REPORTED_NAME, "13912345678")),
    "other landlord": ((), (ADDRESS, LANDLORDS_NAME, REPORTED_NAME, *NEVER_THE_LANDLORDS)),
    "stranger": ((), (ADDRESS, LANDLORDS_NAME, REPORTED_NAME, *NEVER_THE_LANDLORDS)),
    "collector here": ((ADDRESS, LANDLORDS_NAME, REPORTED_NAME, "+8613812345678"), ("341225199003071233", "幸福餐馆")),
    "collector elsewhere": ((), (ADDRESS, LANDLORDS_NAME, REPORTED_NAME, *NEVER_THE_LANDLORDS)),
}
WORDS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    # who: (what they say in the talk, what they may read then, what they may not)
    "landlord": ("我的房屋", (ADDRESS, REPORTED_NAME, "正在办"), NEVER_THE_LANDLORDS),
    "tenant": ("我的住处", (ADDRESS, LANDLORDS_NAME), (REPORTED_NAME, "13912345678")),
    "other landlord": ("我的房屋", ("幸福路21号",), (ADDRESS, REPORTED_NAME, *NEVER_THE_LANDLORDS)),
    "stranger": ("我的房屋", (), (ADDRESS, LANDLORDS_NAME, REPORTED_NAME, *NEVER_THE_LANDLORDS)),
}


async def talk(house: House, who: str, lines: tuple[str, ...]) -> None:
    for number, words in enumerate(lines):
        await say(house, f"{who}{number}{len(lines)}", words, who)


async def lived_in(house: House) -> str:
    """A landlord's home with a tenant whom they reported and who registered by the door's code; its code."""
    await talk(house, "landlord", LANDLORDS)
    await talk(house, "other landlord", tuple("幸福路21号" if line == ADDRESS else line for line in LANDLORDS))
    await talk(house, "landlord", REPORT)
    for home in await house.database.read(lambda unit: kept.waiting(unit, None)):
        await house.database.run(confirming(home.code))
    (home,) = await house.database.read(lambda unit: of(unit, "landlord"))
    await say(house, "scan", f"住处 {home.code}", "tenant")
    await talk(house, "tenant", TENANT)
    words = await say(house, "which", "我的房屋", "landlord")
    assert "等您确认" in words[0]
    await say_choice(house, home.code)
    return str(home.code)


def confirming(code: str) -> Callable[[Unit], object]:
    return lambda unit: office_homes.confirm(unit, Reviewer("clerk"), code, 0, NOW)


async def say_choice(house: House, code: str) -> None:
    """The landlord taps the name whom they had reported."""
    reported, claimed = await house.database.read(lambda unit: tenancies.of_home(unit, code))
    tap = Tap("", "", f"tenancy:is:{claimed.id}:{reported.id}")
    await house.chat.answer(Incoming("engine", "landlord", "tap", datetime.now(UTC), choice=tap))


def of(unit: Unit, who: str) -> Any:
    return kept.of_holder(unit, holder(unit, who))


def holder(unit: Unit, who: str) -> str:
    found = conversations.find(unit, "engine", who)
    return found.holder_id if found is not None else ""


def read(unit: Unit, who: str, code: str) -> Any:
    """Everything that the program shows them of the home and its tenancies."""
    home = kept.get(unit, code)
    assert home is not None
    (tenancy,) = tenancies.of_home(unit, code)
    if who.startswith("collector"):
        areas = ("S01-02",) if who == "collector here" else ("S02-01",)
        return collector_sees(unit, Reviewer("ann", areas=areas), tenancy.id)
    if who == "tenant":
        return tenant_sees(unit, holder(unit, who))
    seen = landlord_sees(unit, holder(unit, who), home, NOW.date())
    return None if seen is None else (home.address, seen)


def unread(text: str, wanted: tuple[str, ...]) -> list[str]:
    return [word for word in wanted if word not in text]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(houses.migrated_file(tmp_path / "seen.db"))) as opened:
        yield opened


async def test_the_program_shows_each_what_the_table_says(house: House) -> None:
    code = await lived_in(house)
    for who, (may, may_not) in READERS.items():
        shown = repr(await house.database.read(reading(who, code)))
        assert unread(shown, may) == [], who
        assert [word for word in may_not if word in shown] == [], who


def reading(who: str, code: str) -> Callable[[Unit], Any]:
    return lambda unit: read(unit, who, code)


async def test_the_talk_tells_each_what_the_table_says(house: House) -> None:
    await lived_in(house)
    for who, (said, may, may_not) in WORDS.items():
        shown = "\n".join(await say(house, f"look {who}", said, who))
        assert unread(shown, may) == [], who
        assert [word for word in may_not if word in shown] == [], who


async def test_what_is_told_the_landlord_names_no_tenant_they_did_not_report(house: House) -> None:
    code = await lived_in(house)
    told = await house.database.read(outbox)
    about = [message for message in told if "tenancy" in message[0]]
    assert about
    assert not any(secret in text for key, text in about if key.endswith("landlord") for secret in NEVER_THE_LANDLORDS)
    assert code


def outbox(unit: Unit) -> list[tuple[str, str]]:
    rows = unit.execute(select(tables.outbox)).all()
    return [(row.once_key, str(unit.vault.open_json(row.message_sealed, claims.MESSAGE))) for row in rows]
