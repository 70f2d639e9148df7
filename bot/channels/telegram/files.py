"""Pictures and documents: uploaded with the first message, then named by the id that Telegram gave them (Bot API,
sending files)."""

from typing import Any

from bot.channels.telegram.compose import Call
from bot.channels.telegram.desk import Desk
from bot.channels.telegram.errors import BAD_REQUEST, ApiFailed
from bot.channels.uploads import Uploads

METHODS = {"photo": "sendPhoto", "document": "sendDocument"}


class Files:
    """Sends calls that name a file by its code."""

    def __init__(self, desk: Desk, uploads: Uploads) -> None:
        self._desk = desk
        self._uploads = uploads

    async def send(self, call: Call) -> None:
        """To one chat; SendFailed. Who comes while it is uploaded for the first time waits for its id."""
        field = next(name for name in METHODS if name in call)
        known = await self._uploads.id_of(call[field])
        if known is None:
            async with self._uploads.first(call[field]):
                known = await self._uploads.id_of(call[field])
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
            raise await self._uploads.forgotten(call[field]) from None

    async def _upload(self, call: Call, field: str) -> None:
        from bot.channels.telegram.library import BufferedInputFile  # aiogram takes seconds to load

        code = call[field]
        content, name = await self._uploads.content(code)
        sent = await self._desk.send({**call, field: BufferedInputFile(content, name)}, METHODS[field])
        if (file_id := _file_id(sent, field)) is not None:
            await self._uploads.keep(code, file_id)


def _file_id(sent: Any, field: str) -> str | None:
    """Of a picture the largest size; None where the answer doesn't tell."""
    found = sent.get(field) if isinstance(sent, dict) else None
    largest = found[-1] if isinstance(found, list) and found else found
    return largest.get("file_id") if isinstance(largest, dict) else None
