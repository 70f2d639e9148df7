"""People in the console: found by numbers and the exact name, masked, whole for a reason, in one's own area."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from storage import audit, people
from storage.audit import Subject
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.handlers.filed import account, file

PATH = "/console/people"
NUMBER, ID_NUMBER = "261125-ABCDE-F", "11010519491231002X"
SECRET = (ID_NUMBER, "13812345678", "1949-12-31", "幸福村1号")


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def filed(web: WebHouse) -> int:
    """李伟 in S01-01, and somebody of another name in S02-01; the id of the first."""

    def write(unit: Unit) -> int:
        account(unit, "me", "h" * 32)
        account(unit, "you", "i" * 32)
        other = {"id_number": "341225199003071233", "name": "王芳", "phone": "+8613900000001"}
        file(unit, "261125-ZZZZZ-Z", "i" * 32, **other, area_street="S02", area="S02-01")
        return file(unit, NUMBER, "h" * 32).person_id

    found = await run(web, write)
    assert isinstance(found, int)
    return found


async def search(clerk: Clerk, asked: str) -> httpx.Response:
    return await clerk.post(PATH, asked=asked)


def hits(page: httpx.Response) -> list[int]:
    return [int(number) for number in re.findall(rf'href="{PATH}/(\d+)"', page.text)]


@pytest.mark.parametrize(
    "asked",
    [
        ID_NUMBER,
        "110105 19491231 002x",
        NUMBER,
        "261125-abcde-f",
        "13812345678",
        "+86 138 1234 5678",
        "李伟",
        " 李 伟 ",
    ],
)
async def test_a_person_is_found_by_each_number_and_the_exact_name(web: WebHouse, asked: str) -> None:
    person = await filed(web)
    async with at_work(web, "reviewer") as clerk:
        page = await search(clerk, asked)
        assert hits(page) == [person]
        assert "李**" in shown(page)
        assert not any(secret in shown(page).replace(asked, "") for secret in SECRET)


@pytest.mark.parametrize("asked", ["李", "王伟", "13812345679", "261125-ABCDE-G", "110105194912310038"])
async def test_a_part_of_a_name_or_another_number_finds_nobody(web: WebHouse, asked: str) -> None:
    await filed(web)
    async with at_work(web, "reviewer") as clerk:
        assert hits(await search(clerk, asked)) == []


@pytest.mark.parametrize(
    ("asked", "says"), [("11010519491231002", "18"), ("110105194912310021", "校验"), ("1381234567", "手机"), ("", "")]
)
async def test_a_mistyped_number_is_told_what_is_wrong(web: WebHouse, asked: str, says: str) -> None:
    async with at_work(web, "reviewer") as clerk:
        page = await search(clerk, asked)
        assert page.status_code == 422
        assert 'role="alert"' in page.text
        assert f'value="{asked}"' in page.text
        assert says in shown(page)


async def test_what_is_looked_for_is_in_no_address_and_no_log(
    web: WebHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    person = await filed(web)
    async with at_work(web, "reviewer") as clerk:
        page = await search(clerk, ID_NUMBER)
        assert ID_NUMBER not in str(page.url)
        await clerk.post(f"{PATH}/{person}", f"{PATH}/{person}", reason="own_words", words="上门走访李伟")
    assert not any(secret in capsys.readouterr().out for secret in (*SECRET, "李伟"))


async def test_a_record_is_masked_until_asked_for_with_a_reason_that_the_person_sees(web: WebHouse) -> None:
    person = await filed(web)
    async with at_work(web, "reviewer") as clerk:
        masked = shown(await clerk.get(f"{PATH}/{person}"))
        assert not any(secret in masked for secret in (*SECRET, "李伟"))
        assert NUMBER in masked
        without = await clerk.post(f"{PATH}/{person}", f"{PATH}/{person}", reason="own_words", words=" ")
        assert without.status_code == 422
        assert not any(secret in shown(without) for secret in (*SECRET, "李伟"))
        whole = shown(await clerk.post(f"{PATH}/{person}", f"{PATH}/{person}", reason="visit"))
        assert all(secret in whole for secret in (ID_NUMBER, "138 1234 5678", "李伟"))
        entries = await run(web, lambda unit: audit.about(unit, [Subject("person", str(person))]))
        assert {(entry.act.action, entry.act.reason) for entry in entries} == {("looked", ""), ("unmasked", "visit")}


@pytest.mark.parametrize(
    ("role", "area", "sees"),
    [
        ("collector", "S01-01", True), ("collector", "S01-02", False), ("collector", "S02", False),
        ("reviewer", "", True), ("reviewer", "S01", True), ("reviewer", "S02", False),
    ],
)  # fmt: skip
async def test_nobody_of_another_area_is_there(web: WebHouse, role: str, area: str, sees: bool) -> None:
    person = await filed(web)
    async with at_work(web, role, area) as clerk:
        for asked in (ID_NUMBER, NUMBER, "13812345678", "李伟"):
            assert hits(await search(clerk, asked)) == ([person] if sees else [])
        page = await clerk.get(f"{PATH}/{person}")
        assert (page.status_code == 200) == sees
        answer = await clerk.post(f"{PATH}/{person}", PATH, reason="visit")
        assert (ID_NUMBER in shown(answer)) == sees
        entries = await run(web, lambda unit: audit.about(unit, [Subject("person", str(person))]))
        assert bool(entries) == sees


@pytest.mark.parametrize("role", ["publisher", "auditor", "administrator"])
async def test_other_roles_look_nobody_up(web: WebHouse, role: str) -> None:
    person = await filed(web)
    async with at_work(web, role) as clerk:
        assert (await clerk.get(PATH)).status_code == 403
        assert (await clerk.get(f"{PATH}/{person}")).status_code == 403
        assert (await clerk.post(PATH, "/console/account", asked=ID_NUMBER)).status_code == 403


async def test_people_stored_before_names_were_indexed_are_found_soon(web: WebHouse) -> None:
    person = await filed(web)
    forget = text("UPDATE people SET name_index = NULL")
    await run(web, lambda unit: unit.connection.execute(forget))
    async with at_work(web, "reviewer") as clerk:
        assert hits(await search(clerk, "李伟")) == []
        await web.server.index_names()
        assert hits(await search(clerk, "李伟")) == [person]
    assert await run(web, lambda unit: people.index_names(unit, 10)) == 0


async def test_a_number_that_no_person_has_leads_back(web: WebHouse) -> None:
    async with at_work(web, "reviewer") as clerk:
        for number in (987654, 2**40):
            answer = await clerk.get(f"{PATH}/{number}")
            assert answer.headers["location"].startswith(PATH)
