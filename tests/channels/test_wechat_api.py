"""What the channel says later, and fetches: against a server that speaks WeChat's API."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.channel import Button, FetchFailed, Message, Push, SendFailed
from bot.channels.wechat.endpoint import WeChatChannel
from bot.channels.wechat.errors import MEANINGS, failure, to_midnight
from handlers.messages import Choice
from tests.channels.wechat_house import Office, office
from tests.doubles.wechat import WINDOW
from tests.house import settings

SEND, TOKEN, MEDIA, MENU = (
    "/cgi-bin/message/custom/send", "/cgi-bin/stable_token", "/cgi-bin/media/get", "/cgi-bin/menu/create",
)  # fmt: skip
WORDS = (Message("您的登记已通过。"),)


async def follower(place: Office) -> str:
    """Somebody who wrote just now, once the menu is set, so that requests can be counted."""
    await place.api.menu_set.wait()
    place.api.calls.clear()
    place.api.wrote(place.phone.openid)
    return place.phone.openid


async def failed(place: Office, openid: str) -> SendFailed:
    """How sending fails."""
    with pytest.raises(SendFailed) as raised:
        await place.channel.send(openid, Push(WORDS))
    return raised.value


async def test_words_are_said_later_as_real_utf8(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        await place.channel.send(openid, Push(WORDS))
        assert place.api.texts_to(openid) == ["您的登记已通过。"]
        assert "您的登记已通过。".encode() in place.api.raw_bodies[-1]


async def test_all_replies_are_one_message_and_long_ones_several(tmp_path: Path) -> None:
    options = tuple(Button(f"第{n}", Choice(str(n), form="migrant", step="area"), n) for n in range(1, 41))
    async with office(tmp_path) as place:
        openid = await follower(place)
        await place.channel.send(openid, Push([*WORDS, Message("哪个社区？", options, short=5)]))
        texts = place.api.texts_to(openid)
        assert "您的登记已通过。\n\n哪个社区？" in texts[0]
        assert "40. " in texts[-1]
        assert 1 < len(texts) <= WINDOW


async def test_what_is_too_long_for_a_window_fills_the_window(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        await place.channel.send(openid, Push([Message("字" * 9000)]))
        assert len(place.api.texts_to(openid)) == WINDOW


async def test_the_token_is_fetched_once_for_all(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        place.api.expire_token()
        await asyncio.gather(*(place.channel.send(openid, Push(WORDS)) for _ in range(WINDOW)))
        assert place.api.calls[TOKEN] == 1
        assert len(place.api.texts_to(openid)) == WINDOW


async def test_a_token_near_its_end_is_not_used(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        place.api.expires_in = 299
        place.api.expire_token()
        await place.channel.send(openid, Push(WORDS))
        await place.channel.send(openid, Push(WORDS))
        assert place.api.calls[TOKEN] == 2


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_renewed_once_and_the_request_repeated(code: int, tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        place.api.errors[SEND] = [code]
        await place.channel.send(openid, Push(WORDS))
        assert len(place.api.texts_to(openid)) == 1
        assert (place.api.calls[TOKEN], place.api.calls[SEND]) == (1, 2)


async def test_a_token_refused_again_ends_the_attempt(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        place.api.errors[SEND] = [40001, 40001]
        assert (await failed(place, openid)).retryable
        assert place.api.calls[SEND] == 2


FAILURES = [
    (-1, True, False), (40003, False, True), (43004, False, True), (45015, False, False), (45047, False, False),
    (45009, True, False), (45011, True, False), (43101, False, False), (43019, False, True), (45002, False, False),
    (47003, False, False), (40037, False, False), (48001, False, False), (40200, False, False), (40164, False, False),
    (99999, False, False),
]  # fmt: skip


@pytest.mark.parametrize(("code", "retryable", "lost"), FAILURES)
async def test_an_error_in_the_body_is_a_failure(code: int, *, retryable: bool, lost: bool, tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        place.api.errors[SEND] = [code]
        failure = await failed(place, openid)
        assert (failure.retryable, failure.failure.reach is not None) == (retryable, lost)
        assert openid not in failure.reason
        assert "token-" not in failure.reason


async def test_who_did_not_write_or_got_five_messages_gets_no_more(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        assert (await failed(place, "oStranger")).reason == MEANINGS[45015].reason
        for _ in range(WINDOW):
            await place.channel.send(openid, Push(WORDS))
        assert (await failed(place, openid)).reason == MEANINGS[45047].reason


STATUSES = [(500, True), (502, True), (429, True), (404, False), (403, False)]


@pytest.mark.parametrize(("status", "retryable"), STATUSES)
async def test_a_status_is_a_failure(status: int, *, retryable: bool, tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        place.api.statuses[SEND] = [status]
        assert (await failed(place, openid)).retryable is retryable


async def test_an_empty_answer_is_no_success(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        place.api.statuses[SEND] = [200]
        assert (await failed(place, openid)).retryable


async def test_a_platform_that_is_away_may_be_tried_again(tmp_path: Path) -> None:
    async with office(tmp_path, wechat_api_base="http://127.0.0.1:9") as place:
        failure = await failed(place, "oPerson")
        assert (failure.retryable, failure.reason) == (True, "no connection")


@pytest.mark.parametrize("code", [40125, 40013, 40164])
async def test_an_account_set_up_wrongly_is_not_tried_again(code: int, tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        place.api.expire_token()
        place.api.errors[TOKEN] = [code]
        assert (await failed(place, openid)).reason == MEANINGS[code].reason


async def test_without_a_secret_the_account_only_answers(tmp_path: Path) -> None:
    async with office(tmp_path, wechat_app_id="", wechat_app_secret="") as place:
        assert await place.phone.say("你好")
        assert not (await failed(place, place.phone.openid)).retryable
        assert place.api.calls.total() == 0


async def test_the_days_quota_begins_anew_at_midnight_in_china() -> None:
    evening = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    assert to_midnight(evening) == 1800
    assert failure(45009, evening).failure.after == 1800
    assert failure(45011, evening).failure.after == 60


async def test_a_file_is_fetched_by_its_id(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        place.api.media["m1"] = b"\xff\xd8" + b"x" * 300_000
        assert await place.channel.fetch("m1") == place.api.media["m1"]


async def test_a_file_of_more_than_10_megabytes_is_not_taken(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        place.api.media["m1"] = bytes(10 * 1024 * 1024 + 1)
        with pytest.raises(FetchFailed) as failure:
            await place.channel.fetch("m1")
        assert not failure.value.retryable


async def test_a_video_is_only_an_address_and_not_taken(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        place.api.media["m1"] = b'{"video_url": "http://video.example/1"}'
        with pytest.raises(FetchFailed) as failure:
            await place.channel.fetch("m1")
        assert not failure.value.retryable


FETCHES = [([], False), ([40007], False), ([-1], True), ([45009], True), ([40001], False), ([40001, 40001], True)]


@pytest.mark.parametrize(("codes", "retryable"), FETCHES)
async def test_a_file_that_is_not_handed_over(codes: list[int], *, retryable: bool, tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.api.menu_set.wait()
        place.api.errors[MEDIA] = codes
        with pytest.raises(FetchFailed) as failure:
            await place.channel.fetch("gone")
        assert failure.value.retryable is retryable


async def test_the_menu_is_set_with_commands_as_keys(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.api.menu_set.wait()
        assert place.api.menu is not None
        register, own, help_ = place.api.menu["button"]
        assert register["key"] == "start"
        assert [button["key"] for button in own["sub_button"]] == [
            "matters",
            "permit",
            "certificate",
            "my_data",
            "change",
        ]
        assert [button["key"] for button in help_["sub_button"]] == ["law", "person", "check", "language", "my_homes"]


async def test_every_button_of_the_menu_is_answered(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.api.menu_set.wait()
        assert place.api.menu is not None
        groups = place.api.menu["button"]
        for button in (button for group in groups for button in group.get("sub_button", [group])):
            assert await place.phone.event(button["type"].upper(), EventKey=button["key"]), button["key"]


async def test_a_menu_that_is_refused_stops_nothing(tmp_path: Path) -> None:
    async with office(tmp_path, wechat_api_base="http://127.0.0.1:9") as place:
        assert await place.phone.say("你好")


async def test_stopping_twice_and_starting_again_is_fine(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.channel.stop()
        assert (await failed(place, "oPerson")).reason == "not started"
        await place.channel.start()
        await place.channel.send(await follower(place), Push(WORDS))


async def test_a_channel_never_started_can_be_stopped(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        idle = WeChatChannel(settings("sqlite:///unused.db", wechat_token="t"), place.house.chat)
        await idle.stop()
        assert [route.path for route in idle.routes()] == ["/wechat", "/wechat"]  # type: ignore[attr-defined]  # Route has it


async def test_a_long_push_that_stops_halfway_goes_on_where_it_stopped(tmp_path: Path) -> None:
    push = Push([Message("\n".join(f"{n:03}" + "字" * 600 for n in range(5)))], "en")
    async with office(tmp_path) as place:
        openid = await follower(place)
        assert place.channel.ways(push)[0].window == 5
        await place.channel.send(openid, Push(WORDS))
        with pytest.raises(SendFailed) as raised:
            await place.channel.send(openid, push)
        assert (raised.value.failure.closed, raised.value.failure.said) == (True, 4)
        place.api.wrote(openid)
        rest = replace(push, said=4)
        assert place.channel.ways(rest)[0].window == 1
        await place.channel.send(openid, rest)
        assert [text[:3] for text in place.api.texts_to(openid)[1:]] == ["000", "001", "002", "003", "004"]


async def test_copies_of_the_program_share_one_token_and_renew_it_once(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        openid = await follower(place)
        copies = [WeChatChannel(place.house.settings, place.house.chat) for _ in range(4)]
        for copy in copies:
            await copy.start()
        await asyncio.gather(*(copy.send(openid, Push(WORDS)) for copy in copies))
        assert place.api.calls[TOKEN] == 0
        place.api.expire_token()
        place.api.wrote(openid)
        await asyncio.gather(*(copy.send(openid, Push(WORDS)) for copy in copies))
        assert (place.api.calls[TOKEN], len(place.api.texts_to(openid))) == (1, 8)
        for copy in copies:
            await copy.stop()
