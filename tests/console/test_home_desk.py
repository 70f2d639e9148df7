"""What the office does with a home, over HTTP: by need, confirmed once, posters, lost codes, visits; own areas only."""

import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select

from handlers.office import home_codes
from storage import audit, deliveries, homes, needs, tables, visits
from storage.audit import Subject
from storage.records import Home
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.console.let_rows import Rows, rows
from tests.handlers.answers.telling import id_number
from tests.handlers.filed import account
from tests.housed import landlord, let, tenant
from tests.pages.drawing import drawn

TENANTS = ("周小梅", "13700001111", "341225199003071233", "李伟")
ONCE = "0" * 32


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def act(clerk: Clerk, home: Home, what: str, **fields: str) -> Any:
    """Send one of the home's forms, whatever the page shows."""
    return await clerk.post(f"/console/homes/{home.code}/{what}", "/console/account", **fields)


def said(home: Home, unit: Unit) -> list[str]:
    """What the landlord of a home was told, by the outbox's keys."""
    keys = unit.execute(select(tables.outbox.c.once_key).order_by(tables.outbox.c.id)).scalars()
    return [key for key in keys if key.startswith(f"home:{home.code}")]


async def test_a_home_shows_everything_that_its_area_may_see(web: WebHouse) -> None:
    made: Rows = await run(web, rows)
    async with at_work(web, "collector", "S01") as clerk:
        page = await clerk.get(f"/console/homes/{made.home.code}")
        told = shown(page)
        for words in (
            "幸福路20号",
            "王芳",
            "139 1234 5678",
            "301",
            "302",
            "8 人",
            "六点以后有人",
            "没有人在",
            "说法不一",
        ):
            assert words in told, words
        assert home_codes.clear(made.home.code) in told
        assert "周**" in told
        assert not any(secret in page.text for secret in TENANTS)
        assert re.findall(r"/console/tenancies/(\d+)", page.text) == [
            str(number) for number in (made.claimed, made.disputed, made.reported)
        ]
        assert {"NCLAIM", "NDISPUTE"} <= set(re.findall(r"/console/queue/(\w+)", page.text))
        assert "按时" in told or "迟了" in told


async def test_a_home_is_confirmed_once_and_the_landlord_is_told_once(web: WebHouse) -> None:
    home = await run(web, lambda unit: let(unit, holder=landlord(unit), state="registered"))
    async with at_work(web, "collector", "S01-02") as clerk, at_work(web, "reviewer") as other:
        assert "确认住处" in shown(await clerk.get(f"/console/homes/{home.code}"))
        done = await clerk.follow(await act(clerk, home, "confirm", version="0"))
        assert "住处已确认" in shown(done)
        assert "确认住处" not in shown(done)
        again = await act(other, home, "confirm", version="0")
        assert again.headers["location"].endswith("done=home_confirmed")
        late = await other.follow(await act(other, home, "refuse", version="0", reason="not_here"))
        assert "别人已经处理了" in shown(late)
    assert len(await run(web, lambda unit: said(home, unit))) == 1
    entries = await run(web, lambda unit: audit.about(unit, [Subject("home", home.code)]))
    assert [one.act.action for one in entries if one.act.action != "looked"] == ["decided"]


async def test_a_home_is_refused_for_a_reason_and_is_gone_then(web: WebHouse) -> None:
    home = await run(web, lambda unit: let(unit, holder=landlord(unit), state="registered"))
    async with at_work(web, "reviewer") as clerk:
        for reason in ({}, {"reason": "unclear"}, {"reason": "own_words"}):
            page = await clerk.follow(await act(clerk, home, "refuse", version="0", **reason))
            assert "没有选原因" in shown(page)
        page = await clerk.follow(await act(clerk, home, "refuse", version="0", reason="own_words", words="门牌不对"))
        assert "已告诉房东" in shown(page)
        assert home.code not in page.text
        gone = await clerk.get(f"/console/homes/{home.code}")
        assert gone.headers["location"] == "/console/homes?problem=gone"


@pytest.mark.parametrize("kind", ["png", "pdf", "stickers.pdf"])
async def test_its_posters_lead_to_its_codes(web: WebHouse, kind: str) -> None:
    home = await run(web, lambda unit: let(unit, "301", "302"))
    codes = [one.code for one in await run(web, lambda unit: homes.codes(unit, home.code))]
    async with at_work(web, "collector") as clerk:
        answer = await clerk.get(f"/console/homes/{home.code}/posters/{kind}")
        assert answer.status_code == 200
        if kind == "png":
            images = [Image.open(io.BytesIO(answer.content)).convert("RGB")]
        else:
            assert pypdf.PdfReader(io.BytesIO(answer.content)).pages
            images = drawn(answer.content)
        read = {found.text.rpartition("/")[2] for image in images for found in zxingcpp.read_barcodes(image)}
        assert read == {"png": {codes[0]}, "pdf": set(codes), "stickers.pdf": set(codes[1:])}[kind]
        assert (await clerk.get(f"/console/homes/{home.code}/posters/doc")).status_code == 404


async def test_a_home_that_is_not_confirmed_has_no_posters(web: WebHouse) -> None:
    home = await run(web, lambda unit: let(unit, state="registered"))
    async with at_work(web, "collector") as clerk:
        assert (await clerk.get(f"/console/homes/{home.code}/posters/pdf")).status_code == 303
        assert "posters/" not in (await clerk.get(f"/console/homes/{home.code}")).text


async def test_lost_codes_are_replaced_once_by_two_clicks_and_the_landlord_is_told(web: WebHouse) -> None:
    home = await run(web, lambda unit: let(unit, "302", holder=landlord(unit)))
    first, *_ = await run(web, lambda unit: homes.codes(unit, home.code))
    async with at_work(web, "collector") as clerk:
        assert "新码已生成" in shown(await clerk.follow(await act(clerk, home, "codes", seen=str(first.id))))
        assert "没有再换" in shown(await clerk.follow(await act(clerk, home, "codes", seen=str(first.id))))
        assert home_codes.clear(first.code) not in shown(await clerk.get(f"/console/homes/{home.code}"))
    now = await run(web, lambda unit: homes.codes(unit, home.code))
    assert len(now) == 2
    assert first.code not in {one.code for one in now}
    assert await run(web, lambda unit: said(home, unit)) == [f"home:{home.code}:codes:{first.id}"]


async def test_a_visit_is_written_down_once_and_stays(web: WebHouse) -> None:
    home = await run(web, let)
    async with at_work(web, "collector", "S01") as clerk:
        for _ in "12":
            page = await clerk.follow(
                await act(clerk, home, "visits", once=ONCE, outcome="spoke", note="<b>租客</b>\n在")
            )
            assert "走访已记下" in shown(page)
        assert "<b>租客" not in page.text
        assert "见到了人" in shown(page)
        for wrong in ({"outcome": "flew"}, {"once": "x"}, {"note": "x" * 501}):
            fields = {"once": "1" * 32, "outcome": "spoke", **wrong}
            assert "done=" not in (await act(clerk, home, "visits", **fields)).headers["location"]
        (visit,) = await run(web, lambda unit: visits.of(unit, home.code, 9))
        assert (visit.staff_id, visit.outcome, visit.area) == (clerk.member.code, "spoke", "S01-02")
    entries = await run(web, lambda unit: audit.about(unit, [Subject("home", home.code)]))
    assert [one.act.action for one in entries].count("visited") == 1


AREAS = ("", "S01", "S01-02", "S01-01", "S02")
SEEN = {"", "S01", "S01-02"}
FORMS = {
    "confirm": {"version": "0"},
    "refuse": {"version": "0", "reason": "not_here"},
    "codes": {"seen": "1"},
    "visits": {"once": "2" * 32, "outcome": "nobody"},
}


@pytest.mark.parametrize("role", ["collector", "reviewer"])
@pytest.mark.parametrize("own", AREAS)
async def test_whose_area_it_is_not_can_do_nothing_with_a_home_and_learns_nothing(
    web: WebHouse, role: str, own: str
) -> None:
    made: Rows = await run(web, rows)
    async with at_work(web, role, own) as clerk:
        for what, fields in FORMS.items():
            answer = await act(clerk, made.waiting, what, **fields)
            nothing = await clerk.post(f"/console/homes/nothing/{what}", "/console/account", **fields)
            same = answer.headers["location"] == nothing.headers["location"]
            assert same == (own not in SEEN), (what, answer.headers["location"])
        poster = await clerk.get(f"/console/homes/{made.home.code}/posters/png")
        assert (poster.status_code == 200) == (own in SEEN)
        for path in ("/console/homes", "/console/tenancies", "/console/tenancies?show=disputed"):
            assert ("幸福路20号" in (await clerk.get(path)).text) == (own in SEEN), path
        today = shown(await clerk.get("/console"))
        assert f"{int(own in SEEN)} 房东租客说法不一" in today
    state = (await run(web, lambda unit: homes.get(unit, made.waiting.code))).state
    assert (state == "registered") == (own not in SEEN)


NEEDS = {
    "confirm": "幸福路21号", "contradiction": "幸福路20号", "unreached": "幸福路32号", "crowded": "幸福路33号",
    "nobody": "幸福路34号", "unvisited": "幸福路35号",
}  # fmt: skip


async def needy(web: WebHouse) -> None:
    """A home for each need, and one that needs nobody."""
    now = datetime.now(UTC)

    def write(unit: Unit) -> None:
        rows(unit)
        for number, need in enumerate(("unreached", "crowded", "unvisited", "nothing"), 2):
            home = let(unit, holder=str(number) * 32, address=NEEDS.get(need, "幸福路36号"), capacity=1)
            holder = str(number).rjust(32, "t")
            born = f"19{70 + number}0102"
            tenant(unit, f"N{number}", holder, home, id_number=id_number(born))
            if need == "crowded":
                tenant(unit, "N9", "z" * 32, home, id_number=id_number("19990909"))
            if need != "unvisited":
                visits.add(unit, visits.Visit(home.code, home.area, "ABC234", "spoke", now, str(number) * 32))
            if need == "unreached":
                failed(unit, holder, now)
        empty = let(unit, holder="9" * 32, address=NEEDS["nobody"])
        visits.add(unit, visits.Visit(empty.code, empty.area, "ABC234", "spoke", now, "9" * 32))

    await run(web, write)


def failed(unit: Unit, holder: str, now: datetime) -> None:
    """A reminder that did not reach somebody."""
    talk = account(unit, holder, holder, now=now)
    deliveries.enqueue(unit, f"r{holder}", talk, {}, now - timedelta(hours=1), deliveries.Terms("reminder"))
    told = tables.outbox.update().where(tables.outbox.c.once_key == f"r{holder}")
    unit.execute(told.values(state="failed", reason="blocked", ended_at=now))


async def test_the_homes_that_need_somebody_most_come_first_and_say_why(web: WebHouse) -> None:
    await needy(web)
    async with at_work(web, "collector", "S01") as clerk:
        page = (await clerk.get("/console/homes")).text
        order = re.findall(r'href="/console/homes/\w+">(\S+?)</a>', page)
        assert order == [*NEEDS.values(), "幸福路36号"]
        for need, address in NEEDS.items():
            narrowed = (await clerk.get(f"/console/homes?need={need}")).text
            assert address in narrowed, need
            assert "幸福路36号" not in narrowed, need
        assert set(needs.NEEDS) == set(NEEDS)


async def test_somebody_who_was_telephoned_is_no_need_any_more(web: WebHouse) -> None:
    await needy(web)
    await run(web, lambda unit: unit.execute(tables.outbox.update().values(called_at=datetime.now(UTC))))
    async with at_work(web, "collector", "S01") as clerk:
        assert NEEDS["unreached"] not in (await clerk.get("/console/homes?need=unreached")).text
