"""A broadcast's messages in the outbox, one for each of many people on WeChat with an open window, written in bulk.

As a real one is: the same words for all, and a row of the broadcast itself, which is looked at before anything leaves.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import insert

from handlers import turns
from handlers.office.broadcasts import saying
from handlers.turns import Answered
from storage import claims, conversations, deliveries, tables, talk_rows
from storage.broadcasts import Content
from storage.unit import Unit
from tests import house as houses

AT_ONCE = 1_000
CAST = 1
SAID = saying.reply(Content("居住登记"), CAST, "请在三天内办理居住登记，带上身份证。", personal=False)


async def fill(url: str, people: int) -> None:
    """So many people, and a broadcast's message for each."""
    if url.startswith("postgresql"):
        houses.migrate(url)
    async with houses.opened(houses.settings(url)) as house:
        await house.database.run(_cast)
        for first in range(1, people + 1, AT_ONCE):
            await house.database.run(partial(_some, numbers=range(first, min(first + AT_ONCE, people + 1))))


def _cast(unit: Unit) -> None:
    now = datetime.now(UTC)
    of_the_office = {"state": "sent", "area": "", "author": "", "created_at": now, "changed_at": now}
    sealed = {name: unit.vault.seal_json({}, f"broadcasts.{name}") for name in ("content_sealed", "audience_sealed")}
    unit.connection.execute(insert(tables.broadcasts), {"id": CAST, **of_the_office, **sealed})


def _some(unit: Unit, numbers: range) -> None:
    unit.connection.execute(insert(tables.conversations), list(_people(unit, numbers)))
    unit.connection.execute(insert(tables.outbox), list(_messages(unit, numbers)))


def _people(unit: Unit, numbers: range) -> Iterator[Mapping[str, Any]]:
    now = datetime.now(UTC)
    talk = {"channel": "wechat", "language": "zh", "status": "active", "form": "", "asked": "", "holder_id": ""}
    opened = {"window_left": 5, "window_until": now + timedelta(days=2), "created_at": now, "updated_at": now}
    state = unit.vault.seal_json({}, talk_rows.STATE)
    for number in numbers:
        address = f"o{number:08}"
        yield (
            talk
            | opened
            | {
                "id": number,
                "address_index": conversations.address_index(unit, "wechat", address),
                "address_sealed": unit.vault.seal(address.encode(), talk_rows.ADDRESS),
                "state_sealed": state,
                "version": 1,
            }
        )


def _messages(unit: Unit, numbers: range) -> Iterator[Mapping[str, Any]]:
    now, kind = datetime.now(UTC), "broadcast"
    alike = {"channel": "wechat", "kind": kind, "priority": deliveries.PRIORITIES[kind], "state": "waiting"}
    none = {"reason": "", "attempts": 0, "unknown": 0, "claim": 0, "due_at": now, "created_at": now}
    for number in numbers:
        said = turns.packed(Answered(b"", number, "zh", (SAID,)))
        yield (
            alike
            | none
            | {
                "once_key": f"bench:{number}",
                "broadcast_id": CAST,
                "conversation_id": number,
                "address_index": conversations.address_index(unit, "wechat", f"o{number:08}"),
                "message_sealed": unit.vault.seal_json(said, claims.MESSAGE),
            }
        )
