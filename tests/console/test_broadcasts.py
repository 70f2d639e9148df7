"""Broadcasts over HTTP: kept with file and list, previewed, another area's not there, results as pages and files."""

import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PIL import Image

from storage import audit, broadcast_people, broadcasts
from storage.broadcasts import Broadcast
from storage.unit import Unit
from tests.broadcasts.town import account
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, form_token, run, shown
from tests.console.waiting_rows import submitted

PATH = "/console/broadcasts"
GOOD = {"version": "1", "title": "停水通知", "text.zh": "{{ name }}您好，今晚停水。"}


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def draft(clerk: Clerk) -> str:
    """A new draft's address."""
    begun = await clerk.post(PATH)
    assert begun.status_code == 303
    return begun.headers["location"].removesuffix("/edit")


async def kept(web: WebHouse, number: int = 1) -> Broadcast:
    found = await run(web, lambda unit: broadcasts.get(unit, number))
    assert isinstance(found, Broadcast)
    return found


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "PNG")
    return out.getvalue()


async def send(clerk: Clerk, path: str, fields: dict[str, Any], files: dict[str, Any] | None = None) -> Any:
    """The form as a browser sends it, with its files."""
    token = form_token(await clerk.get(f"{path}/edit"))
    whole = files or {"nothing": ("", b"")}
    return await clerk.client.post(f"{path}/edit", data={"csrf": token, **fields}, files=whole)


async def test_words_audience_times_file_and_list_are_kept_in_one_go(web: WebHouse) -> None:
    await run(web, submitted(1, "S01-01", datetime.now(UTC), None))
    async with at_work(web, "publisher") as clerk:
        path = await draft(clerk)
        fields = GOOD | {
            "link": "https://example.org/x", "ask": "read", "starts_at": "2999-01-01T09:00",
            "not_after": "2999-02-01T09:00", "areas": ["S01", "S02-01"], "languages": "zh", "role": "migrant",
            "origins": "34", "arrived_from": "2026-01-01", "permits": "none", "numbers": "261115-87EC5-J 没有的",
        }  # fmt: skip
        answer = await send(clerk, path, fields, {"file": ("停水图.png", picture(), "image/png")})
        assert "1个编号" in shown(answer)
        found = await kept(web)
        assert (found.version, found.content.ask, found.content.file_name) == (2, "read", "停水图.jpg")
        assert found.audience.areas == ("S01", "S02-01")
        assert (found.audience.origins, found.audience.permits, found.audience.listed) == (("34",), ("none",), True)
        assert found.starts_at == datetime(2999, 1, 1, 1, tzinfo=UTC)
        file = await clerk.client.get(f"/f/{found.content.file}")
        assert (file.status_code, file.headers["content-type"]) == (200, "image/jpeg")
        assert (await clerk.client.get("/f/nothing")).status_code == 404
        page = shown(await clerk.get(path))
        for words in ("登记过的人", "来自", "停水图.jpg", "1号，第2版"):
            assert words in page


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("text.zh", "一行\n{{ phone }}", "第2行第4字"),
        ("text.en", "{% for x in name %}", "第1行第4字"),
        ("link", "javascript:alert(1)", "https://"),
        ("not_after", "2001-01-01T09:00", "过期时间"),
        ("starts_at", "tomorrow", "看不懂这个时间"),
        ("urgent", "1", "写明紧急的理由"),
    ],
)
async def test_a_mistake_is_told_with_its_place_and_nothing_typed_is_lost(
    web: WebHouse, field: str, value: str, told: str
) -> None:
    async with at_work(web, "publisher") as clerk:
        path = await draft(clerk)
        answer = await send(clerk, path, GOOD | {field: value})
        assert answer.status_code == 422
        assert told in shown(answer)
        assert "停水通知" in answer.text
        assert (await kept(web)).version == 1


async def test_a_file_that_is_no_picture_is_refused_by_its_content(web: WebHouse) -> None:
    async with at_work(web, "publisher") as clerk:
        path = await draft(clerk)
        answer = await send(clerk, path, GOOD, {"file": ("a.png", b"MZ" + b"x" * 500, "image/png")})
        assert answer.status_code == 422
        assert "JPG" in shown(answer)


async def test_an_edit_of_an_older_version_changes_nothing(web: WebHouse) -> None:
    async with at_work(web, "publisher") as clerk:
        path = await draft(clerk)
        assert (await send(clerk, path, GOOD)).status_code == 303
        stale = await send(clerk, path, GOOD | {"text.zh": "别的"})
        assert stale.status_code == 422
        assert "别的" in stale.text
        assert (await kept(web)).content.texts["zh"] == GOOD["text.zh"]


async def test_the_preview_shows_each_channel_and_keeps_nothing(web: WebHouse) -> None:
    async with at_work(web, "publisher") as clerk:
        path = await draft(clerk)
        answer = await clerk.post(f"{path}/preview", f"{path}/edit", **GOOD)
        told = shown(answer)
        for words in ("微信", "Telegram", "网页", "王小明您好", "/ 2048", "/ 4096", "English 没有写"):
            assert words in told
        wrong = shown(await clerk.post(f"{path}/preview", f"{path}/edit", **{"text.zh": "{{ x }}"}))
        assert "第1行第4字" in wrong
        assert (await kept(web)).version == 1


@pytest.mark.parametrize(("area", "there"), [("", True), ("S01", True), ("S01-01", False), ("S02", False)])
async def test_another_areas_broadcast_is_not_there(web: WebHouse, area: str, there: bool) -> None:
    async with at_work(web, "publisher", "S01") as author, at_work(web, "publisher", area) as other:
        path = await draft(author)
        await send(author, path, GOOD | {"areas": "S02"})
        assert (await kept(web)).audience.areas == ()  # not the author's to choose
        for page in ("", "/edit", "/progress", "/people", "/answers"):
            assert ((await other.get(path + page)).status_code == 200) == there, page
        for page in ("/act", "/test", "/export", "/edit", "/preview"):
            answer = await other.post(path + page, PATH, act="discard", version="9")
            assert (answer.status_code == 404) != there, page
        assert ("停水通知" in (await other.get(PATH)).text) == there


async def test_whoever_would_be_left_out_is_counted_and_listed_before_it_begins(web: WebHouse) -> None:
    def settle(unit: Unit) -> None:
        for number in range(60):
            account(unit, f"p{number}", "web", "en")
        account(unit, "zh", "web", "zh")

    await run(web, settle)
    async with at_work(web, "publisher") as author:
        path = await draft(author)
        await send(author, path, GOOD)
        page = await author.get(path)
        assert "61 人符合" in shown(page)
        assert "没有这种语言的文字 (English) 60" in shown(page)
        first = await author.get(f"{path}/left-out?reason=no text")
        more = re.search(r"after=(\d+)", first.text)
        assert more is not None
        second = await author.get(f"{path}/left-out?reason=no text&after={more[1]}")
        assert (first.text.count('<tr><th scope="row">'), second.text.count('<tr><th scope="row">')) == (50, 10)
        assert "没有这样的人" in shown(await author.get(f"{path}/left-out?reason=blocked"))


async def test_nobody_approves_their_own_and_a_colleague_does(web: WebHouse) -> None:
    async with at_work(web, "publisher") as author, at_work(web, "publisher") as other:
        path = await draft(author)
        await send(author, path, GOOD)
        untested = await author.follow(await author.post(f"{path}/act", path, act="propose", version="2"))
        assert "请先发给自己看看" in shown(untested)
        assert "没有关联聊天账号" in shown(await author.follow(await author.post(f"{path}/test", path)))
        await run(web, lambda unit: _tested(unit, 1))
        await author.post(f"{path}/act", path, act="propose", version="2")
        assert "1 等批准的群发" in shown(await other.get("/console"))
        own = await author.follow(await author.post(f"{path}/act", path, act="approve", version="2"))
        assert "要由另一位发布员批准" in shown(own)
        await other.post(f"{path}/act", path, act="approve", version="2")
        assert (await kept(web)).approved_by == other.member.code
        await send(other, path, GOOD | {"version": "2", "title": "改了"})
        assert ((await kept(web)).state, (await kept(web)).approved_by) == ("draft", "")


def _tested(unit: Unit, number: int) -> None:
    found = broadcasts.get(unit, number)
    assert found is not None
    broadcasts.save(unit, replace(found, tested=found.version), datetime.now(UTC))


async def test_results_are_read_as_pages_and_as_a_file_which_the_audit_log_notes(web: WebHouse) -> None:
    def settle(unit: Unit) -> None:
        for number in range(60):
            account(unit, f"p{number}", "web", "zh")

    await run(web, settle)
    async with at_work(web, "publisher") as author, at_work(web, "publisher") as other:
        path = await draft(author)
        await send(author, path, GOOD)
        await run(web, lambda unit: _tested(unit, 1))
        for by, act in ((author, "propose"), (other, "approve"), (author, "start")):
            await by.post(f"{path}/act", path, act=act, version="2")
        while (await kept(web)).state == "freezing":
            await web.server.broadcaster.run_due()
        page = await author.get(f"{path}/people")
        assert page.text.count("<tr>") >= 50
        assert "after=" in page.text
        csv = (await author.post(f"{path}/export", path)).content.decode("utf-8-sig")
        assert csv.count("\r\n") == 61
        book = await author.post(f"{path}/export", path, format="xlsx")
        rows = list(load_workbook(io.BytesIO(book.content)).active.iter_rows(values_only=True))
        assert [",".join(f'"{cell or ""}"' for cell in row) for row in rows] == csv.split("\r\n")[:-1]
        entries = await run(web, lambda unit: audit.newest(unit, 5))
        assert [entry.act.action for entry in entries[:2]] == ["exported", "exported"]
        assert [entry.act.details["format"] for entry in entries[:2]] == ["xlsx", "csv"]
        assert (await run(web, lambda unit: broadcast_people.page(unit, 1, (), None, 0, 100)))[0].channel == "web"
        assert "60" in shown(await author.get(f"{path}/progress"))
