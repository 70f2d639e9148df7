"""A number changed in the place's pack changes the deadline, the words of the talk and the page of the console."""

import re
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from storage import permits
from tests.certified import say
from tests.console.clerks import at_work, console, run, shown
from tests.console.test_permits import applied, path

LIMIT = re.compile(r'(key = "permit.issue_limit"\nvalue = )15')
WINDOW = re.compile(r'(key = "endorse.window"\nvalue = )1\b')


def pack(folder: Path, days: int, months: int) -> dict[str, str]:
    """Settings with Hangzhou's law, two numbers in it as given."""
    text = (files("regulations") / "packs" / "cn-zj-hangzhou.toml").read_text("utf-8")
    text, limits = LIMIT.subn(rf"\g<1>{days}", text)
    text, windows = WINDOW.subn(rf"\g<1>{months}", text)
    assert (limits, windows) == (1, 1)
    own = folder / "packs"
    own.mkdir()
    (own / "cn-zj-hangzhou.toml").write_text(text, "utf-8")
    return {"packs": str(own), "jurisdiction": "cn-zj-hangzhou"}


@pytest.mark.parametrize(("days", "months"), [(15, 1), (20, 2)])
async def test_deadline_words_and_page_follow_the_pack(days: int, months: int, tmp_path: Path) -> None:
    async with console(tmp_path, **pack(tmp_path, days, months)) as web, at_work(web, "reviewer") as clerk:
        permit = await applied(web)
        accepted_on, due_on = permit.accepted_on, permit.issue_by_on
        assert accepted_on is not None
        assert due_on is not None
        assert (due_on - accepted_on).days == days
        (words,) = await say(web.house, "m1", "居住证")
        assert f"受理之日起{days}日内发证" in words
        page = shown(await clerk.get(path(permit)))
        assert due_on.isoformat() in page
        assert f"受理之日起{days}日内发证" in page
        law = shown(await clerk.get("/console/law"))
        assert f"前{months}个月内办理签注" in law
        today = datetime.now(web.house.chat.office.zone).date()
        number, since = "330106202600012345", today.replace(day=1) if today.day > 1 else today
        fields = {"number": number, "issued_on": str(today), "valid_from": str(since), "version": str(permit.version)}
        await clerk.post(path(permit, "/issue"), path(permit), **fields)
        issued = await run(web, lambda unit: permits.get(unit, permit.id))
        assert _months(issued.endorse_from_on, issued.endorsed_until) == months
        assert issued.endorse_from_on.isoformat() in shown(await clerk.get(path(permit)))


def _months(first: date, last: date) -> int:
    return (last.year - first.year) * 12 + last.month - first.month
