"""Notices in the talk: each fits one WeChat message with its way on, tells its source, and its title can be typed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.channel import Message
from bot.channels.telegram import keyboards, taps
from bot.channels.wechat.compose import LIMIT, Voice, compose
from bot.house import House
from bot.render import Words
from bot.tongue import OfficeFacts
from bot.vocabularies import normalised
from handlers.command_words import LONGEST_COMMAND
from handlers.messages import Choice, Incoming, Reply, Tap
from handlers.turns import Answered
from regulations.notices import Library
from regulations.pack import load
from tests import house as houses

VOICE = Voice("点选或回复数字", "更多", "还有，点这里看")
NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def words() -> Words:
    return Words(load("cn-zj-hangzhou"), OfficeFacts("城东派出所"), tuple)


@pytest.fixture
def database_file(tmp_path: Path) -> str:
    return houses.migrated_file(tmp_path / "anju.db")


class Talk:
    """Somebody who asks in a house of their own."""

    def __init__(self, house: House, at: datetime = NOW) -> None:
        self._house = house
        self._at = at
        self._said = 0

    async def say(self, text: str = "", tap: str = "") -> tuple[Reply, Message]:
        """What is answered first."""
        self._said += 1
        message_id = f"{self._at:%Y}-{self._said}"
        choice = Tap("", "", tap) if tap else None
        incoming = Incoming("engine", "me", message_id, self._at, text=text, choice=choice)
        answered = await self._house.chat.answer(incoming)
        return answered.replies[0], self._house.chat.messages(answered)[0]


def notice(words: Words, language: str, name: str, *, overdue: bool = False) -> Message:
    controls = tuple(Choice(value, "commands", role="control") for value in (f"law:next:{name}", "law:family", "law"))
    reply = Reply("say/notice", {"notice": name, "overdue": overdue}, controls)
    return words.messages(Answered(b"", 0, language, (reply,)))[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_notice_fits_one_wechat_message_and_tells_its_source(words: Words, language: str) -> None:
    for name, found in words.library.notices.items():
        message = notice(words, language, name, overdue=True)
        whole = compose((message,), 0, VOICE)
        assert len(whole.encode()) < LIMIT, name
        assert "msgmenuid=..law" in whole, name
        for source in found.words[language].sources:
            assert source.law in message.text
            assert source.article in message.text


def test_each_title_can_be_typed_and_pressed(words: Words) -> None:
    for language, vocabulary in words.vocabularies.items():
        for name, found in words.library.notices.items():
            title = found.words[language].title
            assert vocabulary.commands[normalised(title)] == f"law:{name}"
            assert len(title) <= LONGEST_COMMAND
            assert taps.fits(Tap("", "", f"law:next:{name}"))
            assert words.label(language, "commands", f"law:{name}") == title


def test_no_title_and_no_topic_is_an_answer_to_a_question(words: Words) -> None:
    asked = {word for word, command in words.vocabularies["zh"].commands.items() if command.startswith("law:")}
    for lists in words.vocabularies["zh"].aliases.values():
        for said in lists.values():
            assert not asked & {word.casefold() for word in said}


def test_a_notice_that_is_gone_says_so(words: Words) -> None:
    assert "懂法" in notice(words, "zh", "gone-since").text
    assert "Know the law" in notice(words, "en", "gone-since").text


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_from_the_topics_to_a_notice_and_on(database_file: str, language: str) -> None:
    async with houses.opened(houses.settings(database_file)) as house:
        talk = Talk(house)
        topics, shown = await talk.say("懂法" if language == "zh" else "know the law")
        assert topics.template == "say/law_topics"
        assert len(shown.controls) == 18 + 1  # the topics and the quiz
        listed, _ = await talk.say(tap="law:wages")
        first = listed.choices[0].value
        told, message = await talk.say(tap=first)
        assert [choice.value.partition(":")[0] for choice in told.choices] == ["law", "law", "law"]
        following, _ = await talk.say("下一条")
        assert told.choices[0].value == f"law:next:{following.data['notice']}"
        assert "《" in message.text


async def test_every_topics_list_can_be_paged_through_at_wechat(database_file: str) -> None:
    async with houses.opened(houses.settings(database_file)) as house:
        talk = Talk(house)
        topics, shown = await talk.say("懂法")
        pages = [compose((shown,), page, VOICE) for page in range(3)]
        assert all(f'msgmenuid=..{choice.value}"' in "".join(pages) for choice in topics.choices)
        for topic in topics.choices:
            reply, message = await talk.say(tap=topic.value)
            written = "".join(compose((message,), page, VOICE) for page in range(5))
            assert all(f'msgmenuid=..{choice.value}"' in written for choice in reply.choices), topic.value
            assert keyboards.keyboard(message, 0, "更多")["inline_keyboard"]


async def test_elsewhere_there_is_nothing_of_zhejiang(database_file: str) -> None:
    async with houses.opened(houses.settings(database_file, jurisdiction="cn-ah", unconfirmed_rules="copies")) as house:
        talk = Talk(house)
        rules, _ = await talk.say("登记规定")
        assert [choice.value for choice in rules.choices] == ["law"]
        elsewhere, _ = await talk.say(tap="law:register-early")
        assert elsewhere.template == "say/law_topics"


async def test_a_notice_past_its_next_check_says_so(database_file: str) -> None:
    async with houses.opened(houses.settings(database_file)) as house:
        fresh, _ = await Talk(house).say(tap="law:minimum-wage")
        later = Talk(house, NOW + timedelta(days=365))
        await later.say("懂法")
        late, message = await later.say(tap="law:minimum-wage")
        assert (fresh.data["overdue"], late.data["overdue"]) == (False, True)
        assert "重新核对" in message.text


def test_without_notices_only_the_rules_are_told() -> None:
    assert Library().topics({"cn"}) == ()
