"""What goes when: each kind after its own days, a dry run that touches nothing, and erasing at the person's word."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text
from typer.testing import CliRunner

from bot import cli
from bot.house import House
from bot.purge import KEPT, Purger
from bot.settings import Settings
from storage import audit, audit_check, conversations, own
from storage.audit import Act, Subject, Who
from storage.unit import Unit
from tests import house as houses
from tests.certified import certified, registered, say

OLD = datetime.now(UTC) - timedelta(days=4000)
AGED = (
    ("messages", "received_at"), ("conversations", "updated_at"), ("outbox", "ended_at"),
    ("hand_overs", "ended_at"), ("link_codes", "expires_at"), ("certificates", "ended_at"),
)  # fmt: skip


async def age(house: House) -> None:
    """Everything happened long ago."""

    def back(unit: Unit) -> None:
        for table, column in AGED:
            unit.connection.execute(text(f"UPDATE {table} SET {column} = :old"), {"old": stored(unit)})  # noqa: S608 -- names above

    await house.database.run(back)


def stored(unit: Unit) -> object:
    """SQLite keeps instants as text."""
    return OLD if unit.is_postgres else OLD.strftime("%Y-%m-%d %H:%M:%S.%f")


async def due(house: House) -> dict[str, int | None]:
    return {entry.kind: entry.count for entry in await Purger(house.database, house.settings).due()}


async def test_a_dry_run_counts_and_a_round_erases_just_that(house: House) -> None:
    await registered(house)
    await say(house, "r1", "人工")
    await say(house, "r2", "机器人")
    await say(house, "l1", "关联账号")
    await say(house, "d1", "你好", who="drafting")
    await say(house, "d2", "同意", who="drafting")
    assert set((await due(house)).values()) <= {0, None}
    await age(house)
    before = await due(house)
    assert before["messages"] is not None
    assert before["messages"] > 20
    assert (before["drafts"], before["hand_overs"], before["link_codes"]) == (1, 1, 1)
    assert before["ended_certificates"] is None
    assert await due(house) == before
    await Purger(house.database, house.settings).purge()
    after = await due(house)
    assert after == {kind: None if count is None else int(kind == "accounts") for kind, count in before.items()}
    await Purger(house.database, house.settings).purge()
    assert (await due(house))["accounts"] == 0


async def test_what_was_sent_and_its_account_stay(house: House) -> None:
    sent = await registered(house)
    await age(house)
    await Purger(house.database, house.settings).purge()
    talk = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert talk is not None
    assert await house.database.read(lambda unit: own.numbers(unit, talk.holder_id)) == (sent.number,)


def test_every_kind_has_a_setting_that_the_example_names() -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text("utf-8")
    for keep in KEPT:
        assert f"{keep.setting}={keep.days(Settings(_env_file=None))}" in example  # type: ignore[call-arg]


async def test_erasing_takes_a_second_word_and_says_what_stays_and_why(house: House) -> None:
    sent, _ = await certified(house)
    await say(house, "d1", "登记同住家人")
    (asked,) = await say(house, "e1", "删除我的资料")
    for words in (sent.number, "个人信息保护法", "第四十七条", "没有写明天数", "杭州市流动人口服务管理规定"):
        assert words in asked
    talk = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert talk is not None
    assert talk.draft
    (done,) = await say(house, "e2", "确定删除")
    assert sent.number in done
    talk = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert talk is not None
    assert (talk.draft, talk.answers, talk.consent) == ("", {}, "")
    stored_now = await house.database.read(lambda unit: own.everything(unit, talk.id))
    assert stored_now is not None
    assert len(stored_now["accounts"][0]["said"]) == 1
    assert [one["number"] for one in stored_now["registrations"]] == [sent.number]
    assert (await say(house, "e2", "确定删除")) == [done]


async def test_erasing_without_a_registration_leaves_nothing_to_keep(house: House) -> None:
    for number, words in enumerate(("你好", "同意", "外地")):
        await say(house, f"m{number}", words)
    (asked,) = await say(house, "e1", "erase")
    assert "会保留" not in asked
    (done,) = await say(house, "e2", "确定删除")
    assert "保留" not in done


async def test_who_looked_tells_when_who_and_why_but_no_inner_names(house: House) -> None:
    sent, _ = await certified(house)
    subject, now = Subject("submission", str(sent.id)), datetime.now(UTC)
    acts = (
        Act(Who("staff", "W-07"), "unmasked", subject, "来电询问办理进度"),
        Act(Who("staff", "W-07"), "moved_to_queue_7", subject, "inner"),
    )
    for act in acts:
        await house.database.run(lambda unit, act=act: audit.append(unit, act, now))  # type: ignore[misc]
    (words,) = await say(house, "w1", "谁看过我的资料")
    assert "工作人员 W-07：查看了完整信息（来电询问办理进度）" in words
    assert "moved_to_queue_7" not in words
    assert "inner" not in words
    await say(house, "o1", "你好", who="other")
    assert "没有人看过" in (await say(house, "o2", "谁看过", who="other"))[0]
    assert await asyncio.to_thread(lambda: list(audit_check.verify(house.database))) == []


async def test_somebody_who_only_names_another_persons_number_learns_nothing_of_them(house: House) -> None:
    first = await registered(house)
    await registered(house, who="other")
    person = await house.database.read(
        lambda unit: unit.connection.execute(text("SELECT person_id FROM submissions ORDER BY id")).scalars().all()
    )
    assert person[0] == person[1]
    act = Act(Who("staff", "W-07"), "looked", Subject("person", str(person[0])), "x")
    await house.database.run(lambda unit: audit.append(unit, act, datetime.now(UTC)))
    assert "没有人看过" in (await say(house, "o", "谁看过", who="other"))[0]
    assert "W-07" in (await say(house, "m", "谁看过", who="me"))[0]
    assert first.number


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CliRunner]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_KEYS", houses.KEYS)
    monkeypatch.setenv("ANJU_DATABASE_URL", f"sqlite:///{tmp_path / 'anju.db'}")
    yield CliRunner()
    structlog.reset_defaults()


def test_the_operator_sees_what_would_go(operator: CliRunner) -> None:
    told = operator.invoke(cli.app, ["purge", "--dry-run"])
    assert told.exit_code == 0
    done = operator.invoke(cli.app, ["purge"])
    assert done.exit_code == 0


def test_the_operator_verifies_the_log_and_hears_what_is_wrong(operator: CliRunner, tmp_path: Path) -> None:
    assert operator.invoke(cli.app, ["migrate"]).exit_code == 0
    assert "empty" in operator.invoke(cli.app, ["audit", "verify"]).output
    url = f"sqlite:///{tmp_path / 'anju.db'}"
    asyncio.run(filled(url))
    whole = operator.invoke(cli.app, ["audit", "verify"])
    assert whole.exit_code == 0
    assert "3 entries" in whole.output
    known = whole.output.strip().rpartition(" ")[2]
    assert operator.invoke(cli.app, ["audit", "verify", "--known", known]).exit_code == 0
    assert operator.invoke(cli.app, ["audit", "verify", "--known", "3:" + "0" * 16]).exit_code == 1
    assert operator.invoke(cli.app, ["audit", "verify", "--known", "three"]).exit_code == 2
    shown = operator.invoke(cli.app, ["audit", "show", "--subject", "submission:2"]).output
    assert "because 2" in shown
    assert "because 1" not in shown
    asyncio.run(filled(url, tamper=True))
    broken = operator.invoke(cli.app, ["audit", "verify"])
    assert broken.exit_code == 1
    assert "Entry 2 was changed" in broken.output


async def filled(url: str, *, tamper: bool = False) -> None:
    async with houses.opened(houses.settings(url)) as house:
        if tamper:
            await house.database.run(lambda unit: unit.connection.exec_driver_sql("DROP TRIGGER audit_no_update"))
            await house.database.run(
                lambda unit: unit.connection.exec_driver_sql("UPDATE audit SET who = 's9' WHERE id = 2")
            )
            return
        for number in (1, 2, 3):
            act = Act(Who("staff", "s1"), "looked", Subject("submission", str(number)), f"because {number}")
            await house.database.run(lambda unit, act=act: audit.append(unit, act, datetime.now(UTC)))  # type: ignore[misc]
