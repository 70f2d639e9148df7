"""The table of send errors, code by code: what becomes of the message and of the address, against the doubles."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.channel import Channel
from bot.channels.wechat.errors import MEANINGS, OLD_TOKEN
from bot.delivery import Sender
from bot.house import House
from handlers import turns
from handlers.messages import Reply
from handlers.turns import Answered
from storage import conversations, deliveries, ledger
from storage.deliveries import QUOTA, WAITING_FOR_THE_PERSON, Terms
from storage.ledger import Entry
from storage.unit import Unit
from tests.channels import telegram_house, wechat_house
from tests.doubles.telegram import Refusal
from tests.doubles.troubles import Trouble

SEND = "/cgi-bin/message/custom/send"
NOTICE = Terms("notice", urgent=True)
UNKNOWN_CODE = 99999


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the office finds afterwards: the row's state and reason, the address; when it goes on, in seconds.

    unknown: attempts of which nobody knows whether the person heard them.
    """

    state: str
    reason: str
    reach: str = "reachable"
    again: tuple[float, float] | None = None
    unknown: int = 0


SOON = (3.0, 8.0)
MINUTE = (59.0, 61.0)
DAY = (0.0, 86_401.0)
YEAR = (300 * 86_400.0, 400 * 86_400.0)


def fails(reason: str, reach: str = "reachable") -> Outcome:
    return Outcome("failed", reason, reach)


def waits(reason: str, again: tuple[float, float] = SOON) -> Outcome:
    return Outcome("waiting", reason, again=again)


WECHAT: Mapping[int, Outcome] = {
    -1: waits("the platform is busy"),
    40001: waits("access token refused"),
    40003: fails("no address of this account", "dead"),
    40007: fails("the file is gone"),
    40013: fails("app id wrong"),
    40014: waits("access token invalid"),
    40018: fails("menu label too long"),
    40033: fails("characters refused"),
    40037: fails("template unknown"),
    40125: fails("app secret wrong"),
    40164: fails("this server's address is not on the account's list"),
    40200: fails("not available to this kind of account"),
    42001: waits("access token expired"),
    43004: fails("no longer following", "unfollowed"),
    43019: fails("blocked by the account", "blocked"),
    40241: fails("said before"),
    40252: waits("the platform is still looking at its words", (1799.0, 1801.0)),
    43117: fails("too many to this person"),
    43101: fails("notification not granted"),
    45002: fails("message too long"),
    45009: waits(QUOTA, DAY),
    45011: waits("too many requests this minute", MINUTE),
    45015: waits(WAITING_FOR_THE_PERSON, YEAR),
    45047: waits(WAITING_FOR_THE_PERSON, YEAR),
    45028: fails("no message to many is left this month"),
    45065: fails("sent to them before"),
    47003: fails("template data wrong"),
    48001: fails("the account lacks the right"),
    UNKNOWN_CODE: fails(f"refused with code {UNKNOWN_CODE}"),
}
TELEGRAM: Mapping[str, tuple[Refusal, Outcome]] = {
    "wait": (Refusal(429, "Too Many Requests: retry after 7", retry_after=7), waits("too many messages", (6.0, 8.0))),
    "wait, for how long isn't told": (Refusal(429, "Too Many Requests"), waits("too many messages")),
    "blocked": (
        Refusal(403, "Forbidden: bot was blocked by the user"),
        fails("blocked by the person, or the account is gone", "blocked"),
    ),
    "account gone": (
        Refusal(403, "Forbidden: user is deactivated"),
        fails("blocked by the person, or the account is gone", "dead"),
    ),
    "no such chat": (Refusal(400, "Bad Request: chat not found"), fails("chat not found", "dead")),
    "too long": (Refusal(400, "Bad Request: message is too long"), fails("message is too long")),
    "another fault of ours": (Refusal(400, "Bad Request: can't parse entities"), fails("HTTP 400")),
    "wrong token": (Refusal(401, "Unauthorized"), waits("token refused")),
    "no such token": (Refusal(404, "Not Found"), waits("token unknown")),
    "another copy polls": (Refusal(409, "Conflict"), waits("another program takes the updates")),
    "out of order": (Refusal(500, "Internal Server Error"), waits("HTTP 500")),
    "bad gateway, which aiogram counts as out of order": (Refusal(502, "Bad Gateway"), waits("HTTP 500")),
}
BROADCAST = Terms("broadcast", urgent=True)
NOBODY_KNOWS = [
    (trouble, terms) for trouble in (Trouble.RESET_BEFORE, Trouble.RESET_AFTER) for terms in (NOTICE, BROADCAST)
]


async def outcome(house: House, channel: Channel, address: str, terms: Terms = NOTICE) -> Outcome:
    """Send one notice, once, and look at what is kept of it. The same message is not there for a second try now."""
    begun = datetime.now(UTC)

    def write(unit: Unit) -> int:
        found = conversations.find(unit, channel.name, address)
        assert found is not None
        said = turns.packed(Answered(b"", found.id, "zh", (Reply("say/resumed"),)))
        assert deliveries.enqueue(unit, "the notice", found.id, said, begun, terms)
        return found.id

    person = await house.database.run(write)
    sender = Sender(house.database, house.words, {channel.name: channel})
    assert await sender.send_due() >= 1
    assert await sender.send_due() == 0
    return await house.database.run(lambda unit: _found(unit, person, begun))


def _found(unit: Unit, person: int, begun: datetime) -> Outcome:
    (row,) = ledger.entries(unit)
    account = conversations.account(unit, person)
    assert account is not None
    return Outcome(row.state, row.reason, account.reach, _pause(row, begun), row.unknown)


def _pause(row: Entry, begun: datetime) -> tuple[float, float] | None:
    seconds = (row.due_at - begun) / timedelta(seconds=1)
    return (seconds, seconds) if row.state == "waiting" else None


def agree(found: Outcome, wanted: Outcome) -> None:
    """Compare; a pause may lie anywhere within the wanted range."""
    assert replace(found, again=None) == replace(wanted, again=None)
    if wanted.again is None:
        assert found.again is None
    else:
        assert found.again is not None
        assert wanted.again[0] <= found.again[0] <= wanted.again[1]


def test_no_code_of_wechats_table_is_left_out() -> None:
    assert set(WECHAT) == {*MEANINGS, UNKNOWN_CODE}


@pytest.mark.parametrize("code", WECHAT)
async def test_each_code_of_wechat(code: int, tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path) as there:
        await there.phone.say("你好")
        there.api.wrote(there.phone.openid)
        there.api.errors[SEND] = [code, code] if code in OLD_TOKEN else [code]
        agree(await outcome(there.house, there.channel, there.phone.openid), WECHAT[code])
        assert there.api.texts_to(there.phone.openid) == []


@pytest.mark.parametrize(("refusal", "wanted"), TELEGRAM.values(), ids=TELEGRAM)
async def test_each_refusal_of_telegram(refusal: Refusal, wanted: Outcome, tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path) as there:
        await there.person.say("你好")
        there.api.faults["sendMessage"] = [refusal]
        agree(await outcome(there.house, there.channel, str(there.person.id)), wanted)


def unknown(terms: Terms, wanted: Outcome) -> Outcome:
    """An attempt that may have been heard: a notice is tried again, a broadcast is not."""
    return replace(wanted, unknown=1) if terms is NOTICE else fails("unknown")


@pytest.mark.parametrize(("trouble", "terms"), NOBODY_KNOWS)
async def test_nobody_knows_whether_wechat_took_it(trouble: Trouble, terms: Terms, tmp_path: Path) -> None:
    async with wechat_house.office(tmp_path) as there:
        await there.phone.say("你好")
        there.api.wrote(there.phone.openid)
        there.api.troubles.next(trouble, path=SEND)
        found = await outcome(there.house, there.channel, there.phone.openid, terms)
        agree(found, unknown(terms, waits("no answer")))
        assert len(there.api.texts_to(there.phone.openid)) == (trouble is Trouble.RESET_AFTER)


@pytest.mark.parametrize(("trouble", "terms"), NOBODY_KNOWS)
async def test_nobody_knows_whether_telegram_took_it(trouble: Trouble, terms: Terms, tmp_path: Path) -> None:
    async with telegram_house.office(tmp_path) as there:
        await there.person.say("你好")
        before = len(there.api.texts_to(there.person.id))
        there.api.troubles.next(trouble, path="sendMessage")
        found = await outcome(there.house, there.channel, str(there.person.id), terms)
        agree(found, unknown(terms, waits("no connection")))
        assert len(there.api.texts_to(there.person.id)) - before == (trouble is Trouble.RESET_AFTER)
