"""What the page is answered, as JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any

import orjson
import structlog
from starlette.responses import Response

from bot import metrics
from bot.channels.bodies import BodyRefused, CutOff, TooBig
from bot.channels.channel import Button, Enclosed, Message
from bot.channels.web.requests import ForeignRequest, UnreadableMessage
from bot.channels.web.talk import PageWords
from handlers.turns import Answered

log = structlog.get_logger(__name__)

RETRY_SECONDS = 2
SLOW_SECONDS = 10
STATUS = {ForeignRequest: 403, TooBig: 413, CutOff: 400, UnreadableMessage: 400}


def as_json(body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response that nobody on the way may keep."""
    kept = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    return Response(orjson.dumps(body), status, kept, media_type="application/json")


def told(answered: Answered, messages: Sequence[Message]) -> Response:
    """A turn's answer; after `more` with every option."""
    everything = answered.page > 0
    body = {
        "messages": [message_json(message, everything=everything) for message in messages],
        "language": answered.language,
        "again": answered.rejoined,
    }
    return as_json(body)


def message_json(message: Message, *, everything: bool = False) -> dict[str, Any]:
    """A message as the page shows it; `short`: how many options at first, 0 for all."""
    return {
        "text": message.text,
        "options": [_button(button) for button in message.options],
        "lines": [_button(button) for button in message.lines],
        "controls": [_button(button) for button in message.controls],
        "short": 0 if everything else message.short,
        "file": _file(message.file),
    }


def refused(refusal: ForeignRequest | BodyRefused | UnreadableMessage) -> Response:
    """A request that was not read, and why."""
    metrics.REJECTED.labels("web", type(refusal).__name__).inc()
    sentence = str(refusal) or (type(refusal).__doc__ or "").strip()
    return as_json({"error": sentence}, STATUS[type(refusal)])


def unsaved(words: PageWords, language: str) -> Response:
    """Nothing was saved: the page keeps the message and sends it again."""
    return as_json({"error": words.say(language, "say/not_saved")}, 503, {"Retry-After": str(RETRY_SECONDS)})


def too_fast(words: PageWords, language: str) -> Response:
    """Nothing was saved of a flood: the page keeps the message and sends it again, slowly."""
    return as_json({"error": words.say(language, "say/too_fast")}, 429, {"Retry-After": str(SLOW_SECONDS)})


def trouble(words: PageWords, language: str, fault: Exception) -> Response:
    """A fault of the program; the log gets its kind and place, never its text, which may hold an answer."""
    frame = extract_tb(fault.__traceback__)[-1]
    log.error("web_fault", fault=type(fault).__name__, at=f"{Path(frame.filename).name}:{frame.lineno}")
    return as_json({"error": words.say(language, "say/trouble")}, 500)


def _file(file: Enclosed | None) -> dict[str, Any] | None:
    return None if file is None else {"path": file.path, "name": file.name, "picture": file.is_picture}


def _button(button: Button) -> dict[str, Any]:
    tap = button.choice.tap
    choice = {"form": tap.form, "step": tap.step, "value": tap.value}
    return {"label": button.label, "number": button.number, "choice": choice}
