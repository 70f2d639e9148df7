"""The channels there are, one entry each: which settings it needs, and how it is built."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.channel import Channel
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


CHANNELS: tuple[Entry, ...] = (Entry("web", is_on=lambda settings: True, hint="", build=build_web),)
