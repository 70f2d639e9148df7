"""The quiz in the talk: what it asks about, one answer a question, the score on all of somebody's accounts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.wechat.compose import LIMIT, Voice, compose
from bot.house import House
from handlers.messages import Choice, Incoming, Reply, Tap
from handlers.office.quiz import QUESTIONS, chosen
from handlers.turns import Answered
from regulations.quiz import shuffled
from storage import quizzes
from storage.readings import Reading
from tests import house as houses

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
VOICE = Voice("点选或回复数字", "更多", "还有，点这里看")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(houses.migrated_file(tmp_path / "anju.db"))) as opened:
        yield opened


class Player:
    """Somebody who plays, and knows the answers."""

    def __init__(self, house: House, who: str = "me") -> None:
        self.house, self._who, self._said = house, who, 0

    async def say(self, text: str = "", tap: str = "") -> tuple[Reply, ...]:
        self._said += 1
        choice = Tap("", "", tap) if tap else None
        said = Incoming("engine", self._who, f"m{self._said}", NOW, text=text, choice=choice)
        return (await self.house.chat.answer(said)).replies

    def answer(self, question: Reply, *, right: bool) -> str:
        """The button of the right answer, or of a wrong one."""
        number = int(question.choices[0].value.split(":")[1])
        order = shuffled(number, question.data["notice"], sum(c.role == "option" for c in question.choices))
        place = next(place for place, option in enumerate(order) if (option == 0) == right)
        return question.choices[place].value


def question_of(replies: tuple[Reply, ...]) -> Reply:
    return next(reply for reply in replies if reply.template == "say/quiz_question")


async def test_five_questions_each_answered_with_its_article_and_a_score(house: House) -> None:
    player = Player(house)
    replies = await player.say("小测验")
    for number in range(QUESTIONS):
        asked = question_of(replies)
        assert (asked.data["number"], asked.data["of"]) == (number + 1, QUESTIONS)
        replies = await player.say(tap=player.answer(asked, right=number != 2))
        said = house.words.messages(Answered(b"", 0, "zh", replies[:1]))[0].text
        assert house.words.library.notices[asked.data["notice"]].words["zh"].sources[0].article in said
        assert ("答对了" in said) == (number != 2)
    assert replies[-1].template == "say/quiz_done"
    assert dict(replies[-1].data) == {"right": 4, "of": 5, "all_right": 4, "all": 5}


async def test_an_answer_pressed_again_or_another_one_changes_nothing(house: House) -> None:
    player = Player(house)
    asked = question_of(await player.say("小测验"))
    wrong, right = player.answer(asked, right=False), player.answer(asked, right=True)
    await player.say(tap=wrong)
    for press in (wrong, right, right):
        replies = await player.say(tap=press)
        assert [reply.template for reply in replies] == ["say/quiz_already", "say/quiz_question"]
    found = await house.database.read(lambda unit: quizzes.latest(unit, 1))
    assert found is not None
    assert (found.at, found.right) == (1, 0)


async def test_a_button_of_a_quiz_that_is_over_says_so(house: House) -> None:
    player = Player(house)
    replies = await player.say("小测验")
    first = player.answer(question_of(replies), right=True)
    for _ in range(QUESTIONS):
        replies = await player.say(tap=player.answer(question_of(replies), right=True))
    again = await player.say(tap=first)
    assert [reply.template for reply in again] == ["say/quiz_already", "say/quiz_done"]
    assert [reply.template for reply in await player.say(tap="quiz:999:0:0")] == ["say/quiz_over"]


async def test_the_next_quiz_asks_about_something_else(house: House) -> None:
    player = Player(house)
    asked: list[str] = []
    for _ in range(2):
        replies = await player.say("小测验")
        for _ in range(QUESTIONS):
            asked.append(question_of(replies).data["notice"])
            replies = await player.say(tap=player.answer(question_of(replies), right=True))
    assert len(set(asked)) == 2 * QUESTIONS


@pytest.mark.parametrize("option", ["", "9", "x", "-1", "0:0"])
async def test_a_button_that_means_nothing_asks_again(house: House, option: str) -> None:
    player = Player(house)
    await player.say("小测验")
    replies = await player.say(tap=f"quiz:1:0:{option}")
    assert [reply.template for reply in replies] == ["say/quiz_question"]


async def test_only_ones_own_quiz_can_be_answered(house: House) -> None:
    player, other = Player(house), Player(house, "other")
    asked = question_of(await player.say("小测验"))
    replies = await other.say(tap=player.answer(asked, right=True))
    assert replies[0].template == "say/quiz_over"
    found = await house.database.read(lambda unit: quizzes.latest(unit, 1))
    assert found is not None
    assert found.at == 0


LATER, EARLIER = NOW, NOW - timedelta(days=7)
THERE = ["a", "b", "c", "d", "e", "f", "g"]
CHOSEN = [
    ("nothing shown: the first ones", [], [], ["a", "b", "c", "d", "e"]),
    ("what was sent comes first", [Reading("g", LATER)], [], ["g", "a", "b", "c", "d"]),
    ("sent before opened", [Reading("f", None, None, LATER), Reading("g", LATER)], [], ["g", "f", "a", "b", "c"]),
    ("asked lately comes last", [Reading("g", LATER)], ["g", "a"], ["b", "c", "d", "e", "f"]),
    ("again where there is nothing else", [], THERE[:4], ["e", "f", "g", "a", "b"]),
    ("what has no question is left out", [Reading("z", LATER)], [], ["a", "b", "c", "d", "e"]),
]


@pytest.mark.parametrize(("shown", "lately", "expected"), [case[1:] for case in CHOSEN], ids=[c[0] for c in CHOSEN])
def test_what_a_quiz_asks_about(shown: list[Reading], lately: list[str], expected: list[str]) -> None:
    assert list(chosen(shown, lately, THERE)) == expected


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_answer_with_the_next_question_fits_one_wechat_message(house: House, language: str) -> None:
    ours = house.words.book.questions
    longest = max(ours, key=lambda name: len(house.words.library.notices[name].words[language].text))
    asks = max(ours, key=lambda name: len(ours[name][language].ask))
    options = tuple(Choice(f"quiz:999999:4:{n}", label="长" * 40) for n in range(4))
    replies = (
        Reply("say/quiz_answer", {"notice": longest, "right": False}),
        Reply("say/quiz_question", {"notice": asks, "number": 5, "of": 5}, options),
    )
    assert len(compose(house.words.messages(Answered(b"", 0, language, replies)), 0, VOICE).encode()) < LIMIT
