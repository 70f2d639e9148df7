"""A record with some fields changed is what dataclasses.replace makes of it."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.messages import Choice, Reply
from handlers.turns import Turn
from storage.changed import changed
from storage.records import Answer, Conversation
from tests.conftest import NOW

TALK = Conversation(7, "telegram", "12", "zh", answers={"name": Answer("given", "李伟")}, updated_at=NOW, version=3)


def test_a_changed_record_is_the_replaced_one_and_the_old_one_stays() -> None:
    before = replace(TALK)
    assert changed(TALK, asked="name", version=4) == replace(TALK, asked="name", version=4)
    assert changed(Turn(TALK, ()), finished=True) == replace(Turn(TALK, ()), finished=True)
    assert changed(Reply("ask/name"), choices=(Choice("1"),)) == Reply("ask/name", choices=(Choice("1"),))
    assert before == TALK


def test_a_field_that_is_none_is_refused() -> None:
    unknown: dict[str, Any] = {"askd": "name"}
    with pytest.raises(KeyError):
        changed(TALK, **unknown)
