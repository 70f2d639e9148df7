"""Senders that die, are paused, or are two: nothing is lost, and a double needs an attempt that nobody knows of."""

import asyncio
import random
import signal

import pytest

from tests.faults.sending import LEASE, SenderProcess, fill, finish, kill_often, more_than, outcome, platform_served
from tests.postgres import fresh_database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

MESSAGES = 4000  # more than leave between so many kills
KILLS = {"sqlite": 20, "postgresql": 8}


async def test_a_sender_killed_at_random_moments_loses_nothing(database_url: str) -> None:
    chance = random.Random(7)  # noqa: S311 -- moments, not secrets
    kills = KILLS[database_url.partition(":")[0]]
    found, killed = await kill_often(database_url, MESSAGES, kills, chance)
    assert killed == kills
    assert found.open == found.lost == 0
    assert found.doubled <= found.unknown
    assert {(state, reason) for _, state, reason in found.states} <= {("sent", ""), ("failed", "unknown")}
    assert sum(found.states.values()) == MESSAGES
    given_up = {kind: found.states[kind, "failed", "unknown"] for kind in ("notice", "broadcast")}
    assert given_up["broadcast"] + 3 * given_up["notice"] <= found.unknown


async def test_two_copies_send_nothing_twice(database_url: str) -> None:
    await fill(database_url, 600)
    async with platform_served() as (platform, api):
        copies = [SenderProcess(database_url, api) for _ in range(2)]
        for copy in copies:
            await copy.start()
        await finish(database_url, api, platform)
        for copy in copies:
            await copy.kill()
        found = await outcome(database_url, platform)
    assert (found.open, found.lost, found.doubled, found.unknown) == (0, 0, 0, 0)
    assert platform.heard.total() == 600


async def test_a_copy_that_was_paused_past_its_lease_sends_nothing_twice(postgres_server: str) -> None:
    """On a server: a copy that is stopped while it writes to SQLite keeps the file's lock, and nobody else writes."""
    with fresh_database(postgres_server) as database_url:
        await _pause_and_resume(database_url)


async def _pause_and_resume(database_url: str) -> None:
    await fill(database_url, 800)
    async with platform_served() as (platform, api):
        first, second = (SenderProcess(database_url, api) for _ in range(2))
        await first.start()
        await more_than(platform, 40)
        first.signal(signal.SIGSTOP)
        before = platform.heard.total()
        await second.start()
        await more_than(platform, before + 40)
        first.signal(signal.SIGCONT)
        await finish(database_url, api, platform)
        for copy in (first, second):
            await copy.kill()
        found = await outcome(database_url, platform)
    assert found.open == found.lost == 0
    assert found.doubled <= found.unknown
    assert all(count <= 2 for count in platform.heard.values())


async def test_when_the_sending_copy_dies_the_other_goes_on(database_url: str) -> None:
    await fill(database_url, 3000)
    async with platform_served() as (platform, api):
        platform.slow = 0.05
        first, second = (SenderProcess(database_url, api) for _ in range(2))
        await first.start()
        await more_than(platform, 0)
        await second.start()
        await asyncio.sleep(LEASE.total_seconds())
        await first.kill()
        on_their_way = 20
        await more_than(platform, platform.heard.total() + on_their_way)
        await second.kill()
        found = await outcome(database_url, platform)
    assert found.open > 0
    assert found.doubled <= found.unknown
