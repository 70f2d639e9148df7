"""A turn's messages as calls of `sendMessage`: as few as the limit allows."""

from collections.abc import Sequence
from typing import Any

from bot.channels.channel import Enclosed, Message, without_file
from bot.channels.telegram.keyboards import NONE, keyboard

LIMIT = 4096  # UTF-16 code units
CAPTION = 1024  # the same, below a picture or a document
ALL = 1  # the page that shows all options
GAP = "\n\n"
BREAKS = ("\n\n", "\n", "。", ". ", " ")
PLAIN = {"link_preview_options": {"is_disabled": True}}

Call = dict[str, Any]


def compose(address: str, messages: Sequence[Message], page: int, more: str) -> tuple[Call, ...]:
    """The calls in order, the buttons on the last; none where nothing is said. Plain text: nothing in it is markup."""
    texts = joined([part for message in messages for part in split(message.words)])
    calls = [_call(address, text) for text in texts]
    if calls:
        calls[-1]["reply_markup"] = _buttons(messages, page, more)
    return tuple(calls)


def unasked(address: str, messages: Sequence[Message]) -> tuple[Call, ...]:
    """The same for what nobody has just asked for: all options, and a keyboard that is open stays."""
    calls = compose(address, messages, ALL, "")
    if calls and calls[-1]["reply_markup"] is NONE:
        del calls[-1]["reply_markup"]
    return calls


def enclosing(address: str, messages: Sequence[Message], file: Enclosed) -> tuple[Call, ...]:
    """The same with a file, named by its code: short words stand below it, longer ones follow it."""
    calls = unasked(address, without_file(messages))
    field = "photo" if file.is_picture else "document"
    sent = {"chat_id": int(address), field: file.code}
    if len(calls) != 1 or units(calls[0]["text"]) > CAPTION:
        return (sent, *calls)
    below = {key: value for key, value in calls[0].items() if key == "reply_markup"}
    return ({**sent, "caption": calls[0]["text"], **below},)


def split(text: str) -> list[str]:
    """A text in parts that can be sent, cut where a paragraph, a line or a sentence ends if possible."""
    parts: list[str] = []
    rest = text.strip()
    while units(rest) > LIMIT:
        head = _head(rest)
        parts.append(head.rstrip())
        rest = rest[len(head) :].lstrip()
    return [*parts, rest] if rest else parts


def joined(texts: Sequence[str]) -> list[str]:
    """Texts with blank lines between, as many in one as can be sent."""
    filled: list[str] = []
    for text in texts:
        together = GAP.join([*filled[-1:], text])
        if filled and units(together) <= LIMIT:
            filled[-1] = together
        else:
            filled.append(text)
    return filled


def units(text: str) -> int:
    """The length as Telegram counts it: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def _call(address: str, text: str) -> Call:
    return {"chat_id": int(address), "text": text, **PLAIN}


def _buttons(messages: Sequence[Message], page: int, more: str) -> dict[str, Any]:
    """Those of the last message that has some."""
    found = (keyboard(message, page, more) for message in reversed(messages))
    return next((markup for markup in found if markup is not NONE), NONE)


def _head(text: str) -> str:
    """As much as can be sent, up to the best place to break in its second half."""
    whole = text.encode("utf-16-le")[: LIMIT * 2].decode("utf-16-le", "ignore")
    for sign in BREAKS:
        at = whole.rfind(sign, len(whole) // 2)
        if at > 0:
            return whole[: at + len(sign)]
    return whole
