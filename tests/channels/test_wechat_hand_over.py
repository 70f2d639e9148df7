"""A hand-over on WeChat: silence is an empty answer, and staff words go by the window or wait for the person."""

from datetime import UTC, datetime
from pathlib import Path

from handlers.office import answering
from handlers.office.answering import Clerk
from tests.channels.test_wechat_ways import Town, town

STAFF = Clerk("AB2CD3", None)


async def staff_say(there: Town, words: str) -> None:
    """A member answers in the console, and what is due is sent."""
    house, now = there.place.house, datetime.now(UTC)
    say = answering.say
    done = await house.database.run(lambda unit: say(unit, STAFF, 1, words, words, house.chat.office, now))
    assert done == "done"
    await there.send()


async def test_the_silence_is_an_empty_answer_and_staff_words_use_the_window(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        phone = there.place.phone
        for words in ("你好", "人工"):
            await phone.say(words)
        there.place.api.wrote(there.openid)
        assert await phone.say("我想问一下") == ""
        await staff_say(there, "您好")
        assert (there.seen(), await there.rows()) == (["customer"], [("sent", "")])


async def test_with_the_window_shut_staff_words_wait_until_the_person_writes(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        await there.place.phone.say("人工")
        await there.person(there.openid, window=0)
        await staff_say(there, "您好")
        assert await there.rows() == [("waiting", "no window")]
        there.place.api.wrote(there.openid)
        assert await there.place.phone.say("有人吗") == ""
        await there.send()
        assert await there.rows() == [("sent", "")]
