"""Staff administration: accounts added, changed, disabled, and never without an administrator; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from bot import cli
from handlers.office import staff
from handlers.office.staff import Invited
from storage import places
from storage import staff as accounts
from storage.database import Database, Work
from storage.staff import Member
from tests import house as houses
from tests.channels.web_house import WebHouse
from tests.conftest import NOW
from tests.console.clerks import at_work, console, invited, run, shown

WANG = Member(0, "", "wangfang", "王芳", "reviewer", "S01", "zh")


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


def add(database: Database, new: Member) -> Invited:
    added = database.run_now(lambda unit: staff.add(unit, new, places.areas(unit), NOW))
    assert isinstance(added, Invited), added
    return added


async def test_a_member_is_added_and_the_link_shown_once(web: WebHouse) -> None:
    async with at_work(web) as admin:
        fields = {"login": "liwei", "name": "李伟", "role": "collector", "area": "S01-01", "language": "en"}
        page = await admin.post("/console/staff/new", **fields)
        assert "/console/set-up/" in page.text
        member = await run(web, lambda unit: accounts.by_login(unit, "LiWei"))
        assert (member.name, member.role, member.area, member.language) == ("李伟", "collector", "S01-01", "en")
        assert member.code in (listed := shown(await admin.get("/console/staff")))
        assert "set-up" not in listed


async def test_a_form_sent_twice_makes_one_account_whose_last_link_is_good(web: WebHouse) -> None:
    async with at_work(web) as admin:
        fields = {"login": "liwei", "name": "李伟", "role": "collector", "area": "S01-01"}
        pages = [await admin.post("/console/staff/new", **fields) for _ in range(2)]
        first, last = (page.text.partition("/console/set-up/")[2].partition("<")[0] for page in pages)
        assert (await admin.get(f"/console/set-up/{last}")).status_code == 200
        assert first != last
        assert len(await run(web, accounts.everybody)) == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"login": ""}, "请填登录名"),
        ({"login": "li wei"}, "不要有空格"),
        ({"login": "l" * 41}, "登录名太长"),
        ({"login": "WANGFANG"}, "已经有人用了"),
        ({"name": " "}, "请填姓名"),
        ({"role": "boss"}, "请选一个角色"),
        ({"area": "S99"}, "请从列表里选"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_and_what_was_typed_stays(web: WebHouse, wrong: dict[str, str], told: str) -> None:
    await invited(web, "reviewer", "S01", "wangfang")
    async with at_work(web) as admin:
        fields = {"login": "liwei", "name": "李伟", "role": "collector", "area": "S01-01", **wrong}
        answer = await admin.post("/console/staff/new", **fields)
        assert answer.status_code == 422
        assert told in shown(answer)
        assert f'value="{fields["login"]}"' in answer.text
        assert fields["name"].strip() in answer.text


async def test_an_administrator_can_not_lock_themselves_out(web: WebHouse) -> None:
    await invited(web)
    async with at_work(web) as admin:
        path = f"/console/staff/{admin.member.id}"
        for what in ("", "/disable", "/reset"):
            answer = await admin.post(path + what, "/console/account", name="x", role="auditor", area="")
            assert answer.status_code == 422
            assert "自己的账号" in shown(answer)
        assert (await admin.get("/console/staff")).status_code == 200


async def test_administrators_who_disable_each_other_at_once_leave_one(database: Database) -> None:
    names = ("a", "b", "c", "d")
    members = [add(database, replace(WANG, login=name, role="administrator", area="")).member for name in names]

    def change(member: Member, *, disabled: bool) -> Work[str | None]:
        return lambda unit: staff.change(unit, replace(member, disabled=disabled), places.areas(unit), NOW)

    for _ in range(10):
        refusals = await asyncio.gather(*(database.run(change(member, disabled=True)) for member in members))
        assert sorted(refusals, key=str) == [None, None, None, "last_administrator"]
        for member in members:
            await database.run(change(member, disabled=False))


def test_the_same_name_at_once_is_one_account(database: Database) -> None:
    first = add(database, WANG)
    again = database.run_now(lambda unit: staff.add(unit, replace(WANG, name="别人"), places.areas(unit), NOW))
    assert again == "login_taken"
    assert add(database, WANG).member == first.member


def test_a_staff_code_is_found_as_people_type_it_until_its_owner_leaves(database: Database) -> None:
    member = add(database, WANG).member
    assert database.run_now(lambda unit: accounts.by_code(unit, f" {member.code.lower()} ")) == member
    gone = replace(member, disabled=True)
    assert database.run_now(lambda unit: staff.change(unit, gone, places.areas(unit), NOW)) is None
    assert database.run_now(lambda unit: accounts.by_code(unit, member.code)) is None


def test_names_and_secrets_are_sealed(database: Database) -> None:
    member = add(database, replace(WANG, login="ouyangyuehua", name="欧阳月华")).member
    database.run_now(lambda unit: accounts.set_password(unit, member.id, "$argon2id$planted", NOW))
    database.run_now(lambda unit: accounts.offer_totp(unit, member.id, "PLANTEDSECRET", NOW))
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM staff").all()
    kept = b"".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for row in rows for v in row)
    planted = ("ouyangyuehua", "欧阳月华", "argon2id", "PLANTEDSECRET")
    assert [word for word in planted if word.encode() in kept] == []


def test_the_command_line_makes_the_first_administrator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_DATABASE_URL", f"sqlite:///{tmp_path / 'anju.db'}")
    monkeypatch.setenv("ANJU_KEYS", houses.KEYS)

    def anju(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.app, ["staff", *arguments])
        structlog.reset_defaults()
        return result.exit_code, result.output

    status, output = anju("add", "wangfang", "--name", "王芳")
    assert status == 0
    assert "http://127.0.0.1:8080/console/set-up/" in output
    assert anju("add", "li wei", "--name", "李伟")[0] == 1
    assert "wangfang" in anju("list")[1]
    assert anju("disable", "wangfang")[0] == 1
    assert anju("add", "liwei", "--name", "李伟", "--role", "reviewer", "--area", "S01")[0] == 0
    assert anju("disable", "liwei")[0] == 0
    assert "disabled" in anju("list")[1]
    assert anju("enable", "liwei")[0] == 0
    assert "/console/set-up/" in anju("reset", "LIWEI")[1]
    assert anju("reset", "nobody")[0] == 1
