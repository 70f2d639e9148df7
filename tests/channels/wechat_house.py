"""A house with the WeChat channel, its API double, and a follower, for tests."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.channels.wechat.endpoint import WeChatChannel
from bot.chat import Chat
from bot.house import House
from storage import conversations
from tests.doubles.wechat import WeChatDouble, wechat_double
from tests.doubles.wechat_phone import Phone, served
from tests.house import migrated_file, opened, settings

TOKEN = "token-of-the-server-page"
ACCOUNT = "gh_0123456789ab"
NEW_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg"
FOREIGN_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"


@dataclass
class Office:
    """Everything a test talks to."""

    house: House
    channel: WeChatChannel
    api: WeChatDouble
    phone: Phone

    async def asked(self) -> str:
        """The step that the person is at."""
        openid = self.phone.openid
        found = await self.house.database.run(lambda unit: conversations.find(unit, "wechat", openid))
        return "" if found is None else found.asked


@asynccontextmanager
async def office(
    folder: Path, *, wrap: Callable[[Chat], Chat] = lambda chat: chat, patience: float = 4.5, **changes: Any
) -> AsyncIterator[Office]:
    """The house with the channel, served; `wrap` puts something between channel and talk."""
    async with wechat_double() as api:
        values = {
            "wechat_token": TOKEN,
            "wechat_app_id": api.app_id,
            "wechat_app_secret": api.secret,
            "wechat_account": ACCOUNT,
            "wechat_api_base": api.base,
            **changes,
        }
        async with opened(settings(migrated_file(folder / "anju.db"), **values)) as house:
            channel = WeChatChannel(house.settings, wrap(house.chat), patience=patience)
            async with served(channel.routes()) as url:
                await channel.start()
                try:
                    yield Office(house, channel, api, Phone(url, TOKEN))
                finally:
                    await channel.stop()
