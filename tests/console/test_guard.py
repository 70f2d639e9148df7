"""The guard: every page × role × area, every form without its token, and what each answer forbids the browser."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.console.entries import PAGES
from bot.console.guard import FORM_BYTES, HEADERS, Page
from handlers.office.rights import ACTIONS, RIGHTS, ROLES
from storage import staff as accounts
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, clerk, console, form_token, invited, run, shown

FORMS = [page for page in PAGES if page.method == "POST"]
GUARDED = [page for page in PAGES if page.needs != "anybody"]
ADDRESSES = ("/console", "/console/sign-in", "/console/staff", "/console/nothing", "/console/set-up/x")


def named(page: Page) -> str:
    return f"{page.method}{page.path}"


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[WebHouse]:
    async with console(tmp_path) as served:
        yield served


def path_of(page: Page, number: int = 1) -> str:
    """A page's path with its places filled."""
    return re.sub(r"\{\w+(:\w+)?\}", lambda place: str(number) if place[1] == ":int" else "nothing", page.path)


async def ask(somebody: Clerk, page: Page, number: int = 1, **fields: str) -> int:
    """The status of a page's answer, its form sent with a good token."""
    path = path_of(page, number)
    if page.method == "GET":
        return (await somebody.get(path)).status_code
    form = "/console/account" if "anju_console" in somebody.client.cookies else "/console/sign-in"
    return (await somebody.post(path, form, **fields)).status_code


@pytest.mark.parametrize("role", ROLES)
async def test_every_page_is_open_to_the_roles_that_have_its_action_and_to_no_other(web: WebHouse, role: str) -> None:
    other = (await invited(web, "collector", "S01-01")).member
    for page in PAGES:
        async with at_work(web, role) as somebody:
            status = await ask(somebody, page, other.id)
            if page.needs in ACTIONS:
                allowed = page.needs in RIGHTS[role]
                assert (status != 403) == allowed, (page.path, status)
                assert status in ({200, 303, 422} if allowed else {403}), (page.path, status)
            elif page.needs == "password":
                assert status in {303, 401}, page.path


@pytest.mark.parametrize(
    "page", [p for p in PAGES if p.needs != "anybody"], ids=lambda page: f"{page.method}{page.path}"
)
async def test_nobody_sees_anything_before_signing_in(web: WebHouse, page: Page) -> None:
    async with clerk(web) as somebody:
        status = await ask(somebody, page)
        assert status == (303 if page.method == "GET" else 401)


@pytest.mark.parametrize("page", [page for page in GUARDED if page.needs in ACTIONS], ids=named)
async def test_the_password_without_the_code_opens_no_page(web: WebHouse, page: Page) -> None:
    async with clerk(web) as somebody:
        await somebody.give_password()
        form = {} if page.method == "GET" else {"form": "/console/code"}
        answer = await (somebody.get if page.method == "GET" else somebody.post)(path_of(page), **form)
        assert answer.status_code == (303 if page.method == "GET" else 401)


@pytest.mark.parametrize("page", FORMS, ids=lambda page: page.path)
async def test_a_form_without_its_token_changes_nothing(web: WebHouse, page: Page) -> None:
    other = (await invited(web, "collector", "S01-01")).member
    before = await run(web, accounts.everybody)
    async with at_work(web) as admin, at_work(web) as elsewhere:
        foreign = form_token(await elsewhere.get("/console"))
        fields = {"role": "administrator", "area": "", "name": "x", "login": "x", "language": "en"}
        for token in ({}, {"csrf": ""}, {"csrf": foreign}, {"csrf": "x" * 300}):
            answer = await admin.client.post(path_of(page, other.id), data={**fields, **token})
            assert answer.status_code == 403, page.path
            assert "过时" in shown(answer)
        assert (await admin.get("/console")).status_code == 200
    assert (await run(web, accounts.everybody))[: len(before)] == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
async def test_a_form_from_another_site_is_refused(web: WebHouse, headers: dict[str, str]) -> None:
    async with at_work(web) as admin:
        token = form_token(await admin.get("/console"))
        for page in FORMS:
            answer = await admin.client.post(path_of(page), data={"csrf": token}, headers=headers)
            assert answer.status_code == 403, page.path


async def test_a_form_too_large_or_unreadable_is_refused_with_a_sentence(web: WebHouse) -> None:
    async with at_work(web) as admin:
        token = form_token(await admin.get("/console"))
        large = await admin.client.post("/console/staff/new", data={"csrf": token, "name": "x" * 70_000})
        many = await admin.client.post("/console/staff/new", content="&".join(["a=1"] * 600))
        broken = await admin.client.post("/console/staff/new", content=b"\xff\xfe=\x80")
        assert [answer.status_code for answer in (large, many, broken)] == [413, 403, 403]
        assert "太长" in shown(large)


async def test_a_large_form_is_held_for_those_only_whom_the_page_is_for(web: WebHouse) -> None:
    page = next(page for page in FORMS if page.largest > FORM_BYTES)
    form = {"text_zh": "x" * (FORM_BYTES + 1)}
    async with clerk(web) as nobody, at_work(web, "auditor") as other, at_work(web, "publisher") as theirs:
        answers = [await somebody.client.post(path_of(page), data=form) for somebody in (nobody, other, theirs)]
    assert [answer.status_code for answer in answers] == [401, 403, 403]
    signed_out, refused, old_form = (shown(answer) for answer in answers)
    assert len({signed_out, refused, old_form}) == 3  # the third was read, and has no token


@pytest.mark.parametrize(
    "path", ["/console", "/console/sign-in", "/console/staff", "/console/nothing", "/console/set-up/x"]
)
async def test_every_answer_forbids_scripts_frames_and_storing(web: WebHouse, path: str) -> None:
    async with at_work(web) as admin:
        answer = await admin.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "unsafe" not in HEADERS["Content-Security-Policy"]
        assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in HEADERS["Content-Security-Policy"]


async def test_no_page_has_a_script_or_a_style_of_its_own(web: WebHouse) -> None:
    async with at_work(web) as admin:
        for path in ("/console", "/console/account", "/console/staff", "/console/staff/new", f"/console/staff/{1}"):
            html = (await admin.get(path)).text
            assert not re.search(r"<script(?! type=\"module\" src)|<style|\sstyle=|\son\w+=", html), path


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(web: WebHouse) -> None:
    async with clerk(web) as somebody:
        cookie = (await somebody.get("/console/sign-in")).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/" in cookie
        assert "secure" not in cookie


async def test_behind_https_the_cookie_is_secure_and_bound_to_this_host(tmp_path: Path) -> None:
    async with console(tmp_path, base_url="https://anju.example") as web, web.browser() as client:
        cookie = (await client.get("/console/sign-in")).headers["set-cookie"]
        assert cookie.startswith("__Host-anju-console=")
        assert "; secure" in cookie.lower()


AREAS = ("", "S01", "S01-01", "S02")
SEEN = {  # an administrator of the area on the left may manage whoever is in the areas on the right
    "": {"", "S01", "S01-01", "S02"},
    "S01": {"S01", "S01-01"},
    "S01-01": {"S01-01"},
    "S02": {"S02"},
}
OF_A_MEMBER = [page for page in PAGES if page.path.startswith("/console/staff/{number:int}")]


@pytest.mark.parametrize("own", AREAS)
async def test_an_administrator_manages_only_accounts_of_the_own_area_and_below(web: WebHouse, own: str) -> None:
    await invited(web)  # so that there is always another administrator for all areas
    for area in AREAS:
        for page in OF_A_MEMBER:
            other = (await invited(web, "collector", area)).member
            async with at_work(web, "administrator", own) as admin:
                fields = {"role": "collector", "area": area, "name": "李伟"}
                status = await ask(admin, page, other.id, **fields)
                assert (status != 403) == (area in SEEN[own]), (own, area, page.path, status)
                listed = f'/console/staff/{other.id}"' in (await admin.get("/console/staff")).text
                assert listed == (area in SEEN[own])


@pytest.mark.parametrize("wished", ["", "S02", "S02-01"])
async def test_nobody_gives_away_more_than_the_own_area(web: WebHouse, wished: str) -> None:
    other = (await invited(web, "collector", "S01-01")).member
    async with at_work(web, "administrator", "S01") as admin:
        fields = {"name": "李伟", "role": "administrator", "area": wished, "login": "liwei"}
        for path in ("/console/staff/new", f"/console/staff/{other.id}"):
            answer = await admin.post(path, **fields)
            assert answer.status_code == 422
            assert "不归您管" in shown(answer)
    everybody = await run(web, accounts.everybody)
    assert {member.area for member in everybody} == {"S01-01", "S01"}


async def test_a_role_that_changed_counts_at_the_next_click(web: WebHouse) -> None:
    async with at_work(web) as admin, at_work(web) as other:
        path = f"/console/staff/{other.member.id}"
        assert (await other.get("/console/staff")).status_code == 200
        await admin.post(path, name="李伟", role="auditor", area="", language="zh")
        assert (await other.get("/console/staff")).status_code == 403


async def test_accounts_that_are_not_there_are_not_found(web: WebHouse) -> None:
    async with at_work(web) as admin:
        for number in ("999", "99999999999999999999"):
            assert (await admin.get(f"/console/staff/{number}")).status_code == 404
        assert (await admin.get("/console/nothing/here")).status_code == 404
        assert (await admin.get("/console/")).headers["location"] == "/console"
