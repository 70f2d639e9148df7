"""Pressed buttons as callback data: `form/step/value`, at most 64 bytes (Bot API, InlineKeyboardButton)."""

from handlers.messages import Tap

LIMIT = 64
UNKNOWN = Tap("", "", "continue")


def encode(tap: Tap) -> str:
    """The data of a button: `migrant/sex/1`, `//back`, `//edit:phone`."""
    return f"{tap.form}/{tap.step}/{tap.value}"


def decode(data: str) -> Tap:
    """The tap; for data that isn't ours, that of going on, so that the present question is asked again."""
    parts = data.split("/", 2)
    return Tap(*parts) if len(parts) == len(("form", "step", "value")) and parts[-1] else UNKNOWN


def fits(tap: Tap) -> bool:
    """Whether a button can carry it; else the choice is typed."""
    return len(encode(tap).encode()) <= LIMIT
