"""What a broadcast says is put into words once for all who hear the same, and not kept where it is one person's."""

from collections.abc import Sequence
from typing import Any

import pytest

from bot.channels.channel import Message
from bot.render import Words
from bot.tongue import OfficeFacts
from bot.wordings import KEPT_SECONDS, MOST, Wordings
from handlers import turns
from handlers.messages import Reply
from handlers.office.broadcasts import saying
from handlers.turns import Answered
from regulations.pack import load
from storage.broadcasts import Content
from storage.records import Delivery


class Counting:
    """Words that count how often they are asked for."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.asked = 0

    def messages(self, answered: Answered) -> Sequence[Message]:
        self.asked += 1
        return self._words.messages(answered)


def heard_by(person: int, reply: Reply, language: str = "zh", kind: str = "broadcast") -> Delivery:
    said = turns.packed(Answered(b"", person, language, (reply,)))
    return Delivery(person, person, "wechat", f"o{person}", said, 0, 1, kind)


def cast(text: str = "请办理登记。", *, personal: bool = False) -> Reply:
    return saying.reply(Content(), 1, text, personal=personal)


@pytest.fixture
def counting() -> Any:
    return Counting(Words(load("cn-zj-hangzhou"), OfficeFacts(), tuple))


def test_everybody_hears_the_same_words_made_once(counting: Any) -> None:
    wordings = Wordings(counting)
    found = [wordings.of(heard_by(person, cast())) for person in range(1, 4)]
    assert counting.asked == 1
    assert [message.text for message in found[2].messages] == ["请办理登记。"]


def test_another_language_or_text_has_its_own(counting: Any) -> None:
    wordings = Wordings(counting)
    for delivery in (heard_by(1, cast()), heard_by(2, cast(), "en"), heard_by(3, cast("明天停水。"))):
        assert wordings.of(delivery).said == turns.unpacked(b"", delivery.conversation_id, delivery.message)
    assert counting.asked == 3


@pytest.mark.parametrize(
    "delivery", [heard_by(1, cast("李伟，您好", personal=True)), heard_by(1, Reply("say/law"), kind="notice")]
)
def test_what_is_one_persons_is_not_kept(delivery: Delivery, counting: Any) -> None:
    wordings = Wordings(counting)
    wordings.of(delivery)
    wordings.of(delivery)
    assert counting.asked == 2
    assert wordings._kept == {}


def test_words_are_made_anew_after_a_while_and_few_are_kept(counting: Any) -> None:
    time = [0.0]
    wordings = Wordings(counting, now=lambda: time[0])
    wordings.of(heard_by(1, cast()))
    time[0] = KEPT_SECONDS + 1
    wordings.of(heard_by(2, cast()))
    assert counting.asked == 2
    for number in range(3 * MOST):
        wordings.of(heard_by(number, cast(f"{number}")))
        assert len(wordings._kept) <= MOST
