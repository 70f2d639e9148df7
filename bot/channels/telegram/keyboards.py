"""Buttons below a message: inline, or a reply keyboard where something of the client's is shared."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.channels.channel import Button, Message
from bot.channels.telegram import taps
from handlers.messages import Tap

MOST = 100  # buttons of one keyboard
ROOM = 80  # options of these; the rest is for the commands
SHORT_LABEL = 16
ROW_WIDTH = 24
ROW_CONTROLS = 3
MORE = "more"
SHARED = {"share_contact": "request_contact", "share_location": "request_location"}
NONE: dict[str, Any] = {"remove_keyboard": True}


@dataclass(frozen=True, slots=True)
class Key:
    """A button to be: its words, what pressing it sends, and what of the client's it asks for (else empty)."""

    label: str
    tap: Tap
    shares: str = ""


def keyboard(message: Message, page: int, more: str) -> dict[str, Any]:
    """The `reply_markup` of a message: part `page` of its options, its lines, its commands.

    `more`: the words of the button for the next part; empty for none.
    """
    options, is_rest_left = visible(message, page)
    rows = _in_pairs([_key(button) for button in options])
    rows += [[Key(more, Tap("", "", MORE))]] if is_rest_left and more else []
    room = max(MOST - len(options) - len(message.controls) - 1, 0)
    rows += _in_pairs([_key(button) for button in message.lines[:room]])
    rows += _packed([_key(button) for button in message.controls])
    if any(key.shares for row in rows for key in row):
        return _reply_keyboard(rows)
    return _inline_keyboard(rows) if rows else NONE


def visible(message: Message, page: int) -> tuple[tuple[Button, ...], bool]:
    """The options to show, and whether there are others: first the short list, then all, in parts of 80."""
    if page == 0 and message.short and message.short < len(message.options):
        return message.shown, True
    first = max(page - 1, 0) if message.short else page
    start = min(first * ROOM, max(len(message.options) - 1, 0) // ROOM * ROOM)
    return message.options[start : start + ROOM], start + ROOM < len(message.options)


def _key(button: Button) -> Key:
    return Key(button.label, button.choice.tap, SHARED.get(button.choice.value, ""))


def _reply_keyboard(rows: list[list[Key]]) -> dict[str, Any]:
    """Buttons that send their words, or share something; words are understood as the buttons are."""
    keys = [[{"text": key.label} | ({key.shares: True} if key.shares else {}) for key in row] for row in rows]
    return {"keyboard": keys, "one_time_keyboard": True, "resize_keyboard": True}


def _inline_keyboard(rows: list[list[Key]]) -> dict[str, Any]:
    keys = [[_inline(key) for key in row if taps.fits(key.tap)] for row in rows]
    return {"inline_keyboard": [row for row in keys if row]}


def _inline(key: Key) -> dict[str, Any]:
    return {"text": key.label, "callback_data": taps.encode(key.tap)}


def _in_pairs(keys: Sequence[Key]) -> list[list[Key]]:
    """Two in a row where all are short, else one."""
    most = 2 if all(width(key.label) <= SHORT_LABEL for key in keys) else 1
    return [list(keys[first : first + most]) for first in range(0, len(keys), most)]


def _packed(keys: Sequence[Key]) -> list[list[Key]]:
    """As many in a row as can be read there; what shares something has its own."""
    rows: list[list[Key]] = []
    for key in keys:
        if rows and _has_room(rows[-1], key):
            rows[-1].append(key)
        else:
            rows.append([key])
    return rows


def _has_room(row: list[Key], key: Key) -> bool:
    if key.shares or row[-1].shares or len(row) == ROW_CONTROLS:
        return False
    return sum(width(each.label) for each in (*row, key)) <= ROW_WIDTH


def width(label: str) -> int:
    """How wide words are; Chinese characters count double."""
    return sum(map(_columns, label))


@lru_cache(4096)
def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
