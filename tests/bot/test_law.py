"""The law decides what is asked and said: in every place, in every version, to the last button."""

import re
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from bot.house import House
from bot.render import Words
from bot.tongue import OfficeFacts
from handlers.messages import Incoming
from regulations.pack import load
from storage import conversations, submissions
from storage.records import Submission
from tests import house as houses
from tests.talks.typed import FACTS

PLACES = [
    ("cn-zj-hangzhou", "no"), ("cn-zj", "no"), ("cn-zj", "pages"), ("cn-ah", "no"), ("cn-ah", "copies"),
    ("cn-yn", "no"), ("cn-yn", "copies"), ("cn-yn", "pages"), ("cn-gd-guangzhou", "no"), ("cn-gd-guangzhou", "pages"),
]  # fmt: skip
SAID = {
    "consent": "同意", "hukou_kind": "外地", "lodging": "1", "stay_length": "1", "subject": "自己", "ethnicity": "汉",
    "education": "初中", "marital_status": "跳过", "political_status": "跳过", "area_street": "1", "area": "1",
    "stay_kind": "租", "arrived_on": "昨天", "stay_months": "1", "reason": "工作", "industry": "餐饮",
    "social_insurance": "交", "paper_identity": "到窗口出示", "paper_dwelling": "以后", "confirm": "提交",
}  # fmt: skip


@pytest.fixture
def database_file(tmp_path: Path) -> str:
    return houses.migrated_file(tmp_path / "anju.db")


async def said(house: House, words: str, number: int, at: datetime) -> tuple[str, str]:
    """The last question's name and everything that is answered."""
    answered = await house.chat.answer(Incoming("engine", "me", f"m{number}", at, text=words))
    texts = [message.text for message in house.chat.messages(answered)]
    return answered.replies[-1].template, "\n".join(texts)


async def talk(house: House, at: datetime | None = None, **changed: str) -> tuple[list[str], str]:
    """Somebody answers whatever is asked until the receipt; the steps asked, and the receipt."""
    facts, now, asked = {**SAID, **FACTS, **changed}, at or datetime.now(UTC), list[str]()
    template, text = await said(house, "你好", 0, now)
    while template.startswith("ask/") and len(asked) < 40:
        step = template.removeprefix("ask/")
        asked.append(step)
        template, text = await said(house, facts[step], len(asked), now)
    return asked, text


async def sent(house: House) -> Submission:
    found = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert found is not None
    return (await house.database.read(lambda unit: submissions.of_holder(unit, found.holder_id)))[0]


@pytest.mark.parametrize(("place", "unconfirmed"), PLACES)
async def test_a_registration_goes_through_under_the_law_of_every_place(
    database_file: str, place: str, unconfirmed: str
) -> None:
    chosen = houses.settings(database_file, jurisdiction=place, unconfirmed_rules=unconfirmed)
    async with houses.opened(chosen) as house:
        asked, receipt = await talk(house)
        assert asked[-1] == "confirm"
        assert (await sent(house)).pack == place
        rule = chosen.pack.rule("registration.deadline")
        assert rule.words["zh"] in receipt
        listed = chosen.pack.find("data.information_set")
        assert ("political_status" in asked) == (listed is not None and "political_status" in listed.names)
        marked = "还没有与官方文本核对" in receipt
        assert marked == (rule.certainty not in {"full text", "reading"})


def own_pack(folder: Path, *changes: tuple[str, str]) -> Path:
    """The office's own Hangzhou, with some numbers changed."""
    text = (files("regulations") / "packs" / "cn-zj-hangzhou.toml").read_text("utf-8")
    for before, after in changes:
        assert re.search(before, text)
        text = re.sub(before, after, text, count=1)
    folder.mkdir(exist_ok=True)
    (folder / "cn-zj-hangzhou.toml").write_text(text, "utf-8")
    return folder


DEADLINE = r'(key = "registration.deadline"\nvalue = )3(\nunit = )"working_days"'


async def test_a_number_changed_in_the_pack_changes_deadlines_words_and_buttons(
    database_file: str, tmp_path: Path
) -> None:
    folder = own_pack(
        tmp_path / "packs",
        (DEADLINE, r'\g<1>7\2"calendar_days"'),
        ("个工作日内登记", "天内登记"),
        (r'(key = "registration.min_stay"\nvalue = )3', r"\g<1>5"),
    )
    async with houses.opened(houses.settings(database_file, packs=str(folder))) as house:
        _, receipt = await talk(house, datetime(2026, 3, 3, 4, tzinfo=UTC))
        assert "到达后7天内登记" in receipt
        assert "2026年3月9日" in receipt
        assert (await sent(house)).due_on == date(2026, 3, 9)
        labels = house.chat.office.vocabularies["zh"].labels["stay_length"]
        assert labels["longer"] == "5天或更久"
        assert "7天" in house.words.say("zh", "say/law")


async def test_a_deadline_is_that_of_the_version_in_force_on_the_day_of_arrival(
    database_file: str, tmp_path: Path
) -> None:
    folder = own_pack(
        tmp_path / "packs",
        (
            r'(\[\[rules\]\]\n)key = "registration.deadline"\nvalue = 3\n((?:.*\n)*?)certainty = "full text"\n',
            r'\1key = "registration.deadline"\nvalue = 3\n\2certainty = "full text"\nin_force_to = 2026-02-28\n\n'
            r'\1key = "registration.deadline"\nvalue = 9\n\2certainty = "full text"\nin_force_from = 2026-03-01\n',
        ),
    )
    async with houses.opened(houses.settings(database_file, packs=str(folder))) as house:
        _, receipt = await talk(house, datetime(2026, 3, 3, 4, tzinfo=UTC), arrived_on="2026年2月28日")
        assert "到达后3个工作日内登记" in receipt
        assert (await sent(house)).due_on == date(2026, 3, 4)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_our_reading_is_told_as_such(language: str) -> None:
    law = Words(load("cn-zj-hangzhou"), OfficeFacts(), tuple).say(language, "say/law")
    assert {"zh": "按稳妥的理解", "en": "our reading, on the safe side"}[language] in law
