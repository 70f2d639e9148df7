"""What of a person is shown to whoever has not asked for the rest with a reason."""

from collections.abc import Callable, Mapping
from typing import Any

from handlers.office.certificates import masked as name

HIDDEN = "***"
SHORT = 8


def number(text: str) -> str:
    """An ID number or telephone number: enough to recognise it by whoever knows it."""
    if len(text) < SHORT:
        return HIDDEN
    return f"{text[:3]}{'*' * (len(text) - 5)}{text[-2:]}"


def whole(text: str) -> str:
    """Nothing of it."""
    return HIDDEN


MASKS: Mapping[str, Callable[[str], str]] = {
    "name": name,
    "agent_name": name,
    "landlord_name": name,
    "id_number": number,
    "agent_id_number": number,
    "phone": number,
    "landlord_phone": number,
    "birth_date": lambda day: f"{day[:4]}-**-**",
    "hukou_address": whole,
    "address": whole,
    "employer": whole,
    "school": whole,
}


def masked(step: str, value: Any) -> Any:
    """An answer's value with what identifies a person hidden; what says nothing of who it is stays."""
    mask = MASKS.get(step)
    return value if mask is None or not isinstance(value, str) or value == "none" else mask(value)
