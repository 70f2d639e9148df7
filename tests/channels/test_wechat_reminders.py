"""Reminders as an approved template carries them: every value fits, every word offered is understood, they go out."""

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from bot.channels.channel import Push
from bot.channels.wechat.reminding import silent
from bot.channels.wechat.short import LONGEST, Shorts, faults, mappings
from bot.delivery import Sender
from bot.house import office_facts
from bot.render import Words
from bot.setting_values import Approved
from handlers.command_words import asked_for
from handlers.messages import Incoming, Reply
from handlers.reminders.entries import REMINDERS
from storage.database import Database
from storage.deliveries import Terms
from tests.channels.test_wechat_ways import Town
from tests.channels.wechat_house import office
from tests.house import settings
from tests.reminded import CASES, Case, messages, rows, tell

APPROVED = {"reminder": Approved("T2")}
FIELDS = ("thing1", "thing2", "thing3")
WAITS = {"unfinished_talk", "papers_promised"}  # until the person writes
SAID = re.compile(r"“(.+?)”")
LANGUAGES = ("zh", "en")
LEASE = Reply("remind/lease_ends", {"it": {"on": "2026-12-31", "until_on": "2026-12-31", "number": "N1"}})


@pytest.fixture(scope="module")
def words() -> Words:
    chosen = settings("sqlite://")
    return Words(chosen.pack, office_facts(chosen), tuple)


def push(reply: Reply, language: str) -> Push:
    return Push((), language, replies=(reply,), kind="reminder")


def carried(words: Words, reply: Reply, language: str) -> dict[str, str]:
    """What the template's fields say; the same as a notification."""
    shorts = Shorts(words, APPROVED, APPROVED)
    found, noticed = shorts.template(push(reply, language)), shorts.notification(push(reply, language))
    assert found == noticed
    return {} if found is None else dict(found.values)


@pytest.mark.parametrize("case", [one for one in CASES if one.entry not in WAITS], ids=lambda case: case.entry)
def test_every_reminder_that_matters_fits_whole_into_the_template(case: Case, words: Words, database: Database) -> None:
    database.run_now(case.begin)
    planned = database.run_now(lambda unit: rows(unit, case.entry))
    for one in planned:
        tell(database, one.due_at)
    told = [reply for _, _, replies in database.run_now(messages) for reply in replies]
    assert f"remind/{case.entry}" in {template for template, _ in told}
    for (template, data), language in product(told, LANGUAGES):
        values = carried(words, Reply(template, data), language)
        assert tuple(values) == FIELDS
        assert all(value and len(value) <= LONGEST["thing"] and "…" not in value for value in values.values()), values
        assert "{" not in "".join(values.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_template_asks_to_reply_is_a_command(language: str, words: Words) -> None:
    offered = [
        said
        for one in mappings(words, language)
        if one.say.startswith("remind/")
        for said in SAID.findall(words.fill(language, one.fields["thing3"], {}))
    ]
    assert len(offered) > len(FIELDS)
    for said in offered:
        asked = Incoming("wechat", "me", "m", datetime.now(UTC), text=said)
        assert asked_for(asked, words.vocabularies[language], talking=False), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_but_what_can_wait_has_a_form(language: str, words: Words) -> None:
    named = {one.say.removeprefix("remind/") for one in mappings(words, language) if one.say.startswith("remind/")}
    assert named == {entry.name for entry in REMINDERS} - WAITS | {"together"}
    assert list(faults(words, language)) == []


def test_several_things_on_one_day_are_one_template(words: Words) -> None:
    lines = [{"name": name, "on": "2026-12-31"} for name in ("permit_ready", "lease_ends")]
    for language in LANGUAGES:
        values = carried(words, Reply("remind/together", {"lines": lines}), language)
        assert "2" in values["thing1"]
        assert "…" not in values["thing2"]


def test_a_reminder_kept_before_its_day_was_told_waits_for_the_person(words: Words) -> None:
    before = Reply("remind/permit_ready", {"it": {"name": "permit_ready", "pick_up": ""}})
    assert carried(words, before, "zh") == {}


async def test_without_a_window_a_reminder_goes_by_the_approved_template(tmp_path: Path) -> None:
    async with office(tmp_path, wechat_templates="reminder=T2") as place:
        place.api.templates["T2"] = FIELDS
        place.api.program = place.phone
        there = Town(place, Sender(place.house.database, place.house.words, {"wechat": place.channel}))
        await there.want(await there.person(there.openid), reply=LEASE, terms=Terms("reminder", urgent=True))
        await there.send()
        await there.reported()
        assert (there.seen(), await there.rows()) == (["template"], [("sent", "")])
        assert place.api.seen[0].text.startswith("T2\nthing1: 登记的住处租约要到期了\nthing2: 2026年12月31日到期")


def test_the_console_knows_what_templates_carry(words: Words) -> None:
    now = datetime.now(UTC)
    both = settings("sqlite://", wechat_templates="reminder=T2", wechat_notifications="reminder=N2,decision=N1")
    found = silent(both, words, now)
    assert {(one.language, one.grant) for one in found.carried} == {(la, g) for la in LANGUAGES for g in ("", "N2")}
    assert all("lease_ends" in one.entries and not WAITS & set(one.entries) for one in found.carried)
    assert silent(settings("sqlite://", wechat_templates="decision=T1"), words, now).carried == []
    assert silent(both, words, now + timedelta(days=40)).period != found.period
