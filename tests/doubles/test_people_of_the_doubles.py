"""A follower and a Telegram user who talk to the real program, through the doubles alone."""

from datetime import timedelta
from pathlib import Path

from bot.channels.channel import Message, Push
from tests.channels import telegram_house, wechat_house
from tests.doubles.telegram_user import TelegramUser
from tests.doubles.wechat_follower import Follower
from tests.doubles.wechat_phone import Phone, links

WORDS = (Message("您的登记已通过。"),)
LI = "oLi0000000000000000000000001"


def follower(place: wechat_house.Office) -> Follower:
    """Somebody new."""
    place.api.program = Phone(place.phone.url, place.phone.token, account=place.phone.account)
    return Follower(place.api, LI)


async def test_a_follower_is_answered_and_can_be_written_to(tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path) as place:
        person = follower(place)
        assert "安居" in await person.follow()
        assert await person.say("你好")
        await place.channel.send(LI, Push(WORDS))
        assert [seen.way for seen in place.api.seen] == ["reply", "reply", "customer"]
        assert place.api.seen_by(LI)[-1] == "您的登记已通过。"
        assert place.api.violations == []


async def test_a_tapped_link_goes_on_with_the_talk_and_opens_the_short_window_alone(tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path) as place:
        person = follower(place)
        first = links(await person.follow())[0]
        assert await person.press(first.says, first.id)
        assert {name: grant.left for name, grant in place.api.person(LI).grants.items()} == {"follow": 3, "menu": 3}


async def test_the_menu_is_answered_and_leaving_shuts_the_windows(tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path) as place:
        person = follower(place)
        assert await person.choose("help")
        assert await person.scan("desk1") is not None
        await person.unfollow()
        place.api.clock.forward(timedelta(seconds=1))
        assert place.api.person(LI).state == "unfollowed"


async def test_a_telegram_user_is_answered_by_the_webhook(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path) as there:
        await there.api.until(lambda: there.api.webhook)
        there.api.delivery.url = f"{there.person.url}/telegram"
        person = TelegramUser(there.api)
        assert await person.say("/start")
        assert there.api.seen_by(person.id)
        number, message = list(there.api.messages.items())[-1]
        assert await person.press(number, telegram_house.keys(message)[0]["callback_data"])
        assert len(there.api.seen_by(person.id)) > 1
        assert await person.block()


async def test_a_telegram_user_is_answered_by_polling(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path, mode="polling") as there:
        person = TelegramUser(there.api)
        await person.say("/start")
        await there.api.until(lambda: there.api.seen_by(person.id))
        assert [seen.way for seen in there.api.seen] == ["message"]
