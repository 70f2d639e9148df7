"""Messages as calls of sendMessage: texts within the limit, and their keyboards."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.channel import Button, Message
from bot.channels.telegram import keyboards, taps
from bot.channels.telegram.commands import COMMANDS
from bot.channels.telegram.compose import LIMIT, compose, split, unasked, units
from handlers.forms.entries import FORMS
from handlers.messages import Choice, Tap, control
from tests.doubles.telegram import TelegramDouble
from tests.house import opened, settings

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MORE = "更多"
EIGHT = "八个汉字正好这样"


def options(*labels: str) -> tuple[Button, ...]:
    """Options of a question, numbered from 1."""
    return tuple(
        Button(label, Choice(f"{number:02}", form="migrant", step="s"), number)
        for number, label in enumerate(labels, 1)
    )


def many(number: int) -> tuple[Button, ...]:
    """That many short options."""
    return options(*(f"族{n}" for n in range(1, number + 1)))


def commands(*names: str) -> tuple[Button, ...]:
    """Commands whose labels are their names."""
    return tuple(Button(name, control(name)) for name in names)


def rows(message: Message, page: int = 0) -> list[list[str]]:
    """The words on a message's buttons, row by row."""
    markup = keyboards.keyboard(message, page, MORE)
    return [[key["text"] for key in row] for row in markup.get("inline_keyboard") or markup["keyboard"]]


def labels(message: Message, page: int) -> list[str]:
    """The words on all buttons, in order."""
    return [label for row in rows(message, page) for label in row]


LAYOUTS: list[tuple[str, Message, list[list[str]]]] = [
    ("short options in pairs", Message("?", options("男", "女", EIGHT)), [["男", "女"], [EIGHT]]),
    ("one long option: each has its row", Message("?", options("男", EIGHT + "长")), [["男"], [EIGHT + "长"]]),
    ("commands share a row", Message("?", controls=commands("back", "skip", "help")), [["back", "skip", "help"]]),
    ("at most three", Message("?", controls=commands("a", "b", "c", "d")), [["a", "b", "c"], ["d"]]),
    ("long ones less", Message("?", controls=commands("back", "help", EIGHT + EIGHT)), [["back", "help"], [EIGHT * 2]]),
    (
        "options, the rest, lines, commands",
        Message("?", options("a", "b", "c"), options("姓名", "性别"), commands("send"), short=2),
        [["a", "b"], [MORE], ["姓名", "性别"], ["send"]],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("message", "expected"), [row[1:] for row in LAYOUTS], ids=[row[0] for row in LAYOUTS])
def test_buttons_stand_in_rows(message: Message, expected: list[list[str]]) -> None:
    assert rows(message) == expected


def test_after_more_all_options_are_shown() -> None:
    message = Message("?", many(58), short=8)
    assert len(rows(message)) == 4 + 1
    assert labels(message, 1) == [button.label for button in message.options]


@pytest.mark.parametrize("short", [0, 8])
def test_more_options_than_a_keyboard_holds_come_in_parts(short: int) -> None:
    message = Message("?", many(190), controls=commands("back", "help"), short=short)
    first = 1 if short else 0
    parts = [labels(message, first + part) for part in range(3)]
    assert [len(part) for part in parts] == [80 + 3, 80 + 3, 30 + 2]
    assert [label for part in parts for label in part if label.startswith("族")] == [b.label for b in message.options]
    assert rows(message, first + 9) == rows(message, first + 2)


def test_a_choice_that_does_not_fit_in_a_button_is_left_to_typing() -> None:
    long = Button("长", Choice("值" * 30, form="migrant", step="s"), 1)
    assert rows(Message("?", (long, *options("短")))) == [["短"]]


def test_sharing_needs_a_reply_keyboard_whose_words_are_understood() -> None:
    message = Message("?", options("一", "二"), controls=commands("share_contact", "back", "help"))
    assert keyboards.keyboard(message, 0, MORE) == {
        "keyboard": [
            [{"text": "一"}, {"text": "二"}],
            [{"text": "share_contact", "request_contact": True}],
            [{"text": "back"}, {"text": "help"}],
        ],
        "one_time_keyboard": True,
        "resize_keyboard": True,
    }


def test_a_location_is_asked_for_alike() -> None:
    markup = keyboards.keyboard(Message("?", controls=commands("share_location")), 0, MORE)
    assert markup["keyboard"] == [[{"text": "share_location", "request_location": True}]]


def test_one_turn_is_one_message_with_the_last_keyboard() -> None:
    calls = compose("71", [Message("收到。"), Message("性别？", options("男"))], 0, MORE)
    assert calls == (
        {
            "chat_id": 71,
            "text": "收到。\n\n性别？",
            "link_preview_options": {"is_disabled": True},
            "reply_markup": {"inline_keyboard": [[{"text": "男", "callback_data": "migrant/s/01"}]]},
        },
    )


def test_the_keyboard_is_the_last_there_is() -> None:
    (call,) = compose("71", [Message("?", options("男")), Message("再见。")], 0, MORE)
    assert call["reply_markup"]["inline_keyboard"][0][0]["text"] == "男"


def test_without_buttons_an_open_keyboard_is_taken_away_unless_nobody_asked() -> None:
    (call,) = compose("71", [Message("再见。")], 0, MORE)
    assert call["reply_markup"] == {"remove_keyboard": True}
    (call,) = unasked("71", [Message("再见。")])
    assert "reply_markup" not in call


def test_nothing_said_is_no_call() -> None:
    assert compose("71", [], 0, MORE) == ()
    assert unasked("71", [Message(" ")]) == ()


TEXTS = [
    ("just fits", "字" * LIMIT, [LIMIT]),
    ("one too many", "字" * (LIMIT + 1), [LIMIT, 1]),
    ("emoji count double", "😀" * (LIMIT // 2 + 1), [LIMIT, 2]),
    ("an emoji across the limit is not torn", "字" + "😀" * (LIMIT // 2), [LIMIT - 1, 2]),
    ("cut between paragraphs", "字" * 3000 + "\n\n" + "句。" * 1000, [3000, 2000]),
    ("else between lines", "字" * 3000 + "\n" + "句。" * 1000, [3000, 2000]),
    ("else after a sentence", "字" * 3000 + "。" + "字" * 2000, [3001, 2000]),
    ("but not so early that parts become many", "字" * 10 + "\n" + "字" * LIMIT, [LIMIT, 11]),
]


@pytest.mark.parametrize(("text", "lengths"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS])
def test_long_texts_are_cut_where_they_can_be(text: str, lengths: list[int]) -> None:
    parts = split(text)
    assert [units(part) for part in parts] == lengths
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_what_does_not_fit_together_goes_in_several_messages() -> None:
    calls = compose("71", [Message("甲" * 3000), Message("乙" * 3000), Message("丙", options("男"))], 0, MORE)
    assert [call["text"][0] + call["text"][-1] for call in calls] == ["甲甲", "乙丙"]
    assert ["reply_markup" in call for call in calls] == [False, True]


async def test_every_choice_of_every_form_fits_into_a_button(tmp_path: Path) -> None:
    async with opened(settings(f"sqlite:///{tmp_path / 'a.db'}")) as house:
        words, areas = house.words.vocabularies["zh"].labels, house.areas()
    steps = [(form.name, step) for form in FORMS.values() for step in form.steps]
    found = {Tap(form, step.name, value) for form, step in steps for value in words.get(step.codes, ())}
    found |= {Tap(form, step.name, area.code) for form, step in steps for area in areas}
    found |= {Tap(form, step.name, value) for form, step in steps for value in words.get(step.name, ())}
    found |= {Tap("", "", f"edit:{step.name}") for _, step in steps}
    found |= {Tap("", "", name) for name in words["commands"]}
    assert len({tap.value for tap in found if tap.step == "ethnicity"}) > 56
    assert [tap for tap in found if not taps.fits(tap)] == []
    assert [tap for tap in found if taps.decode(taps.encode(tap)) != tap] == []
    assert set(COMMANDS) <= set(words["commands"])


async def test_every_keyboard_is_one_that_the_platform_takes() -> None:
    double = TelegramDouble()
    message = Message("?", many(300), many(40), commands(*(f"c{n}" for n in range(8))))
    taken: list[Any] = [double.take("sendMessage", call) for call in compose("71", [message], 1, MORE)]
    assert len(taken) == 1
