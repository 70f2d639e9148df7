"""A call of the Bot API: its parameters, and the limits that they keep to."""

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from tests.doubles.telegram_refusal import Refusal

TEXT_UNITS, CAPTION_UNITS = 4096, 1024
DATA_BYTES = 64
BUTTONS = 100
READ = frozenset({"text", "caption"})
ATTACHED = "attach://"


async def values_of(request: web.Request) -> dict[str, Any]:
    """The parameters, sent as JSON or as a form; lists and objects are JSON within a form."""
    if request.content_type == "application/json":
        return dict(orjson.loads(await request.read()))
    posted = await request.post()
    files = {name: value.file.read() for name, value in posted.items() if isinstance(value, web.FileField)}
    values = {name: _field(name, str(value)) for name, value in posted.items() if name not in files}
    attached = {
        name: files[str(value).removeprefix(ATTACHED)]
        for name, value in values.items()
        if str(value).startswith(ATTACHED)
    }
    return values | attached


def _field(name: str, value: str) -> Any:
    """Objects and lists come as JSON; what people read may begin with a bracket, too."""
    return orjson.loads(value) if name not in READ and value[:1] in ("[", "{") else value


def check_text(values: Mapping[str, Any]) -> None:
    """A message's words; Refusal."""
    text = str(values.get("text", "")).strip()
    if not text:
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > TEXT_UNITS:
        raise Refusal(400, "Bad Request: message is too long")


def check_caption(values: Mapping[str, Any]) -> None:
    """The words below a file; Refusal."""
    if len(str(values.get("caption", "")).encode("utf-16-le")) // 2 > CAPTION_UNITS:
        raise Refusal(400, "Bad Request: message caption is too long")


def check_keyboard(markup: Mapping[str, Any] | None) -> None:
    """Its buttons; Refusal."""
    keys = [key for row in (markup or {}).get("inline_keyboard", []) for key in row]
    if len(keys) > BUTTONS:
        raise Refusal(400, "Bad Request: reply markup is too long")
    if any(not 1 <= len(key["callback_data"].encode()) <= DATA_BYTES or not key["text"] for key in keys):
        raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
