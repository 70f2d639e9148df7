"""Asking about the law in the talk: what is counted, what is kept of a question, and what never is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.wechat.compose import LIMIT, Voice, compose
from bot.house import House
from handlers.messages import Incoming, Reply, Tap
from handlers.turns import Answered
from storage import conversations, law_counts, missed_searches, own, readings, topics
from tests import house as houses

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
TODAY = NOW.date()
VOICE = Voice("点选或回复数字", "更多", "还有，点这里看")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(houses.migrated_file(tmp_path / "anju.db"))) as opened:
        yield opened


class Asker:
    """Somebody who asks."""

    def __init__(self, house: House, who: str = "me") -> None:
        self._house, self._who, self._said = house, who, 0

    async def say(self, text: str = "", tap: str = "", message_id: str = "", *, form: str = "") -> Answered:
        self._said += 1
        choice = Tap(*form.split("/")) if form else Tap("", "", tap) if tap else None
        said = Incoming("engine", self._who, message_id or f"m{self._said}", NOW, text=text, choice=choice)
        return await self._house.chat.answer(said)

    async def agree(self) -> None:
        await self.say("你好")
        await self.say(form="migrant/consent/agree")


async def missed(house: House) -> list[str]:
    found = await house.database.read(lambda unit: missed_searches.newest(unit, 10))
    return [one.words for one in found]


async def counted(house: House) -> dict[tuple[str, str], int]:
    return dict(await house.database.read(lambda unit: law_counts.totals(unit, TODAY)))


def names(answered: Answered) -> list[str]:
    reply = answered.replies[0]
    assert reply.template == "say/law_found"
    return list(reply.data["names"])


async def test_the_answer_quotes_the_best_with_its_article_and_names_the_others(house: House) -> None:
    answered = await Asker(house).say("老板不发工资怎么办")
    message = house.chat.messages(answered)[0]
    first = house.words.library.notices[names(answered)[0]].words["zh"]
    assert first.text in message.text
    for name in names(answered):
        said = house.words.library.notices[name].words["zh"]
        assert said.title in message.text
        assert said.sources[0].article in message.text


@pytest.mark.parametrize(("typed", "place"), [("1", 0), ("第二个", 1), ("3", 2), ("no. 3", 2)])
async def test_a_number_under_the_list_opens_that_notice(house: House, typed: str, place: int) -> None:
    asker = Asker(house)
    await asker.agree()
    found = names(await asker.say("老板不发工资怎么办"))
    reply = (await asker.say(typed)).replies[0]
    assert (reply.template, reply.data["notice"]) == ("say/notice", found[place])


async def test_a_number_that_is_not_in_the_list_answers_the_open_question(house: House) -> None:
    asker = Asker(house)
    await asker.agree()
    await asker.say("老板不发工资怎么办")
    assert (await asker.say("4")).replies[0].template != "say/notice"


async def test_the_longest_answers_fit_one_wechat_message(house: House) -> None:
    longest = sorted(house.words.library.notices.values(), key=lambda one: -len(one.words["en"].text))
    for language in ("zh", "en"):
        three = [one.name for one in longest[:3]]
        reply = Reply("say/law_found", {"names": three, "overdue": three, "question": "x"})
        (message,) = house.words.messages(Answered(b"", 0, language, (reply,)))
        assert len(compose((message,), 0, VOICE).encode()) < LIMIT


async def test_a_question_without_an_answer_is_kept_for_the_editor_once_with_its_number(house: House) -> None:
    asker, other = Asker(house), Asker(house, "other")
    for one in (asker, other):
        await one.agree()
        answered = await one.say("懂法：彩礼可以退吗")
        assert answered.replies[0].template == "say/law_none"
    assert await missed(house) == ["彩礼可以退吗"]
    (kept,) = await house.database.read(lambda unit: missed_searches.newest(unit, 10))
    assert kept.times == 2
    assert (await counted(house))["missed", ""] == 2


async def test_the_same_message_twice_is_counted_once(house: House) -> None:
    asker = Asker(house)
    await asker.agree()
    for _ in range(3):
        await asker.say("懂法：彩礼可以退吗", message_id="again")
    assert (await counted(house))["missed", ""] == 1


@pytest.mark.parametrize(
    "question",
    ["张伟的彩礼可以退吗", "我叫小明彩礼能退吗", "彩礼13812345678能退吗", "彩礼八八八八八能退吗",
     "can Bob keep the bride price",
     "is it true that Jack flies", "彩礼" * 40, "http://x.cn 彩礼", "彩礼@小芳"],
)  # fmt: skip
async def test_what_may_tell_who_is_meant_is_only_counted(house: House, question: str) -> None:
    asker = Asker(house)
    await asker.agree()
    await asker.say(f"懂法：{question}")
    assert await missed(house) == []
    assert (await counted(house))["missed", ""] == 1


async def test_before_consent_nothing_is_kept(house: House) -> None:
    asker = Asker(house)
    answered = await asker.say("懂法：彩礼可以退吗")
    assert answered.replies[0].template == "say/law_none"
    await asker.say(tap="law:repairs")
    assert await missed(house) == []
    assert await house.database.read(lambda unit: readings.of_accounts(unit, {1})) == {}


async def test_an_answer_of_ones_own_is_not_kept(house: House) -> None:
    asker = Asker(house)
    await asker.agree()
    for value in ("hukou_kind/elsewhere", "lodging/ordinary", "stay_length/longer", "subject/self"):
        await asker.say(form=f"migrant/{value}")
    await asker.say("341225199003071233")
    await asker.say("欧阳明")
    await asker.say("懂法：欧阳明的彩礼可以退吗")
    assert await missed(house) == []


async def test_who_says_that_nothing_fits_is_told_where_to_turn(house: House) -> None:
    asker = Asker(house)
    await asker.agree()
    await asker.say("老板不发工资怎么办")
    answered = await asker.say(tap="law:none")
    values = [choice.value for choice in answered.replies[0].choices]
    assert values == ["person", "law:free-legal-aid", "law:complain-within-two-years", "law", "continue"]
    assert await missed(house) == ["老板不发工资怎么办"]
    again = await asker.say(tap="law:none")
    assert again.replies[0].template == "say/law_none"
    assert (await counted(house))["none", ""] == 1


async def test_what_is_opened_is_counted_by_topic_and_notice_and_noted_with_the_account(house: House) -> None:
    asker = Asker(house)
    await asker.agree()
    await asker.say(tap="law:wages")
    await asker.say(tap="law:minimum-wage")
    await asker.say(tap="law:minimum-wage")
    found = await counted(house)
    assert found["topic", "wages"] == 1
    assert found["notice", "minimum-wage"] == 2
    read: Any = await house.database.read(lambda unit: readings.of_accounts(unit, {1}))
    assert list(read) == ["minimum-wage"]


async def test_what_was_read_and_played_can_be_taken_along(house: House) -> None:
    asker = Asker(house)
    await asker.agree()
    await asker.say(tap="law:minimum-wage")
    await asker.say(tap="quiz")
    copy: Any = await house.database.read(lambda unit: own.everything(unit, 1))
    assert [one["notice"] for one in copy["accounts"][0]["notices_about_the_law"]] == ["minimum-wage"]
    assert [len(one["notices"]) for one in copy["accounts"][0]["quizzes"]] == [5]


async def test_who_erases_their_data_is_sent_no_notices(house: House) -> None:
    asker = Asker(house)
    await asker.agree()
    await asker.say(tap="erase:yes")
    assert await house.database.read(lambda unit: topics.is_off(unit, 1, "legal"))


async def test_erasing_an_account_takes_what_it_read_along(house: House) -> None:
    asker = Asker(house)
    await asker.agree()
    await asker.say(tap="law:minimum-wage")
    await house.database.run(lambda unit: own.erase(unit, 1))
    assert await house.database.read(lambda unit: readings.of_accounts(unit, {1})) == {}
    await asker.say(tap="law:minimum-wage")
    await house.database.run(lambda unit: conversations.erase(unit, 1))
    assert await house.database.read(lambda unit: readings.of_accounts(unit, {1})) == {}
