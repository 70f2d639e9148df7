"""What is registered at the platform, and a platform that is away."""

from pathlib import Path

import pytest
import structlog

from bot.app import build_app, build_server
from bot.channels.telegram.commands import COMMANDS, lists
from tests.channels.telegram_house import SECRET, office
from tests.doubles.telegram import TOKEN, Refusal
from tests.house import opened, settings


async def test_the_commands_are_listed_in_each_language_and_for_everybody_in_chinese(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        await there.api.until(lambda: len(there.api.commands) == 3)
        label = there.house.words.label
        for code, language in (("", "zh"), ("zh", "zh"), ("en", "en")):
            expected = [{"command": name, "description": label(language, "commands", name)} for name in COMMANDS]
            assert there.api.commands[code] == expected
        assert all(command["description"] != command["command"] for command in there.api.commands["en"])


async def test_there_is_a_list_for_every_language_there_is(tmp_path: Path) -> None:
    async with opened(settings(f"sqlite:///{tmp_path / 'a.db'}")) as house:
        codes = [values.get("language_code") for values in lists(house.words)]
    assert codes == [None, *house.words.languages]


async def test_the_webhook_is_set_with_its_secret(tmp_path: Path) -> None:
    async with office(tmp_path, base_url="https://anju.example.gov.cn") as there:
        await there.api.until(lambda: there.api.webhook)
        assert there.api.webhook == {
            "url": "https://anju.example.gov.cn/telegram",
            "secret_token": SECRET,
            "allowed_updates": ["message", "callback_query", "my_chat_member"],
            "max_connections": "40",
        }


@pytest.mark.parametrize("method", ["setWebhook", "setMyCommands"])
async def test_what_fails_at_the_start_is_tried_until_it_succeeds(method: str, tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with office(tmp_path) as there:
            there.api.faults[method] = [Refusal(401, "Unauthorized"), Refusal(502, "Bad Gateway"), Refusal(429, "x")]
            await there.api.until(lambda: there.api.webhook and len(there.api.commands) == 3)
    outcomes = [entry["outcome"] for entry in logs if entry.get("doing") == method]
    assert outcomes[:3] == ["token refused", "HTTP 500", "too many messages"]


@pytest.mark.parametrize("mode", ["webhook", "polling"])
async def test_a_platform_that_is_away_does_not_stop_the_house(mode: str, tmp_path: Path) -> None:
    chosen = settings(
        f"sqlite:///{tmp_path / 'a.db'}",
        telegram_mode=mode,
        telegram_token=TOKEN,
        telegram_secret=SECRET,
        telegram_api_base="http://127.0.0.1:9",
    )
    async with opened(chosen) as house:
        server = build_server(house)
        assert "telegram" in server.channels
        async with server.lifespan(build_app(server)):
            assert (await house.chat.database.read(lambda unit: 1)) == 1


async def test_stopping_twice_is_stopping_once_and_it_can_begin_again(tmp_path: Path) -> None:
    async with office(tmp_path, mode="polling") as there:
        await there.channel.stop()
        await there.channel.stop()
        await there.channel.start()
        await there.api.put(there.person.message(text="你好"))
        await there.api.until(lambda: there.api.texts_to(there.person.id))
        assert await there.asked() == "consent"
