"""Talks over the webhook, as a person with Telegram has them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from handlers.office.homes import register
from storage import conversations
from tests.channels.telegram_house import Office, keys, office

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ADDRESS = "幸福路18号3幢502室"


def labels(message: dict[str, Any]) -> list[str]:
    """The words on a message's buttons."""
    return [key["text"] for key in keys(message)]


async def to_phone(there: Office) -> dict[str, Any]:
    """Answer until the telephone number is asked for."""
    await there.person.say("/start")
    for value in ("agree", "elsewhere", "ordinary", "longer", "self"):
        await there.person.choose(value)
    for text in ("341225199003071233", "李伟", "汉族", "安徽省阜南县王店镇李庄村3组12号"):
        shown = await there.person.say(text)
    assert await there.asked() == "phone"
    return shown


async def edited(there: Office, message: dict[str, Any]) -> dict[str, Any]:
    """A message after it was edited."""
    number, before = message["message_id"], dict(there.api.messages[message["message_id"]])
    await there.api.until(lambda: there.api.messages[number] != before)
    return there.api.messages[number]


@pytest.mark.parametrize(
    ("client", "language"),
    [("en", "en"), ("en-GB", "en"), ("zh-hans", "zh"), ("zh-hant", "zh"), ("", "zh")],
)
async def test_a_talk_begins_in_the_language_of_the_client(client: str, language: str, tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        there.person.language = client
        shown = await there.person.say("/start")
        assert labels(shown) == [there.house.words.label(language, "consent", value) for value in ("agree", "decline")]


async def test_a_deep_link_carries_the_home(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        code = await there.house.database.run(lambda unit: register(unit, "S01-01", ADDRESS, NOW))
        await there.person.say(f"/start home_{code}")
        address = str(there.person.id)
        found = await there.house.database.run(lambda unit: conversations.find(unit, "telegram", address))
        assert found is not None
        assert (found.scene, found.asked) == (code, "consent")


async def test_a_pressed_button_shows_what_was_chosen_and_takes_the_others_away(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        question = await there.person.say("/start")
        pressed = there.person.press("migrant/consent/agree")
        await there.person.give(pressed)
        after = await edited(there, question)
        assert after["text"] == f"{question['text']}\n\n✓ 同意"
        assert "reply_markup" not in after
        assert there.api.answered == [pressed["callback_query"]["id"]]


async def test_a_press_that_comes_again_changes_nothing_more(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        question = await there.person.say("/start")
        pressed = there.person.press("migrant/consent/agree")
        await there.person.give(pressed)
        after = dict(await edited(there, question))
        await there.person.give(pressed)
        await there.api.until(lambda: there.api.methods().count("editMessageText") == 2)
        assert there.api.messages[question["message_id"]] == after
        assert await there.asked() == "hukou_kind"


@pytest.mark.parametrize("data", ["migrant/consent/nonsense", "what?"])
async def test_a_press_that_is_not_taken_leaves_the_question_as_it_is(data: str, tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        question = await there.person.say("/start")
        await there.person.give(there.person.press(data))
        await there.api.until(lambda: there.api.answered)
        await there.channel.stop()
        assert there.api.messages[question["message_id"]] == question
        assert await there.asked() == "consent"


async def test_a_question_too_long_to_add_to_only_loses_its_buttons(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        question = await there.person.say("/start")
        question["text"] = "字" * 4095
        await there.person.give(there.person.press("migrant/consent/agree", shown=question))
        after = await edited(there, question)
        assert "reply_markup" not in after
        assert len(after["text"]) == 4095


async def test_sharing_the_number_is_offered_and_taken_only_if_it_is_ones_own(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        shown = await to_phone(there)
        asks = [key for row in shown["reply_markup"]["keyboard"] for key in row if key.get("request_contact")]
        assert [key["text"] for key in asks] == [there.house.words.label("zh", "commands", "share_contact")]
        for other in ({"user_id": 5}, {}):
            refused = there.person.message(contact={"phone_number": "8613912345678", "first_name": "芳", **other})
            text = (await there.person.give(refused))["text"]
            assert text.startswith(there.house.words.say("zh", "invalid/contact_not_own"))
            assert await there.asked() == "phone"
        own = {"phone_number": "8613812345678", "first_name": "伟", "user_id": there.person.id}
        await there.person.give(there.person.message(contact=own))
        assert await there.asked() == "education"


async def test_the_words_on_a_reply_keyboard_do_what_they_say(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        shown = await to_phone(there)
        back = there.house.words.label("zh", "commands", "back")
        assert back in [key["text"] for row in shown["reply_markup"]["keyboard"] for key in row]
        await there.person.say(back)
        assert await there.asked() == "hukou_address"


async def test_the_rest_of_a_long_list_is_one_press_away(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        await there.person.say("/start")
        for value in ("agree", "elsewhere", "ordinary", "longer", "self"):
            await there.person.choose(value)
        await there.person.say("341225199003071233")
        short = await there.person.say("李伟")
        assert len(keys(short)) < 20
        whole = await there.person.tap(there.house.words.label("zh", "commands", "more"))
        assert len(keys(whole)) > 56
        await there.person.tap("土家族")
        assert await there.asked() == "hukou_address"


async def test_commands_of_the_menu_are_understood(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        await there.person.say("/start@anju_bot")
        await there.person.choose("agree")
        shown = await there.person.say("/help@anju_bot")
        assert shown["text"].startswith(there.house.words.say("zh", "help/hukou_kind"))
        await there.person.say("/back")
        assert await there.asked() == "consent"
        shown = await there.person.say("/language")
        assert {key["callback_data"] for key in keys(shown)} == {"//language:zh", "//language:en"}
