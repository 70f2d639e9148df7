"""A file as it comes in: kept sealed, piece by piece; never on a disk in the clear, never whole in memory."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from bot.imports.sheet import LARGEST, PIECE, Unreadable, is_sheet
from handlers.office import importing
from storage import imports
from storage.database import Database
from storage.imports import Sender
from storage.unit import Unit


async def keep(database: Database, import_id: int, data: bytes) -> None:
    """Keep a file that is here already."""
    for number, start in enumerate(range(0, len(data), PIECE)):
        await _add(database, import_id, number, data[start : start + PIECE])


async def receive(database: Database, sender: Sender, content: AsyncIterator[bytes]) -> int:
    """Keep a file as it comes in; its list's number. Raises Unreadable: then nothing of it is kept.

    What breaks off is erased with what is old.
    """
    now, held = datetime.now(UTC), bytearray()
    import_id = await database.run(lambda unit: importing.begin(unit, sender, now))
    if import_id is None:
        raise Unreadable("sheet_too_many")
    digest, size, number = hashlib.sha256(), 0, 0
    async for piece in content:
        size += len(piece)
        digest.update(piece)
        held += piece
        if size > LARGEST or (not number and len(held) >= PIECE and not is_sheet(bytes(held))):
            raise Unreadable(await _dropped(database, import_id, "sheet_too_large" if size > LARGEST else "sheet_kind"))
        while len(held) >= PIECE:
            await _add(database, import_id, number, bytes(held[:PIECE]))
            del held[:PIECE]
            number += 1
    if not number and not is_sheet(bytes(held)):
        raise Unreadable(await _dropped(database, import_id, "sheet_kind" if held else "sheet_empty"))
    if held:
        await _add(database, import_id, number, bytes(held))
    file_index = imports.index_of(database.vault, digest.hexdigest())
    await database.run(lambda unit: imports.hold(unit, import_id, file_index, size))
    return import_id


async def in_pieces(data: bytes) -> AsyncIterator[bytes]:
    """A file that is here already, as it would come in."""
    for start in range(0, len(data), PIECE):
        yield data[start : start + PIECE]


async def _add(database: Database, import_id: int, number: int, content: bytes) -> None:
    await database.run(lambda unit: imports.add_piece(unit, import_id, number, content), "batch")


async def _dropped(database: Database, import_id: int, reason: str) -> str:
    def drop(unit: Unit) -> None:
        imports.erase(unit, [import_id])

    await database.run(drop)
    return reason
