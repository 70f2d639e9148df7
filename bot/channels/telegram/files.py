"""Pictures and documents: uploaded once, then named by the id that Telegram gave them (Bot API, sending files)."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.channels.channel import SendFailed
from bot.channels.telegram.compose import Call
from bot.channels.telegram.desk import Desk
from bot.channels.telegram.errors import BAD_REQUEST, ApiFailed
from storage import broadcast_parts, uploads
from storage.database import Database

if TYPE_CHECKING:
    from aiogram.types import BufferedInputFile

METHODS = {"photo": "sendPhoto", "document": "sendDocument"}


class Files:
    """Sends calls that name a file by its code."""

    def __init__(self, database: Database, desk: Desk, bot: int) -> None:
        """`bot`: which bot's ids they are; another bot can't use them."""
        self._database = database
        self._desk = desk
        self._account = f"telegram:{bot}"
        self._uploading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(self, call: Call) -> None:
        """To one chat; SendFailed. Who comes while it is uploaded for the first time waits for its id."""
        field = next(name for name in METHODS if name in call)
        known = await self._known(call[field])
        if known is not None:
            await self._send_known(call, field, known)
            return
        async with self._uploading[call[field]]:
            known = await self._known(call[field])
            if known is None:
                await self._upload(call, field)
        if known is not None:
            await self._send_known(call, field, known)

    async def _send_known(self, call: Call, field: str, known: str) -> None:
        try:
            await self._desk.send({**call, field: known}, METHODS[field])
        except ApiFailed as failed:
            if failed.code != BAD_REQUEST or failed.failure.reach is not None:
                raise
            await self._database.run(partial(uploads.forget, code=call[field], account=self._account))
            raise SendFailed("the file has to be uploaded anew", retryable=True) from None

    async def _upload(self, call: Call, field: str) -> None:
        content = await self._content(call[field])
        sent = await self._desk.send({**call, field: content}, METHODS[field])
        if (file_id := _file_id(sent, field)) is not None:
            await self._database.run(
                partial(uploads.keep, code=call[field], account=self._account, platform_id=file_id, until=None)
            )

    async def _known(self, code: str) -> str | None:
        return await self._database.read(lambda unit: uploads.known(unit, code, self._account, datetime.now(UTC)))

    async def _content(self, code: str) -> "BufferedInputFile":
        from bot.channels.telegram.library import BufferedInputFile  # aiogram takes seconds to load

        found = await self._database.read(lambda unit: broadcast_parts.file(unit, code))
        if found is None:
            raise SendFailed("the file is gone", retryable=False)
        content, _, name = found
        return BufferedInputFile(content, name)


def _file_id(sent: Any, field: str) -> str | None:
    """Of a picture the largest size; None where the answer doesn't tell."""
    found = sent.get(field) if isinstance(sent, dict) else None
    largest = found[-1] if isinstance(found, list) and found else found
    return largest.get("file_id") if isinstance(largest, dict) else None
