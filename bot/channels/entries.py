"""The channels there are, one entry each: which settings it needs, and how it is built."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.channel import Channel
from bot.channels.telegram import TelegramChannel
from bot.channels.terminal import TerminalChannel
from bot.channels.web import build_web
from bot.chat import Chat
from bot.delivery import Sender
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Entry:
    """A channel by name: whether the settings turn it on, what to set if not, and how it is built."""

    name: str
    is_on: Callable[[Settings], bool]
    hint: str
    build: Callable[[Settings, Chat, Sender], Channel]


def _wechat(settings: Settings, chat: Chat, sender: Sender) -> Channel:
    from bot.channels.wechat.endpoint import WeChatChannel  # with an HTTP client that others do without

    return WeChatChannel(settings, chat)


def _telegram(settings: Settings, chat: Chat, sender: Sender) -> Channel:
    return TelegramChannel(settings, chat)


def _terminal(settings: Settings, chat: Chat, sender: Sender) -> Channel:
    return TerminalChannel(chat, sys.stdout.write)


CHANNELS: tuple[Entry, ...] = (
    Entry("web", lambda settings: True, "always on", build_web),
    Entry("wechat", lambda settings: settings.wechat_is_on, "set ANJU_WECHAT_TOKEN to turn it on", _wechat),
    Entry(
        "telegram",
        lambda settings: settings.telegram_mode != "off",
        "set ANJU_TELEGRAM_MODE and ANJU_TELEGRAM_TOKEN to turn it on",
        _telegram,
    ),
    Entry("terminal", lambda settings: False, "talk by `anju chat`", _terminal),
)
