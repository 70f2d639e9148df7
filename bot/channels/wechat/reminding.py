"""Which reminders WeChat takes without an open window: those that an approved template carries."""

from collections.abc import Iterator
from datetime import datetime

from bot.channels.wechat import incoming
from bot.channels.wechat.short import Shorts
from bot.channels.wechat.ways import REFUSED
from bot.render import Words
from bot.settings import Settings
from storage.reminder_lists import Carried, Silent

PREFIX = "remind/"


def silent(settings: Settings, words: Words, now: datetime) -> Silent:
    """WeChat as the list of reminders that reach nobody sees it."""
    shorts = Shorts(words, settings.wechat_templates, settings.wechat_notifications)
    carried = [one for language in words.languages for one in _carried(shorts, language)]
    return Silent(incoming.CHANNEL, carried, REFUSED.name, REFUSED.period(now))


def _carried(shorts: Shorts, language: str) -> Iterator[Carried]:
    """A language's reminders, by the notification that the person has to have agreed to."""
    found: dict[str, set[str]] = {}
    for entry, grant in shorts.carried(language, PREFIX):
        found.setdefault(grant, set()).add(entry)
    for grant, entries in found.items():
        yield Carried(language, entries, grant)
