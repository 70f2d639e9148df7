"""aiogram is loaded without building what nobody asks for, and what we call is checked all the same."""

import pytest
from pydantic import ValidationError

from bot.channels.telegram.library import METHODS, Bot


def test_only_what_is_called_is_built() -> None:
    from aiogram import types  # after the library, which loads it

    models = [getattr(types, name) for name in types.__all__]
    assert len([model for model in models if getattr(model, "__pydantic_complete__", False)]) < 20
    assert all(method.__pydantic_complete__ for method in METHODS.values())


def test_a_model_that_was_not_built_is_built_at_its_first_use() -> None:
    from aiogram import types

    assert types.User(id=1, is_bot=False, first_name="W").first_name == "W"


def test_what_the_bot_api_would_refuse_is_refused_here() -> None:
    with pytest.raises(ValidationError):
        METHODS["sendMessage"].model_validate({"chat_id": 1, "text": ["no text"]})


def test_a_bot_is_made_as_ever() -> None:
    assert Bot("42:TEST").id == 42
