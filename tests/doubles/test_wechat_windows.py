"""WeChat's windows for customer messages, code by code."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.doubles.wechat import WeChatDouble
from tests.doubles.wechat_client import LI, NOON, client
from tests.doubles.wechat_meter import CUSTOM
from tests.doubles.witness import Violation

Doing = Callable[[WeChatDouble, str], None]
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

WINDOWS: list[tuple[str, Doing, int, timedelta]] = [
    ("a message", WeChatDouble.wrote, 5, 48 * HOUR),
    ("a menu tap", WeChatDouble.tapped, 3, MINUTE),
    ("following", WeChatDouble.followed, 3, MINUTE),
    ("a scan", WeChatDouble.scanned, 3, MINUTE),
]
IDS = [row[0] for row in WINDOWS]


@pytest.mark.parametrize(("doing", "messages", "lasts"), [row[1:] for row in WINDOWS], ids=IDS)
async def test_a_window_takes_so_many_messages(doing: Doing, messages: int, lasts: timedelta) -> None:
    async with client() as program:
        doing(program.double, LI)
        await program.later(lasts - SECOND)
        assert [await program.custom() for _ in range(messages + 1)] == [0] * messages + [45047]
        assert program.double.seen_by(LI) == ["好"] * messages
        assert [violation.kind for violation in program.double.violations] == ["count"]


@pytest.mark.parametrize(("doing", "messages", "lasts"), [row[1:] for row in WINDOWS], ids=IDS)
async def test_a_window_shuts(doing: Doing, messages: int, lasts: timedelta) -> None:
    async with client() as program:
        doing(program.double, LI)
        await program.later(lasts)
        assert await program.custom() == 45015
        assert program.double.seen == []
        assert program.double.violations == [Violation("window", LI, NOON + lasts)]


async def test_triggers_do_not_add_up() -> None:
    async with client() as program:
        program.double.wrote(LI)
        program.double.tapped(LI)
        assert [await program.custom() for _ in range(6)] == [0] * 5 + [45047]


async def test_writing_again_opens_the_window_anew() -> None:
    async with client() as program:
        for _ in range(2):
            program.double.wrote(LI)
            assert [await program.custom() for _ in range(5)] == [0] * 5
        assert program.double.violations == []


async def test_a_tap_after_a_used_up_window_allows_three_more() -> None:
    async with client() as program:
        program.double.wrote(LI)
        assert [await program.custom() for _ in range(6)][-1] == 45047
        program.double.tapped(LI)
        assert [await program.custom() for _ in range(4)] == [0, 0, 0, 45047]


REFUSALS: list[tuple[str, Doing, int]] = [
    ("unfollowed", WeChatDouble.unfollowed, 45015),
    ("blacklisted", WeChatDouble.blacklisted, 43019),
]


@pytest.mark.parametrize(("doing", "code"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
async def test_who_may_not_be_written_to(doing: Doing, code: int) -> None:
    async with client() as program:
        program.double.wrote(LI)
        doing(program.double, LI)
        assert await program.custom() == code
        assert [(call.code, call.person) for call in program.double.refused] == [(code, LI)]


async def test_who_never_wrote_has_no_window() -> None:
    async with client() as program:
        assert await program.custom() == 45015


async def test_an_openid_of_another_account_is_unknown() -> None:
    async with client() as program:
        assert await program.custom("oSomebody") == 40003


async def test_who_comes_back_begins_anew() -> None:
    async with client() as program:
        program.double.wrote(LI)
        program.double.unfollowed(LI)
        program.double.followed(LI)
        assert [await program.custom() for _ in range(4)] == [0, 0, 0, 45047]


LENGTHS = [("字" * 682 + "ab", 0), ("字" * 682 + "abc", 45002), ("", 44004)]


@pytest.mark.parametrize(("text", "code"), LENGTHS)
async def test_a_text_has_at_most_2048_bytes(text: str, code: int) -> None:
    async with client() as program:
        program.double.wrote(LI)
        assert await program.custom(LI, text) == code
        assert len(program.double.seen) == (code == 0)


async def test_an_error_planted_by_a_test_is_a_refusal_and_no_violation() -> None:
    async with client() as program:
        program.double.errors[CUSTOM] = [45009]
        program.double.wrote(LI)
        assert [await program.custom() for _ in range(2)] == [45009, 0]
        assert ([call.code for call in program.double.refused], program.double.violations) == ([45009], [])
