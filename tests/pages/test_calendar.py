"""The calendar file of one's own matters: whole days that calendars take; an event again, not a second."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from bot.calendar_file import calendar
from handlers.office import links, my_matters, review
from handlers.office.links import Link
from handlers.office.matter import Item
from handlers.office.reviewer import Reviewer, Taken
from handlers.visit import Office
from storage import lease_days, prospects
from storage.permits import Permit
from storage.unit import Unit
from tests.certified import registered, say
from tests.channels.web_house import served
from tests.days import today

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def approve(unit: Unit, office: Office) -> None:
    """A reviewer approves what was sent."""
    clerk, now = Reviewer("clerk"), datetime.now(UTC)
    taken = review.take_next(unit, clerk, now)
    assert isinstance(taken, Taken)
    review.approve(unit, clerk, taken.submission.number, taken.submission.version, office, now)


def events(content: bytes) -> list[Any]:
    return [part for part in Calendar.from_ical(content).walk() if part.name == "VEVENT"]


async def test_the_link_of_my_matters_gives_the_day_from_which_a_permit_may_be_applied_for(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        submission = await registered(web.house)
        await web.house.database.run(lambda unit: approve(unit, web.house.chat.office))
        (words,) = await say(web.house, "last", "我的事项")
        token = re.search(r"/my/([^.]+)\.ics", words)
        assert token is not None
        file = await browser.get(f"/my/{token[1]}.ics")
        assert file.status_code == 200
        assert file.headers["content-type"] == "text/calendar; charset=utf-8"
        assert "attachment" in file.headers["content-disposition"]
        (event,) = events(file.content)
        kept = await web.house.database.read(lambda unit: prospects.get(unit, submission.person_id))
        assert kept is not None
        assert event["dtstart"].dt == kept.eligible_on
        assert "居住证" in event["summary"]
        for wrong in ("pdf", "json", "png"):
            assert (await browser.get(f"/my/{token[1]}.{wrong}")).status_code == 404


async def test_leases_and_what_the_office_was_asked_stand_in_the_calendar_too(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        submission = await registered(web.house)
        until, now = today() + timedelta(days=60), datetime.now(UTC)
        await web.house.database.run(lambda unit: lease_days.keep(unit, submission.id, until, now))
        await say(web.house, "complains", "投诉：同一份材料让我交了两次")
        (words,) = await say(web.house, "last", "我的事项")
        assert "租约" in words
        assert "投诉（1号）" in words
        token = re.search(r"/my/([^.]+)\.ics", words)
        assert token is not None
        file = await browser.get(f"/my/{token[1]}.ics")
        days = {str(event["summary"]): event["dtstart"].dt for event in events(file.content)}
        assert days["租约到期"] == until
        assert any(title.startswith("个人信息请求") for title in days)


async def test_a_link_that_is_over_or_of_an_account_that_is_gone_leads_nowhere(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        vault = web.house.database.vault
        old = links.token(vault, Link("calendar", 1), datetime.now(UTC) - timedelta(days=2))
        gone = links.token(vault, Link("calendar", 99), datetime.now(UTC))
        assert {(await browser.get(f"/my/{token}.ics")).status_code for token in (old, gone)} == {404}


def permit(**told: Any) -> Permit:
    days = {
        "issued_on": date(2025, 12, 10), "endorse_from_on": date(2026, 11, 10), "endorse_by_on": date(2026, 12, 9),
        "endorsed_until": date(2026, 12, 10),
    }  # fmt: skip
    return Permit(1, "S01-01", "issued", id=7, card="handed_out", **(days | told))


@pytest.mark.parametrize(
    ("told", "today", "state", "act"),
    [
        ({"state": "accepted", "issue_by_on": date(2026, 12, 8)}, date(2026, 11, 25), "accepted", ""),
        ({"card": "ready", "ready_on": date(2026, 10, 1)}, date(2026, 10, 2), "ready", ""),
        ({"card": "making"}, date(2026, 10, 2), "making", ""),
        ({}, date(2026, 11, 9), "working", ""),
        ({}, date(2026, 11, 10), "endorse", "endorse"),
        ({}, date(2026, 12, 10), "endorse_last_day", "endorse"),
        ({}, date(2026, 12, 11), "suspended", "endorse"),
        ({"state": "ended", "ended_on": date(2026, 12, 1), "end_reason": "death"}, date(2026, 12, 11), "ended", ""),
    ],
)
def test_how_a_permit_stands_depends_on_the_day(told: dict[str, Any], today: date, state: str, act: str) -> None:
    base = permit()
    one = my_matters.of_permit(Permit(**{name: told.get(name, getattr(base, name)) for name in FIELDS}), "李伟", today)
    assert (one.state, one.act) == (state, act)


FIELDS = tuple(Permit.__dataclass_fields__)


def test_an_event_keeps_its_name_and_covers_the_whole_window() -> None:
    one = my_matters.of_permit(permit(), "李伟", date(2026, 10, 1))
    made = [calendar([one, Item("x", "registration", "registered")], lambda what, item: what, "n", NOW) for _ in "ab"]
    (first,), (second,) = (events(content) for content in made)
    assert first["uid"] == second["uid"]
    assert (first["dtstart"].dt, first["dtend"].dt) == (date(2026, 11, 10), date(2026, 12, 10))
    assert [part.name for part in first.subcomponents] == ["VALARM"]
