"""aiogram, loaded without the models that nobody asks for.

While it is imported aiogram builds validators for some 700 classes, each with all it refers to: 125 MiB and seconds of
CPU (its issue 1513). We call ten methods and read no result as a model, so only those ten are built here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, Optional, Union, cast

from pydantic import BaseModel, ConfigDict

__all__ = ["METHODS", "AiohttpSession", "Bot", "BufferedInputFile", "TelegramAPIServer", "exceptions"]


def _put(name: str, value: object) -> None:
    setattr(BaseModel, name, value)


@contextmanager
def _unbuilt() -> Iterator[None]:
    """Models declared meanwhile are built at their first use: what aiogram asks for (`defer_build`) and then undoes."""
    rebuild, settings = BaseModel.__dict__["model_rebuild"], BaseModel.model_config
    _put("model_rebuild", classmethod(lambda model, **options: None))
    _put("model_config", ConfigDict(defer_build=True))
    try:
        yield
    finally:
        _put("model_rebuild", rebuild)
        _put("model_config", settings)


with _unbuilt():
    from aiogram import Bot, exceptions, methods, types
    from aiogram.client.default import Default
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import BufferedInputFile


def _built(method: type[methods.TelegramMethod[Any]]) -> type[methods.TelegramMethod[Any]]:
    """A method whose result stays as it came."""
    raw: Any = type(method.__name__, (method,), {"__module__": __name__, "__returning__": Any})
    raw.model_rebuild(_types_namespace=_NAMES)
    return cast("type[methods.TelegramMethod[Any]]", raw)


_NAMES: Mapping[str, object] = {
    **{name: getattr(types, name) for name in types.__all__},
    **{"List": list, "Optional": Optional, "Union": Union, "Literal": Literal, "Default": Default},
}
METHODS: Mapping[str, type[methods.TelegramMethod[Any]]] = {
    method.__api_method__: _built(method)
    for method in (
        methods.SendMessage,
        methods.SendPhoto,
        methods.SendDocument,
        methods.EditMessageText,
        methods.EditMessageReplyMarkup,
        methods.AnswerCallbackQuery,
        methods.SetWebhook,
        methods.DeleteWebhook,
        methods.SetMyCommands,
        methods.GetFile,
    )
}
