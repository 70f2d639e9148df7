"""A broadcast's messages in the outbox, one for each of many people on WeChat with an open window, written in bulk.

As a real one is: the same words for all, a row of the broadcast itself, which is looked at before anything leaves, and
a row for each recipient, which hears what became of their message.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert, select

from handlers import turns
from handlers.office.broadcasts import saying
from handlers.turns import Answered
from storage import broadcasts, claims, conversations, deliveries, tables, talk_rows
from storage.audiences import Audience
from storage.broadcasts import Broadcast, Content
from storage.unit import Unit
from tests import house as houses

AT_ONCE = 1_000
MODEL = "o"
_talks = tables.conversations.c
CAST = 1
SAID = saying.reply(Content("居住登记"), CAST, "请在三天内办理居住登记，带上身份证。", personal=False)


async def fill(url: str, people: int) -> None:
    """So many people whose talk has ended, and a broadcast's message for each."""
    if url.startswith("postgresql"):
        houses.migrate(url)
    async with houses.opened(houses.settings(url)) as house:
        await house.database.run(_cast)
        for first in range(1, people + 1, AT_ONCE):
            await house.database.run(partial(_some, numbers=range(first, min(first + AT_ONCE, people + 1))))


def _cast(unit: Unit) -> None:
    now = datetime.now(UTC)
    cast = broadcasts.add(unit, Broadcast(0, "sent", 0, "", "", Content("居住登记"), Audience()), now)
    if cast.id != CAST:
        raise SystemExit("the database is not empty")
    model = conversations.begin(unit, "wechat", MODEL, "zh", now)
    conversations.save(unit, replace(model, status="ended"), now)


def _some(unit: Unit, numbers: range) -> None:
    """Everybody after the model, whose state is theirs too."""
    index = conversations.address_index(unit, "wechat", MODEL)
    model = unit.connection.execute(select(tables.conversations).where(_talks.address_index == index)).mappings().one()
    unit.connection.execute(insert(tables.conversations), list(_people(unit, numbers, model)))
    unit.connection.execute(insert(tables.broadcast_rows), list(_audience(numbers, model["id"])))
    unit.connection.execute(insert(tables.outbox), list(_messages(unit, numbers, model["id"])))


def _people(unit: Unit, numbers: range, model: Mapping[Any, Any]) -> Iterator[Mapping[str, Any]]:
    opened = {"window_left": 5, "window_until": datetime.now(UTC) + timedelta(days=2)}
    for number in numbers:
        address = f"o{number:08}"
        own = {
            "id": model["id"] + number,
            "address_index": conversations.address_index(unit, "wechat", address),
            "address_sealed": unit.vault.seal(address.encode(), talk_rows.ADDRESS),
        }
        yield dict(model) | opened | own


def _audience(numbers: range, first: int) -> Iterator[Mapping[str, Any]]:
    alike = {"broadcast_id": CAST, "channel": "wechat", "language": "zh", "state": "queued"}
    for number in numbers:
        yield alike | {"id": number, "person": f"c{first + number}", "conversation_id": first + number}


def _messages(unit: Unit, numbers: range, first: int) -> Iterator[Mapping[str, Any]]:
    now, kind = datetime.now(UTC), "broadcast"
    alike = {"channel": "wechat", "kind": kind, "priority": deliveries.PRIORITIES[kind], "state": "waiting"}
    none = {"reason": "", "attempts": 0, "unknown": 0, "claim": 0, "due_at": now, "created_at": now}
    for number in numbers:
        said = turns.packed(Answered(b"", first + number, "zh", (SAID,)))
        yield (
            alike
            | none
            | {
                "once_key": f"bench:{number}",
                "broadcast_id": CAST,
                "recipient_id": number,
                "conversation_id": first + number,
                "address_index": conversations.address_index(unit, "wechat", f"o{number:08}"),
                "message_sealed": unit.vault.seal_json(said, claims.MESSAGE),
            }
        )
