"""WeChat's tokens, code by code."""

from datetime import timedelta

import pytest

from tests.doubles.troubles import Trouble
from tests.doubles.wechat_client import LI, client
from tests.doubles.wechat_meter import STABLE, TOKEN, Cap

MINUTE = timedelta(minutes=1)


async def test_the_stable_token_stays_the_same_until_it_nears_its_end() -> None:
    async with client() as program:
        first = program.token
        program.double.clock.forward(114 * MINUTE)
        assert (await program.fetch())["access_token"] == first
        program.double.clock.forward(MINUTE)
        answer = await program.fetch()
        assert (answer["access_token"] == first, answer["expires_in"]) == (False, 7200)


async def test_the_time_left_is_told() -> None:
    async with client() as program:
        program.double.clock.forward(10 * MINUTE)
        assert (await program.fetch())["expires_in"] == 6600


async def test_a_replaced_stable_token_holds_to_its_end_and_then_has_expired() -> None:
    async with client() as program:
        program.double.wrote(LI)
        first = program.token
        program.double.clock.forward(115 * MINUTE)
        await program.fetch()
        program.token = first
        assert await program.custom() == 0
        program.double.clock.forward(5 * MINUTE)
        assert await program.custom() == 42001


TOKENS = [("", 41001), ("token-of-nobody", 40014)]


@pytest.mark.parametrize(("token", "code"), TOKENS)
async def test_a_token_that_never_was(token: str, code: int) -> None:
    async with client() as program:
        program.token = token
        assert await program.custom() == code


async def test_a_token_invalidated_before_its_time_is_refused_until_a_new_one_is_fetched() -> None:
    async with client() as program:
        program.double.wrote(LI)
        program.double.troubles.next(Trouble.TOKEN_GONE)
        assert await program.custom() == 40001
        await program.fetch()
        assert await program.custom() == 0


async def test_a_forced_token_ends_the_last_at_once() -> None:
    async with client() as program:
        first = program.token
        assert (await program.fetch(force=True))["access_token"] != first
        program.token = first
        assert await program.custom() == 40001


async def test_forcing_is_allowed_every_half_minute_and_twenty_times_a_day() -> None:
    async with client() as program:
        assert "access_token" in await program.fetch(force=True)
        assert (await program.fetch(force=True))["errcode"] == 45011
        for _ in range(19):
            program.double.clock.forward(MINUTE)
            assert "access_token" in await program.fetch(force=True)
        program.double.clock.forward(MINUTE)
        assert (await program.fetch(force=True))["errcode"] == 45009
        assert [violation.kind for violation in program.double.violations] == ["force", "force"]


async def test_the_older_kind_ends_the_last_after_five_minutes_and_leaves_the_stable_one_alone() -> None:
    async with client() as program:
        program.double.wrote(LI)
        stable = program.token
        first = (await program.fetch_plain())["access_token"]
        second = (await program.fetch_plain())["access_token"]
        assert [await program.custom_with(token) for token in (stable, first)] == [0, 0]
        program.double.clock.forward(5 * MINUTE)
        assert [await program.custom_with(token) for token in (stable, first, second)] == [0, 40001, 0]


ASKED = [
    ({"grant_type": "x"}, 40002),
    ({"force_refresh": "yes"}, 40002),
    ({"appid": "wxOther"}, 40013),
    ({"secret": "guessed"}, 40125),
]


@pytest.mark.parametrize(("changes", "code"), ASKED)
async def test_who_asks_wrongly_gets_no_token(changes: dict[str, str], code: int) -> None:
    async with client() as program:
        double = program.double
        asked = {"grant_type": "client_credential", "appid": double.app_id, "secret": double.secret, **changes}
        assert (await program.http.post(STABLE, json=asked)).json()["errcode"] == code


async def test_tokens_are_limited_by_the_minute_and_the_day() -> None:
    async with client() as program:
        program.double.meter.caps = {STABLE: Cap(per_minute=2), TOKEN: Cap(per_day=1)}
        assert [(await program.fetch()).get("errcode", 0) for _ in range(3)][-1] == 45011
        assert [(await program.fetch_plain()).get("errcode", 0) for _ in range(2)] == [0, 45009]
