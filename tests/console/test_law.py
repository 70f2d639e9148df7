"""The page of the law: every rule with its source and how sure it is, for whoever works here."""

from pathlib import Path

import pytest

from tests.console.clerks import at_work, console, shown


@pytest.mark.parametrize("role", ["collector", "reviewer", "publisher", "auditor", "administrator"])
async def test_everybody_who_works_here_may_read_the_law(tmp_path: Path, database_url: str, role: str) -> None:
    async with console(tmp_path, database_url) as web, at_work(web, role) as somebody:
        told = shown(await somebody.get("/console/law"))
    assert "到达后3个工作日内登记" in told
    assert "杭州市流动人口服务管理规定 第九条" in told


async def test_readings_and_what_does_not_count_are_marked(tmp_path: Path, database_url: str) -> None:
    async with console(tmp_path, database_url) as web, at_work(web, "reviewer") as somebody:
        told = shown(await somebody.get("/console/law"))
    counted, _, unconfirmed = told.partition("还没核对、没有采用的规定")
    assert "我们的理解，从稳" in counted
    assert "未核对" not in counted
    assert "未核对：抄本" in unconfirmed
    assert "住房租赁条例 第九条" in unconfirmed
