"""Choices as links of a text message: the client sends the link's words, the platform adds its id."""

import re
from urllib.parse import quote, unquote

from bot.channels.channel import Button
from handlers.messages import Tap

NAME = re.compile(r"[a-z_0-9]*")
LONGEST_ID = 256
UNSAFE = str.maketrans({character: quote(character) for character in " \"'<>&#%+?=\\\n"})
VISIBLE = str.maketrans({"<": "＜", ">": "＞", "\n": " "})


def encode(tap: Tap) -> str:
    """A tap as a link's id: `migrant.sex.1`, `..back`."""
    return f"{tap.form}.{tap.step}.{quote(tap.value, safe=':')}"


def decode(menu_id: str) -> Tap | None:
    """The tap in a link's id; None for ids that this program never wrote."""
    form, _, rest = menu_id.partition(".")
    step, dot, value = rest.partition(".")
    known = NAME.fullmatch(form) and NAME.fullmatch(step) and bool(form) == bool(step)
    if not (dot and value and known) or len(menu_id) > LONGEST_ID:
        return None
    return Tap(form, step, unquote(value))


def link(button: Button) -> str:
    """A button as a link. Chinese stays as it is, for that is how clients are known to read it."""
    return anchor(button.label, button.label, button.choice.tap)


def anchor(shown: str, said: str, tap: Tap) -> str:
    """A link that shows one thing and says another; neither can end it or hold another link."""
    address = f"weixin://bizmsgmenu?msgmenucontent={said.translate(UNSAFE)}&msgmenuid={encode(tap)}"
    return f'<a href="{address}">{shown.translate(VISIBLE)}</a>'


def harmless(text: str) -> str:
    """Somebody's words, in which nothing becomes a link of their making."""
    return text.replace("<", "＜")
