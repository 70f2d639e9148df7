"""The program's settings where both platforms are doubles."""

from typing import Any

from bot.settings import Settings
from tests import house as houses
from tests.doubles.telegram import TelegramDouble
from tests.doubles.wechat import WeChatDouble


def settings(url: str, wechat: WeChatDouble, telegram: TelegramDouble, **more: Any) -> Settings:
    """Of a house on a database, whose updates come by webhook."""
    return houses.settings(
        url,
        wechat_token="t",  # noqa: S106 -- invented
        wechat_app_id=wechat.app_id,
        wechat_app_secret=wechat.secret,
        wechat_api_base=wechat.base,
        telegram_mode="webhook",
        telegram_token=telegram.token,
        telegram_secret="s",  # noqa: S106 -- invented
        telegram_api_base=telegram.base,
        **more,
    )
