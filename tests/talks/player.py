"""Plays a transcript through a way in, and compares what was answered and what was stored."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.house import House
from handlers.messages import Reply, Tap
from handlers.office.homes import register
from storage import homes, submissions
from storage.records import Answer, Submission
from storage.unit import Unit
from tests.talks import listed, office
from tests.talks.transcript import Exchange, Transcript, line_of, numberless

ZONE = ZoneInfo("Asia/Shanghai")
MEMBER = "! member "
WORKS = "! works on lists"
_DAYS_AGO = re.compile(r"\{-(\d+) ([^}]+)\}")
NOTED = ("code", "invitation")


class WayIn(Protocol):
    """The engine or a channel, as a transcript sees it."""

    house: House
    can: frozenset[str]
    platform: listed.Platform

    async def type(self, who: str, text: str) -> Sequence[Reply]:
        """The person types something."""
        ...

    async def tap(self, who: str, tap: Tap, last: Sequence[Reply]) -> Sequence[Reply]:
        """The person presses a button of the last answer, or an old one."""
        ...

    async def act(self, who: str, kind: str, argument: str) -> Sequence[Reply]:
        """Anything else: a photo, a place, opening the talk …"""
        ...


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a talk: the answers' lines, and the submissions in the order they were sent."""

    lines: tuple[tuple[str, ...], ...]
    sent: tuple[Submission, ...]


async def play(transcript: Transcript, way: WayIn) -> Played:
    """Say everything, in order."""
    known = {"home": await _home(way) if transcript.has_home else ""}
    who, seen = "me", 0
    last: tuple[Reply, ...] = ()
    lines: list[tuple[str, ...]] = []
    for exchange in transcript.exchanges:
        kind, _, argument = exchange.said[1:].partition(" ") if exchange.said.startswith("~") else ("", "", "")
        if exchange.said.startswith(MEMBER):
            role, replies = exchange.said.removeprefix(MEMBER), tuple[Reply, ...]()
            known["code"] = await office.code_of_member(way.house, role, getattr(way, "now", None))
        elif exchange.said == WORKS:
            await listed.work(way.house, way.platform)
            seen, replies = await office.told(way.house, seen)
        elif exchange.said.startswith("! "):
            replies = await office.act(way.house, exchange.said.removeprefix("! "), getattr(way, "now", None))
            seen, _ = await office.told(way.house, seen)
            known |= await way.house.database.read(office.codes_given)
        elif kind == "told":
            seen, replies = await office.told(way.house, seen)
        elif kind == "as":
            who, replies = argument, tuple[Reply, ...]()
        else:
            replies = tuple(await _done(way, who, (kind, argument), exchange, last, known))
        known |= {name: str(reply.data[name]) for reply in replies for name in NOTED if name in reply.data}
        last = replies or last
        lines.append(tuple(line_of(reply) for reply in replies))
    return Played(tuple(lines), await way.house.database.read(_submissions))


async def _done(
    way: WayIn, who: str, act: tuple[str, str], exchange: Exchange, last: Sequence[Reply], known: Mapping[str, str]
) -> Sequence[Reply]:
    """What the person does: says the code that was given, scans, or anything else."""
    kind, argument = act
    if kind == "code":
        return await way.type(who, f"{argument} {known.get('code', '')}".strip())
    if kind == "open":
        return await way.act(who, kind, await _scene(way, argument, known))
    return await way.act(who, kind, argument) if kind else await _said(way, who, exchange, last)


async def _said(way: WayIn, who: str, exchange: Exchange, last: Sequence[Reply]) -> Sequence[Reply]:
    said = exchange.said
    if not (said.startswith("[") and said.endswith("]")):
        return await way.type(who, dated(said))
    parts = said[1:-1].split("/")
    if len(parts) > 1:
        return await way.tap(who, Tap(*parts), last)
    choices = [choice for reply in last for choice in reply.choices if choice.value == parts[0]]
    if not choices:
        raise AssertionError(f"nothing to tap for {said}")
    return await way.tap(who, choices[-1].tap, last)


def dated(said: str) -> str:
    """`{-4 %d/%m}` as the day four days ago, written so."""
    today = datetime.now(UTC).astimezone(ZONE).date()
    return _DAYS_AGO.sub(lambda found: (today - timedelta(days=int(found[1]))).strftime(found[2]), said)


async def _home(way: WayIn) -> str:
    now = datetime.now(UTC)
    return await way.house.database.run(lambda unit: register(unit, "S01-02", "幸福路9号2幢101室", now))


async def _scene(way: WayIn, argument: str, known: Mapping[str, str]) -> str:
    """What a code carries: a home's that is there, an invitation's, the newest home's or its room's (`door 302`)."""
    where, _, room = argument.partition(" ")
    code = known.get(where, "")
    if where == "door":
        code = await way.house.database.read(lambda unit: _code(unit, room))
    return f"home_{code}" if code else ""


def _code(unit: Unit, room: str) -> str:
    from sqlalchemy import text

    newest = "SELECT code FROM homes ORDER BY created_at DESC, code LIMIT 1"
    home = homes.get(unit, unit.connection.execute(text(newest)).scalar_one())
    assert home is not None
    wanted = next((one.id for one in home.rooms if one.name == room), None)
    return next(code.code for code in homes.codes(unit, home.code) if code.room_id == wanted)


def _submissions(unit: Unit) -> tuple[Submission, ...]:
    """All of them; a test's database has few."""
    from sqlalchemy import text

    numbers = unit.connection.execute(text("SELECT number FROM submissions ORDER BY id")).scalars().all()
    found = [submissions.by_number(unit, number) for number in numbers]
    return tuple(submission for submission in found if submission is not None)


def stored(played: Played) -> list[str]:
    """The last submission's answers as a transcript's lines; the state of each, where the office did something."""
    if not played.sent:
        return ["none"]
    states = ", ".join(f"{one.kind} {one.status}" for one in played.sent)
    told = [] if all(one.status == "received" for one in played.sent) else [f": {states}"]
    return [*(plain(name, answer) for name, answer in played.sent[-1].answers.items()), *told]


def plain(name: str, answer: Answer) -> str:
    """One answer, files by their number; a skipped one with a question mark."""
    if answer.kind == "skipped":
        return f"{name}?"
    value: Any = answer.value
    if isinstance(value, dict):
        value = f"{value['plan']} {len(value['files'])}"
    mark = "~" if answer.kind == "derived" else ""
    return numberless(f"{name} {mark}{value}")
