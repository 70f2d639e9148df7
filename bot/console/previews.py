"""A broadcast as each channel will show it, with its length and what the platform allows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.channels.channel import Enclosed, Message, file_of, without_file
from bot.channels.telegram import compose as telegram
from bot.channels.wechat import compose as wechat
from bot.places import Filler, places
from bot.render import Words
from handlers.office.broadcasts import saying
from handlers.turns import Answered
from storage.broadcast_parts import Known
from storage.broadcasts import Content

LINK = re.compile(r"<a [^>]*>(.*?)</a>")


@dataclass(frozen=True, slots=True)
class Preview:
    """One channel's: the parts in which it is said, its buttons, the longest part's length and the limit; file: what
    goes along as itself and not as an address in the words; mass: whether it could go to many in one call."""

    channel: str
    parts: Sequence[str]
    buttons: Sequence[str]
    length: int
    limit: int
    mass: bool = False
    file: Enclosed | None = None


def previews(words: Words, content: Content, language: str, known: Known) -> Sequence[Preview]:
    """For somebody of whom that is known; the text must be a good one."""
    text = content.texts.get(language, "")
    filled = Filler(words).fill(language, text, known) or text
    said = saying.reply(content, 0, filled, personal=bool(places(text)))
    messages = words.messages(Answered(b"", 0, language, (said,)))
    labels = [button.label for message in messages for button in message.controls]
    return (
        _wechat(words, language, messages, personal=bool(places(text))),
        _telegram(messages, labels),
        _web(messages, labels),
    )


def sample(names: Mapping[str, str], language: str, area: str, today_on: date) -> Known:
    """An invented person."""
    return Known(names[language], area, today_on + timedelta(days=7))


def _wechat(words: Words, language: str, messages: Sequence[Message], *, personal: bool) -> Preview:
    """As a customer message; one to many has the address of a picture in its words."""
    linked = _pages(words, language, messages)
    file = file_of(messages)
    picture = file if file is not None and file.is_picture else None
    pages = linked if picture is None else _pages(words, language, without_file(messages))
    length = max((len(page.encode()) for page in linked), default=0)
    shown = [LINK.sub(r"\1", page) for page in pages]
    return Preview("wechat", shown, (), length, wechat.LIMIT, mass=len(linked) == 1 and not personal, file=picture)


def _pages(words: Words, language: str, messages: Sequence[Message]) -> Sequence[str]:
    return [page for page in wechat.push(messages, wechat.voice(words, language)) if page]


def _telegram(messages: Sequence[Message], labels: Sequence[str]) -> Preview:
    file = file_of(messages)
    parts = [str(call["text"]) for call in telegram.unasked("0", without_file(messages))]
    return Preview("telegram", parts, labels, max(map(telegram.units, parts), default=0), telegram.LIMIT, file=file)


def _web(messages: Sequence[Message], labels: Sequence[str]) -> Preview:
    parts = [message.text for message in messages]
    return Preview("web", parts, labels, sum(map(len, parts)), 0, file=file_of(messages))
