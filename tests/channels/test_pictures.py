"""A broadcast's picture or document arrives as itself: uploaded once for everybody, and again when it is forgotten."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.channel import Button, Enclosed, Message, Push, SendFailed
from bot.channels.web.answers import message_json
from bot.house import House
from handlers.messages import Reply, control
from handlers.turns import Answered
from storage import broadcast_parts, broadcasts, uploads
from storage.audiences import Audience
from storage.broadcasts import Broadcast, Content
from storage.database import Database
from storage.unit import Unit
from tests.channels import telegram_house, wechat_house
from tests.channels.telegram_house import keys
from tests.doubles.wechat_meter import UPLOAD

ADDRESS = "7000001"
JPEG = b"\xff\xd8\xff\xe0invented"
PDF = b"%PDF-1.7 invented"
SHORT = "今晚8点停水。"
LONG = "请储水。" * 400
BUTTON = Button("已读", control("read:1"))
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)


def draft(unit: Unit) -> int:
    """A broadcast's number."""
    return broadcasts.add(
        unit, Broadcast(0, "draft", 1, "S01", "0007", Content("停水", {"zh": SHORT}), Audience()), NOW
    ).id


async def enclosed(house: House, name: str = "水管.jpg", content: bytes = JPEG) -> Enclosed:
    """A broadcast's file that the house keeps."""

    def write(unit: Unit) -> None:
        number = draft(unit)
        kind = "application/pdf" if name.endswith(".pdf") else "image/jpeg"
        broadcast_parts.attach(unit, number, "c0de", name, content, kind, NOW)

    await house.database.run(write)
    return Enclosed("c0de", name, f"{name}：https://town.example/f/c0de")


def told(file: Enclosed, text: str = SHORT, said: int = 0) -> Push:
    """A broadcast that brings it along."""
    return Push([Message(text, controls=(BUTTON,), file=file)], said=said, kind="broadcast")


def numbers(methods: Sequence[str], *names: str) -> list[int]:
    """How often each was called."""
    return [methods.count(name) for name in names]


async def test_short_words_stand_below_the_picture(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path) as there:
        file = await enclosed(there.house)
        await there.channel.send(ADDRESS, told(file))
        (message,) = there.api.messages.values()
        assert message["text"] == SHORT
        assert [key["text"] for key in keys(message)] == ["已读"]
        assert [there.api.files[shown] for _, shown in there.api.shown] == [JPEG]


async def test_long_words_follow_it_with_the_buttons(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path) as there:
        await there.channel.send(ADDRESS, told(await enclosed(there.house), LONG))
        picture, words = there.api.messages.values()
        assert (picture["text"], words["text"]) == ("", LONG)
        assert (keys(picture), len(keys(words))) == ([], 1)


async def test_a_document_arrives_by_its_name(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path) as there:
        await there.channel.send(ADDRESS, told(await enclosed(there.house, "通知.pdf", PDF)))
        assert numbers(there.api.methods(), "sendDocument", "sendPhoto", "sendMessage") == [1, 0, 0]
        assert [there.api.files[shown] for _, shown in there.api.shown] == [PDF]


async def test_many_at_once_share_one_upload(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path) as there:
        file = await enclosed(there.house)
        await asyncio.gather(*(there.channel.send(f"{7000001 + one}", told(file)) for one in range(12)))
        assert (there.api.uploads, len(there.api.shown)) == (1, 12)


async def test_an_id_that_telegram_forgot_is_made_anew(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path) as there:
        file = await enclosed(there.house)
        await there.channel.send(ADDRESS, told(file))
        there.api.files.clear()
        with pytest.raises(SendFailed) as failed:
            await there.channel.send(ADDRESS, told(file))
        assert failed.value.retryable
        await there.channel.send(ADDRESS, told(file))
        assert there.api.uploads == 2


async def test_whoever_blocked_the_bot_costs_no_new_upload(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path) as there:
        file = await enclosed(there.house)
        await there.channel.send(ADDRESS, told(file))
        there.api.blocked.add(7000002)
        with pytest.raises(SendFailed) as failed:
            await there.channel.send("7000002", told(file))
        assert failed.value.failure.reach == "blocked"
        await there.channel.send(ADDRESS, told(file))
        assert there.api.uploads == 1


async def test_a_file_that_is_gone_is_not_tried_again(tmp_path: Path) -> None:
    (tmp_path / "wechat").mkdir()
    async with telegram_house.office(tmp_path) as there, wechat_house.office(tmp_path / "wechat") as other:
        gone = Enclosed("gone", "水管.jpg", "")
        other.api.wrote(other.phone.openid)
        for channel, address in ((there.channel, ADDRESS), (other.channel, other.phone.openid)):
            with pytest.raises(SendFailed) as failed:
                await channel.send(address, told(gone))
            assert (failed.value.reason, failed.value.retryable) == ("the file is gone", False)


async def test_wechat_shows_the_picture_after_the_words(tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path) as there:
        file, openid = await enclosed(there.house), there.phone.openid
        there.api.wrote(openid)
        await there.channel.send(openid, told(file))
        words, picture = there.api.texts_to(openid)
        assert words.startswith(SHORT)
        assert "/f/c0de" not in words
        assert picture == "[uploaded-1]"
        assert there.api.media["uploaded-1"] == JPEG
        await there.channel.send(openid, told(file))
        assert there.api.calls[UPLOAD] == 1


async def test_wechat_forgets_it_and_only_the_picture_is_said_again(tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path) as there:
        file, openid = await enclosed(there.house), there.phone.openid
        there.api.wrote(openid)
        await there.channel.send(openid, told(file))
        there.api.uploaded.clear()
        with pytest.raises(SendFailed) as failed:
            await there.channel.send(openid, told(file))
        assert (failed.value.retryable, failed.value.failure.said) == (True, 1)
        await there.channel.send(openid, told(file, said=1))
        assert there.api.texts_to(openid)[2:] == [there.api.texts_to(openid)[0], "[uploaded-1]"]


async def test_wechat_counts_the_picture_and_falls_back_to_its_address(tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path) as there:
        file, openid = await enclosed(there.house), there.phone.openid
        whole, linked, mass = there.channel.ways(told(file))
        assert [(way.name, way.window) for way in (whole, linked)] == [("message", 2), ("linked", 1)]
        assert (mass.name, bool(mass.bundle)) == ("mass", True)
        assert [(way.name, way.window) for way in there.channel.ways(told(file, said=1))][:1] == [("message", 1)]
        there.api.wrote(openid)
        await there.channel.send(openid, told(file), "linked")
        (words,) = there.api.texts_to(openid)
        assert file.line in words
        assert there.api.calls[UPLOAD] == 0


async def test_wechat_links_to_a_document(tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path) as there:
        file, openid = await enclosed(there.house, "通知.pdf", PDF), there.phone.openid
        assert [way.name for way in there.channel.ways(told(file))] == ["message", "mass"]
        there.api.wrote(openid)
        await there.channel.send(openid, told(file))
        (words,) = there.api.texts_to(openid)
        assert file.line in words


def test_the_page_is_told_where_it_is() -> None:
    shown = message_json(Message(SHORT, file=Enclosed("c0de", "水管.jpg", "")))
    assert shown["file"] == {"path": "/f/c0de", "name": "水管.jpg", "picture": True}
    assert message_json(Message(SHORT))["file"] is None


async def test_the_words_bring_it_along_in_both_languages(tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path, base_url="https://town.example") as there:
        said = Reply("say/broadcast", {"text": SHORT, "link": "", "file": "c0de", "file_name": "水管.jpg", "ask": ""})
        lines = [
            message.words.splitlines()[-1]
            for code in ("zh", "en")
            for message in there.house.words.messages(Answered(b"", 0, code, (said,)))
        ]
        assert lines == ["水管.jpg：https://town.example/f/c0de", "水管.jpg: https://town.example/f/c0de"]


def test_what_a_platform_keeps_lapses_and_goes_with_the_file(database: Database) -> None:
    def live(unit: Unit) -> list[str | None]:
        number = draft(unit)
        broadcast_parts.attach(unit, number, "c0de", "a.jpg", JPEG, "image/jpeg", NOW)
        uploads.keep(unit, "c0de", "wechat:a", "one", NOW + timedelta(days=3))
        uploads.keep(unit, "c0de", "wechat:a", "two", NOW + timedelta(days=3))
        uploads.keep(unit, "c0de", "telegram:1", "three", None)
        later = NOW + timedelta(days=4)
        found = [
            uploads.known(unit, "c0de", account, at)
            for account, at in (("wechat:a", NOW), ("wechat:a", later), ("telegram:1", later), ("telegram:2", NOW))
        ]
        broadcast_parts.detach(unit, number)
        return [*found, uploads.known(unit, "c0de", "telegram:1", NOW)]

    assert database.run_now(live) == ["two", None, "three", None, None]
