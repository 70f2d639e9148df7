"""Logs: JSON lines in production, readable ones while developing. Fields never hold anything personal."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import orjson
import structlog


def configure(*, as_json: bool, level: int = logging.INFO, for_good: bool = False) -> None:
    """Set up structlog and let the libraries' own logs go the same way, their texts being free of data.

    for_good: it isn't set up again in this process, so that each logger is put together once and not for each line.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = (
        structlog.processors.JSONRenderer(_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, _without_values, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *names: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=for_good,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s", force=True)


def _json(event: structlog.typing.EventDict, default: Callable[[Any], Any]) -> str:
    """A line as JSON; what orjson refuses (half a character, a number beyond 64 bits) the slower library writes."""
    try:
        return orjson.dumps(event, default).decode()
    except TypeError:
        return json.dumps(event, default=default)


def _without_values(logger: object, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception is told by its class and place: its text may quote what somebody wrote."""
    error = event.pop("exc_info", None)
    found = error if isinstance(error, BaseException) else sys.exc_info()[1] if error else None
    if found is not None:
        event["error"] = type(found).__name__
        event["at"] = _places(found)
    return event


def _places(error: BaseException) -> list[str]:
    """File and line of each step that led to it, innermost last."""
    places = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return places[-6:]
