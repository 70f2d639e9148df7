"""Homes in the console, over HTTP: by area and page by page, who is registered there, masked, only one's own areas."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.office.hints import LIMITS
from storage import audit, needs
from storage import homes as storage_homes
from storage.audit import Subject
from storage.records import Home
from storage.unit import Unit
from tests.channels.web_house import WebHouse
from tests.console.clerks import at_work, console, run, shown
from tests.handlers.filed import ANSWERS, account, file

NOW = datetime.now(UTC)
ADDRESS = str(ANSWERS["address"])
HERE = f"/console/homes/{'H' * 10}"


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def homes(web: WebHouse, *new: Home) -> None:
    def write(unit: Unit) -> None:
        for one in new:
            storage_homes.add(unit, one, NOW)

    await run(web, write)


async def living(web: WebHouse, people: int) -> None:
    """People without an ID number, each a person of their own."""

    def write(unit: Unit) -> None:
        for number in range(people):
            holder = str(number).rjust(32, "h")
            account(unit, str(number), holder)
            file(unit, f"N{number}", holder, id_number="none")

    await run(web, write)


async def test_a_home_tells_who_is_registered_there_and_masks_them(web: WebHouse) -> None:
    await homes(web, Home("H" * 10, "S01-01", ADDRESS))
    await living(web, 2)
    async with at_work(web, "collector", "S01") as clerk:
        page = await clerk.get(HERE)
        assert page.status_code == 200
        assert page.text.count("李**") == 2
        assert "李伟" not in page.text
        assert sorted(set(re.findall(r"/console/queue/(N\d)", page.text))) == ["N0", "N1"]
        assert "人多" not in shown(page)
        subject = Subject("home", "H" * 10)
        entries = await run(web, lambda unit: audit.about(unit, [subject]))
        assert [(one.act.action, one.act.who.id) for one in entries] == [("looked", clerk.member.code)]


async def test_however_an_address_is_spaced_it_is_the_same_home(web: WebHouse) -> None:
    await homes(web, Home("H" * 10, "S01-01", ADDRESS[:3] + " " + ADDRESS[3:]))
    await living(web, 1)
    async with at_work(web, "reviewer") as clerk:
        assert "李**" in (await clerk.get(HERE)).text


@pytest.mark.parametrize(("people", "crowded"), [(LIMITS.in_home - 1, False), (LIMITS.in_home, True)])
async def test_a_home_with_many_people_is_marked_in_both_places(web: WebHouse, people: int, crowded: bool) -> None:
    await homes(web, Home("H" * 10, "S01-01", ADDRESS))
    await living(web, people)
    async with at_work(web, "reviewer") as clerk:
        for path in ("/console/homes", HERE):
            page = await clerk.get(path)
            assert ('<span class="tag warm">人多</span>' in page.text) == crowded, path


SEEN = {"": {"S01-01", "S02-01"}, "S01": {"S01-01"}, "S01-01": {"S01-01"}, "S02": {"S02-01"}}


@pytest.mark.parametrize("role", ["collector", "reviewer"])
@pytest.mark.parametrize("own", SEEN)
async def test_only_homes_of_the_own_areas_are_listed_and_opened(web: WebHouse, role: str, own: str) -> None:
    await homes(web, *(Home(f"HOME{area}", area, f"{area} 1号") for area in sorted(SEEN[""])))
    async with at_work(web, role, own) as clerk:
        for area in SEEN[""]:
            path = f"/console/homes/HOME{area}"
            answer, nothing = await clerk.get(path), await clerk.get("/console/homes/nothing")
            assert (answer.status_code == 200) == (area in SEEN[own]), (own, area)
            if area not in SEEN[own]:
                assert answer.headers["location"] == nothing.headers["location"]
            for listed in ("/console/homes", f"/console/homes?area={area}", "/console/homes?area=nowhere"):
                there = f'"{path}"' in (await clerk.get(listed)).text
                assert there == (area in SEEN[own]), (own, area, listed)


async def test_a_long_list_goes_on_where_it_stopped(web: WebHouse) -> None:
    await homes(web, *(Home(f"H{number:03}", "S01-01", f"{number}号") for number in range(60)))
    async with at_work(web, "reviewer") as clerk:
        first = await clerk.get("/console/homes")
        assert len(re.findall(r'href="/console/homes/H', first.text)) == 50
        following = re.search(r'href="(\?area=[^"]*)"', first.text)
        assert following is not None
        second = await clerk.get("/console/homes" + following[1].replace("&amp;", "&"))
        assert re.findall(r'href="/console/homes/(H\d+)"', second.text)[0] == "H050"
        assert len(re.findall(r'href="/console/homes/H', second.text)) == 10


async def test_a_city_is_looked_at_area_by_area(web: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "MANY", 2)
    await homes(web, *(Home(f"H{number}", f"S01-0{1 + number // 2}", f"幸福路{number}号") for number in range(3)))
    async with at_work(web, "reviewer") as clerk:
        page = await clerk.get("/console/homes?need=unvisited")
        assert re.findall(r"\?area=(S01-0\d)&amp;need=unvisited\">[^<]+</a> <b>(\d) 处", page.text) == [
            ("S01-01", "2"),
            ("S01-02", "1"),
        ]
        assert "幸福路" not in page.text
        there = await clerk.get("/console/homes?area=S01-01&need=unvisited")
        assert sorted(set(re.findall("幸福路.号", there.text))) == ["幸福路0号", "幸福路1号"]
    monkeypatch.setattr(needs, "MANY", 3)
    async with at_work(web, "reviewer") as clerk:
        assert "幸福路2号" in (await clerk.get("/console/homes")).text


async def test_one_area_is_listed_however_many_homes_it_has(web: WebHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "MANY", 1)
    await homes(web, *(Home(f"H{number}", "S01-01", f"幸福路{number}号") for number in range(3)))
    async with at_work(web, "collector", "S01") as clerk:
        assert sorted(set(re.findall("幸福路.号", (await clerk.get("/console/homes")).text))) == [
            "幸福路0号", "幸福路1号", "幸福路2号",
        ]  # fmt: skip
