"""What people do with a broadcast, by the whole way of a message: confirm, answer; and a short one from staff."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.house import House
from handlers.messages import Incoming, Tap
from handlers.office import my_matters
from handlers.office import staff_chats as linking
from handlers.turns import Answered
from storage import broadcast_people, broadcasts, conversations, own, staff_chats
from storage.broadcasts import Content
from storage.unit import Unit
from tests.broadcasts.town import Town, town

READ = Content("停水", {"zh": "今晚停水。"}, ask="read")
ASK = Content("开会", {"zh": "周六开会，来吗？"}, ask="answer")


async def say(house: House, who: str, words: str, choice: Tap | None = None) -> Answered:
    key = f"m{who}{words}{choice}"
    return await house.chat.answer(Incoming("telegram", who, key, datetime.now(UTC), text=words, choice=choice))


def templates(answered: Answered) -> list[str]:
    return [reply.template for reply in answered.replies]


async def told(house: House, content: Content, *people: str) -> tuple[Town, int]:
    """People with no talk under way who have just heard a broadcast."""
    here = town(house)
    await here.people(*people)
    number = await here.started(content)
    await here.go()
    assert (await here.states(number))["sent"] == len(people)
    return here, number


@pytest.mark.parametrize("by", ["button", "words"])
async def test_somebody_confirms_that_they_have_read_it_once(house: House, by: str) -> None:
    here, number = await told(house, READ, "a", "b")
    choice = Tap("", "", f"read:{number}") if by == "button" else None
    for _ in range(2):
        answered = await say(house, "a", "" if choice else "我已看到", choice)
        assert templates(answered) == ["say/broadcast_read"]
    assert await here.run(lambda unit: broadcast_people.tally(unit, number)) == (1, 0)


async def test_confirming_what_one_never_heard_confirms_nothing(house: House) -> None:
    here, number = await told(house, READ, "a")
    answered = await say(house, "stranger", "", Tap("", "", f"read:{number}"))
    assert "say/broadcast_read" not in templates(answered)
    for wrong in ("read:x", "read:999", "read:99999999999999999999"):
        assert "say/broadcast_read" not in templates(await say(house, "b", "", Tap("", "", wrong)))
    assert await here.run(lambda unit: broadcast_people.tally(unit, number)) == (0, 0)


async def test_words_after_a_broadcast_that_asks_are_gathered_once(house: House) -> None:
    here, number = await told(house, ASK, "a")
    assert templates(await say(house, "a", "来，两个人")) == ["say/broadcast_answered"]
    assert "say/broadcast_answered" not in templates(await say(house, "a", "还有一件事"))
    assert templates(await say(house, "a", "回复：改成三个人"))[0] == "say/broadcast_answered"
    answers = await here.run(lambda unit: broadcast_people.answers(unit, number, 0, 10))
    assert [one.words for one in answers] == ["来，两个人", "改成三个人"]
    assert await here.run(lambda unit: broadcast_people.tally(unit, number)) == (0, 1)


async def test_a_broadcast_that_asks_nothing_takes_no_words(house: House) -> None:
    here, number = await told(house, READ, "a")
    assert "say/broadcast_answered" not in templates(await say(house, "a", "来，两个人"))
    assert templates(await say(house, "a", "回复"))[0] == "say/broadcast_how"
    assert await here.run(lambda unit: broadcast_people.answers(unit, number, 0, 10)) == ()


async def test_words_days_later_are_no_answer(house: House) -> None:
    here, number = await told(house, ASK, "a")
    long_ago = datetime.now(UTC) - timedelta(days=3)

    def age(unit: Unit) -> None:
        stored = long_ago if unit.is_postgres else long_ago.strftime("%Y-%m-%d %H:%M:%S.%f")
        unit.connection.execute(text("UPDATE broadcast_rows SET sent_at = :at"), {"at": stored})

    await here.run(age)
    assert "say/broadcast_answered" not in templates(await say(house, "a", "来，两个人"))
    assert await here.run(lambda unit: broadcast_people.answers(unit, number, 0, 10)) == ()


async def test_an_answer_is_shown_to_its_person_and_goes_at_their_word(house: House) -> None:
    here, number = await told(house, ASK, "a")
    await say(house, "a", "来，两个人")
    talk = await here.run(lambda unit: conversations.find(unit, "telegram", "a"))
    stored = await here.run(lambda unit: own.everything(unit, talk.id))
    assert [one["words"] for one in stored["accounts"][0]["answers_to_announcements"]] == ["来，两个人"]
    await here.run(lambda unit: own.erase(unit, talk.id))
    assert await here.run(lambda unit: broadcast_people.answers(unit, number, 0, 10)) == ()


async def linked(house: House, here: Town, role: str, who: str = "clerk") -> None:
    by = await here.publisher(f"{role}{who}", role)
    await say(house, who, "你好")
    code = await here.run(lambda unit: linking.new_code(unit, by.member, datetime.now(UTC)))
    assert "say/desk_linked" in templates(await say(house, who, f"工号 {code}"))


async def test_a_short_one_from_a_publishers_chat_is_approved_by_a_colleague(house: House) -> None:
    here = town(house)
    await linked(house, here, "publisher")
    answered = await say(house, "clerk", "/cast 今晚8点停水\n请储水")
    [draft] = answered.replies
    assert draft.template == "say/desk_cast"
    assert draft.data["missing"] == ["en"]
    propose, drop = (choice.value for choice in draft.choices)
    assert (await say(house, "clerk", "", Tap("", "", propose))).replies[0].data["done"]
    assert not (await say(house, "clerk", " ", Tap("", "", propose))).replies[0].data["done"]
    number = draft.data["number"]
    assert (await here.now(number)).content.texts == {"zh": "今晚8点停水\n请储水"}
    author_code = (await here.now(number)).author
    author = await here.run(lambda unit: staff_chats.member_of(unit, answered.conversation_id, datetime.now(UTC)))
    assert author is not None
    assert author.code == author_code
    other = await here.publisher("other")
    assert await here.act(other, number, "approve") == "done"
    assert (await say(house, "clerk", "", Tap("", "", drop))).replies[0].data["done"]
    assert (await here.now(number)).state == "discarded"


@pytest.mark.parametrize(
    ("words", "template"),
    [
        ("/cast", "say/desk_cast_how"),
        ("/cast " + "水" * 301, "say/desk_cast_how"),
        ("群发 {{ name }}", "say/desk_cast_how"),
    ],
)
async def test_what_is_no_short_broadcast_is_told_how(house: House, words: str, template: str) -> None:
    here = town(house)
    await linked(house, here, "publisher")
    assert template in templates(await say(house, "clerk", words))
    assert await here.run(lambda unit: broadcasts.listed(unit, None, 0, 10)) == ()


async def test_nobody_else_writes_broadcasts_from_a_chat(house: House) -> None:
    here = town(house)
    await linked(house, here, "reviewer")
    assert "say/desk_not_yours" in templates(await say(house, "clerk", "/cast 今晚停水"))
    await say(house, "stranger", "你好")
    assert "say/desk_cast" not in templates(await say(house, "stranger", "/cast 今晚停水"))
    assert not [t for t in templates(await say(house, "stranger", "", Tap("", "", "cast:propose:1:1"))) if "desk" in t]
    assert await here.run(lambda unit: broadcasts.listed(unit, None, 0, 10)) == ()


@pytest.mark.parametrize(("ask", "state", "act"), [("read", "asks_read", "read"), ("answer", "asks_answer", "")])
async def test_a_message_to_many_that_asks_for_a_word_stands_until_it_is_said(
    ask: str, state: str, act: str, house: House
) -> None:
    here, number = await told(house, READ if ask == "read" else ASK, "a")
    now = datetime.now(UTC)

    def look(unit: Unit, at: datetime) -> list[tuple[str, str]]:
        talk = conversations.find(unit, "telegram", "a")
        assert talk is not None
        found = my_matters.everything(unit, house.chat.office, talk.id, talk.holder_id, at)
        return [(one.state, one.act) for one in found if one.about == "broadcast"]

    def say(unit: Unit) -> None:
        talk = conversations.find(unit, "telegram", "a")
        assert talk is not None
        heard = broadcast_people.heard(unit, talk.id, talk.holder_id, number)
        assert heard is not None
        if ask == "read":
            broadcast_people.confirm(unit, heard.row, now)
        else:
            broadcast_people.keep_answer(unit, heard, talk.id, "来", now)

    assert await here.run(lambda unit: look(unit, now)) == [(state, act)]
    assert await here.run(lambda unit: look(unit, now + timedelta(days=40))) == []
    await here.run(say)
    assert await here.run(lambda unit: look(unit, now)) == []
