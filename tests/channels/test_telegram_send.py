"""What is said later, and files: what each refusal of the Bot API means."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.channels.channel import Button, FetchFailed, Message, Push, SendFailed
from handlers.messages import Choice
from tests.channels.telegram_house import Office, keys, office
from tests.doubles.telegram import FILE_BYTES, Refusal
from tests.doubles.telegram_limits import Limits
from tests.doubles.troubles import Trouble

ADDRESS = "7000001"
NO_PATH = b'{"ok":true,"result":{"file_id":"f1","file_unique_id":"u"}}'
WORDS = [Message("证件快到期了。")]

REFUSALS: list[tuple[str, Refusal, dict[str, Any]]] = [
    ("too many", Refusal(429, "Too Many Requests: retry after 7", retry_after=7), {"retryable": True, "after": 7.0}),
    ("too many, for how long isn't told", Refusal(429, "Too Many Requests"), {"retryable": True}),
    ("blocked", Refusal(403, "Forbidden: bot was blocked by the user"), {"retryable": False, "reach": "blocked"}),
    ("account gone", Refusal(403, "Forbidden: user is deactivated"), {"retryable": False, "reach": "dead"}),
    (
        "no such chat",
        Refusal(400, "Bad Request: chat not found"),
        {"retryable": False, "reason": "chat not found", "reach": "dead"},
    ),
    ("another fault of ours", Refusal(400, "Bad Request: 李伟 123456"), {"retryable": False, "reason": "HTTP 400"}),
    ("wrong token", Refusal(401, "Unauthorized"), {"retryable": True, "reason": "token refused"}),
    ("no such token", Refusal(404, "Not Found"), {"retryable": True, "reason": "token unknown"}),
    ("out of order", Refusal(500, "Internal Server Error"), {"retryable": True}),
    ("bad gateway", Refusal(502, "Bad Gateway"), {"retryable": True}),
    ("restarting", Refusal(503, "restart"), {"retryable": True}),
]


async def refused(there: Office) -> SendFailed:
    """How sending fails."""
    with pytest.raises(SendFailed) as failed:
        await there.channel.send(ADDRESS, Push(WORDS))
    assert there.api.token not in repr(failed.getrepr(chain=True, showlocals=False))
    return failed.value


async def test_a_message_arrives_with_all_its_options(tmp_path: Path) -> None:
    options = tuple(Button(f"{n}", Choice(f"{n}", form="migrant", step="s"), n) for n in range(1, 21))
    async with office(tmp_path) as there:
        await there.channel.send(ADDRESS, Push([Message("证件快到期了。"), Message("<b>?</b> *x*", options, short=4)]))
        (message,) = there.api.messages.values()
        assert message["text"] == "证件快到期了。\n\n<b>?</b> *x*"
        assert len(keys(message)) == 20
        call = next(values for method, values in there.api.calls if method == "sendMessage")
        assert (call["chat_id"], call["link_preview_options"], "parse_mode" in call) == (
            ADDRESS,
            {"is_disabled": True},
            False,
        )


async def test_what_nobody_asked_for_leaves_open_keyboards_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        await there.channel.send(ADDRESS, Push(WORDS))
        assert "reply_markup" not in next(iter(there.api.messages.values()))


async def test_a_long_message_arrives_in_parts(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        there.api.limits = Limits()
        await there.channel.send(ADDRESS, Push([Message("甲" * 9000)]))
        assert there.api.violations == []
        assert [len(text) for text in there.api.texts_to(int(ADDRESS))] == [4096, 4096, 808]


@pytest.mark.parametrize(("refusal", "expected"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
async def test_each_refusal_says_what_to_do(refusal: Refusal, expected: dict[str, Any], tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        there.api.faults["sendMessage"] = [refusal]
        failed = await refused(there)
    wanted = {"after": None, "reach": None, "reason": failed.reason} | expected
    assert {name: getattr(failed.failure, name) for name in wanted} == wanted
    assert not any(personal in str(failed) for personal in ("李伟", ADDRESS, "123456"))


@pytest.mark.parametrize("answer", [(502, b"<html>Bad Gateway</html>"), (200, b""), (500, b'{"ok":false}')])
async def test_an_answer_that_is_none_may_pass(answer: tuple[int, bytes], tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        there.api.raw["sendMessage"] = [answer]
        assert (await refused(there)).retryable


async def test_what_was_taken_is_not_sent_again_however_odd_the_answer(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        there.api.raw["sendMessage"] = [(200, b'{"ok":true,"result":{"hologram":1}}')]
        await there.channel.send(ADDRESS, Push(WORDS))
        assert there.api.methods().count("sendMessage") == 1


async def test_without_a_connection_sending_may_pass(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with office(tmp_path, telegram_api_base="http://127.0.0.1:9") as there:
            failed = await refused(there)
    assert (failed.reason, failed.retryable) == ("no connection", True)
    assert there.api.token not in str(logs)


async def test_a_chat_that_has_moved_is_followed_once(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        await there.person.say("你好")
        there.api.migrated[there.person.id] = -100200
        await there.channel.send(ADDRESS, Push(WORDS))
        assert there.api.texts_to(-100200) == ["证件快到期了。"]
        assert (await there.asked("-100200"), await there.asked()) == ("consent", "")


async def test_a_chat_that_moves_on_and_on_is_given_up(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        there.api.migrated |= {7000001: -100200, -100200: -100300}
        assert not (await refused(there)).retryable


async def test_a_file_is_fetched(tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        there.api.files["f1"] = b"\xff\xd8" + bytes(200_000)
        assert await there.channel.fetch("f1") == there.api.files["f1"]


FILES: list[tuple[str, dict[str, Any], bool]] = [
    ("unknown", {}, False),
    ("too large for bots", {"files": {"f1": bytes(FILE_BYTES + 1)}}, False),
    ("larger than was said", {"files": {"f1": b"x"}, "raw": {"download": [(200, bytes(FILE_BYTES + 1))]}}, False),
    ("gone", {"files": {"f1": b"x"}, "raw": {"download": [(404, b"")]}}, False),
    ("out of order", {"files": {"f1": b"x"}, "raw": {"download": [(502, b"")]}}, True),
    ("too many", {"files": {"f1": b"x"}, "faults": {"getFile": [Refusal(429, "x", retry_after=5)]}}, True),
    ("without a path", {"raw": {"getFile": [(200, NO_PATH)]}}, False),
    ("an odd answer", {"raw": {"getFile": [(200, b'{"ok":true,"result":7}')]}}, False),
]  # fmt: skip


@pytest.mark.parametrize(("state", "retryable"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
async def test_a_file_that_cannot_be_fetched(state: dict[str, Any], retryable: bool, tmp_path: Path) -> None:
    async with office(tmp_path) as there:
        for name, value in state.items():
            getattr(there.api, name).update(value)
        with pytest.raises(FetchFailed) as failed:
            await there.channel.fetch("f1")
        assert failed.value.retryable is retryable


async def test_without_a_connection_fetching_may_pass(tmp_path: Path) -> None:
    async with office(tmp_path, telegram_api_base="http://127.0.0.1:9") as there:
        with pytest.raises(FetchFailed) as failed:
            await there.channel.fetch("f1")
        assert failed.value.retryable


async def test_a_long_message_that_stops_halfway_goes_on_where_it_stopped(tmp_path: Path) -> None:
    push = Push([Message("甲" * 4096 + "乙" * 4096)])
    async with office(tmp_path) as there:
        there.api.troubles.next(Trouble.ERROR, path="sendMessage")
        with pytest.raises(SendFailed) as failed:
            await there.channel.send(ADDRESS, push)
        assert failed.value.failure.said == 0
        await there.channel.send(ADDRESS, replace(push, said=1))
        assert there.api.texts_to(int(ADDRESS)) == ["乙" * 4096]
