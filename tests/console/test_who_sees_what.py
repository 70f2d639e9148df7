"""What each role and area may read of a home and its people at the console, and may not: one table."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.channels.web_house import WebHouse
from tests.console.clerks import Clerk, at_work, console, run, shown
from tests.console.let_rows import Rows, rows
from tests.handlers.answers.telling import id_number

ADDRESS, LANDLORDS_PHONE = "幸福路20号", "139 1234 5678"
REPORTED, REPORTED_PHONE, NOTE = "周小梅", "137 0000 1111", "六点以后有人"
TENANT, TENANTS_HUKOU, TENANTS_PHONE = "李伟", "幸福村1号", "138 1234 5678"
ID_NUMBERS = ("341225199003071233", id_number("19920304"), id_number("19950607"))

EVERYTHING = (ADDRESS, LANDLORDS_PHONE, REPORTED, REPORTED_PHONE, NOTE)
NEVER = (TENANT, TENANTS_HUKOU, TENANTS_PHONE, *ID_NUMBERS)
READERS: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    # role and area: (what they may read, what they may not)
    ("collector", "S01-02"): (EVERYTHING, NEVER),
    ("collector", "S01"): (EVERYTHING, NEVER),
    ("collector", ""): (EVERYTHING, NEVER),
    ("reviewer", "S01-02"): (EVERYTHING, NEVER),
    ("reviewer", ""): (EVERYTHING, NEVER),
    ("collector", "S01-01"): ((), (*EVERYTHING, *NEVER)),
    ("collector", "S02"): ((), (*EVERYTHING, *NEVER)),
    ("reviewer", "S02"): ((), (*EVERYTHING, *NEVER)),
    ("publisher", ""): ((), (*EVERYTHING, *NEVER)),
    ("auditor", ""): ((), (*EVERYTHING, *NEVER)),
    ("administrator", ""): ((), (*EVERYTHING, *NEVER)),
}


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


def pages(made: Rows) -> tuple[str, ...]:
    """Every page that tells something of a home, its tenancies, and who registered there."""
    return (
        "/console",
        "/console/homes",
        *(f"/console/homes?need={need}" for need in ("confirm", "contradiction", "unvisited")),
        f"/console/homes/{made.home.code}",
        f"/console/homes/{made.waiting.code}",
        *(f"/console/tenancies?show={show}" for show in ("open", "disputed", "over")),
        *(f"/console/tenancies/{number}" for number in (made.claimed, made.reported, made.disputed)),
        *(f"/console/queue/{number}" for number in ("NCLAIM", "NDISPUTE")),
    )


async def read(clerk: Clerk, made: Rows) -> str:
    """All that somebody gets to see, wherever they knock."""
    told = []
    for path in pages(made):
        page = await clerk.get(path)
        told += [shown(page), page.headers.get("location", "")]
    return "\n".join(told)


@pytest.mark.parametrize(("role", "area"), READERS, ids=str)
async def test_the_console_shows_each_what_the_table_says(web: WebHouse, role: str, area: str) -> None:
    made: Rows = await run(web, rows)
    may, may_not = READERS[role, area]
    async with at_work(web, role, area) as clerk:
        told = await read(clerk, made)
    assert [words for words in may if words not in told] == []
    assert [words for words in may_not if words in told] == []
