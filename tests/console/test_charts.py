"""The charts' page: numbers of one's own areas, exact or coarse by role, without anything the policy forbids."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.channels.web_house import WebHouse
from tests.console.clerks import at_work, console, run, shown
from tests.console.counted import one, year

NOW = datetime.now(UTC)
PATH = "/console/charts"


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def numbers(web: WebHouse, role: str, area: str = "", query: str = "") -> str:
    async with at_work(web, role, area) as somebody:
        answer = await somebody.get(PATH + query)
        assert answer.status_code == 200
        return shown(answer)


async def test_an_office_without_anything_says_so(web: WebHouse) -> None:
    assert "这段时间没有" in await numbers(web, "reviewer")


async def test_who_reviews_sees_the_exact_numbers(web: WebHouse) -> None:
    for number in range(7):
        await run(web, partial(one, number=number, at=NOW - timedelta(hours=number)))
    told = await numbers(web, "reviewer")
    assert "翠竹社区 4" in told
    assert "安徽省 3" in told
    assert "不到5" not in told


@pytest.mark.parametrize("role", ["publisher", "auditor", "administrator"])
async def test_who_sees_only_statistics_gets_multiples_of_five(web: WebHouse, role: str) -> None:
    await run(web, lambda unit: year(unit, NOW))
    async with at_work(web, role) as somebody:
        html = (await somebody.get(PATH)).text
    cells = re.findall(r"<td>(\d+)</td>", html)
    assert "不到5" in html
    assert cells
    assert all(int(cell) % 5 == 0 for cell in cells)
    assert "5 的倍数" in html


async def test_one_counts_only_the_own_areas(web: WebHouse) -> None:
    await run(web, lambda unit: year(unit, NOW, 40))
    told = await numbers(web, "reviewer", "S02")
    assert "东篱社区" in told or "S02-01" in told
    assert "翠竹社区" not in told
    assert "不知道属于哪个区域" in told
    async with at_work(web, "reviewer", "S02") as somebody:
        assert (await somebody.get(f"{PATH}?area=S01")).status_code == 403
        assert (await somebody.get(f"{PATH}?area=nowhere")).status_code == 403


@pytest.mark.parametrize("query", ["?weeks=9999999", "?weeks=x", "?weeks=52&area=S01", "?weeks=4&area=S01-02"])
async def test_a_filter_that_makes_no_sense_is_as_if_it_were_not_there(web: WebHouse, query: str) -> None:
    await run(web, lambda unit: year(unit, NOW, 20))
    assert "每周提交" in await numbers(web, "reviewer", query=query)


async def test_who_collects_has_no_charts(web: WebHouse) -> None:
    async with at_work(web, "collector") as somebody:
        assert (await somebody.get(PATH)).status_code == 403


async def test_the_drawings_carry_no_style_and_no_script(web: WebHouse) -> None:
    await run(web, lambda unit: year(unit, NOW, 40))
    async with at_work(web, "reviewer") as somebody:
        html = (await somebody.get(PATH)).text
    assert html.count('<svg class="plot"') == 9
    assert not re.search(r"<style|\sstyle=|\son\w+=|\sfill=", html)
