"""Pictures that go along: uploaded once for everybody, and again when WeChat has forgotten them after three days."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.channels.channel import SendFailed
from bot.channels.wechat.api import Api
from bot.channels.wechat.errors import NO_MEDIA, Refused
from storage import broadcast_parts, uploads
from storage.database import Database

KEPT = timedelta(days=3) - timedelta(hours=1)  # as long as the platform keeps it, and time enough to use it


class Pictures:
    """Sends a broadcast's picture by its code."""

    def __init__(self, api: Api, database: Database) -> None:
        self._api = api
        self._database = database
        self._uploading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(self, openid: str, code: str) -> None:
        """To one person; SendFailed."""
        media_id = await self._media_id(code)
        try:
            await self._api.send_picture(openid, media_id)
        except Refused as refused:
            if refused.code != NO_MEDIA:
                raise
            await self._database.run(partial(uploads.forget, code=code, account=self._account))
            raise SendFailed("the file has to be uploaded anew", retryable=True) from None

    @property
    def _account(self) -> str:
        return f"wechat:{self._api.app_id}"

    async def _media_id(self, code: str) -> str:
        known = await self._known(code)
        if known is not None:
            return known
        async with self._uploading[code]:
            return await self._known(code) or await self._upload(code)

    async def _known(self, code: str) -> str | None:
        return await self._database.read(lambda unit: uploads.known(unit, code, self._account, datetime.now(UTC)))

    async def _upload(self, code: str) -> str:
        found = await self._database.read(lambda unit: broadcast_parts.file(unit, code))
        if found is None:
            raise SendFailed("the file is gone", retryable=False)
        media_id = await self._api.upload_picture(found[0])
        until = datetime.now(UTC) + KEPT
        await self._database.run(
            partial(uploads.keep, code=code, account=self._account, platform_id=media_id, until=until)
        )
        return media_id
