"""Files that a platform wants uploaded before it shows them: once for everybody, by any copy of the program."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial

from bot.channels.channel import SendFailed
from storage import broadcast_parts, uploads
from storage.database import Database


class Uploads:
    """What a platform keeps of our files with one of our accounts (`wechat:wx0123`); its ids are of use to no other."""

    def __init__(self, database: Database, account: str) -> None:
        self._database = database
        self._account = account
        self._first: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def id_of(self, code: str) -> str | None:
        """The platform's id of a file, unless it has to be uploaded."""
        return await self._database.read(lambda unit: uploads.known(unit, code, self._account, datetime.now(UTC)))

    def first(self, code: str) -> asyncio.Lock:
        """Whoever uploads a file holds it, so that those who come meanwhile can wait for the id."""
        return self._first[code]

    async def content(self, code: str) -> tuple[bytes, str]:
        """A file and its name; SendFailed where it is gone."""
        found = await self._database.read(lambda unit: broadcast_parts.file(unit, code))
        if found is None:
            raise SendFailed("the file is gone", retryable=False)
        return found[0], found[2]

    async def keep(self, code: str, platform_id: str, until: datetime | None = None) -> None:
        """It has been uploaded; `until`: when the platform forgets it, None for never."""
        kept = partial(uploads.keep, code=code, account=self._account, platform_id=platform_id, until=until)
        await self._database.run(kept)

    async def forgotten(self, code: str) -> SendFailed:
        """The platform has forgotten it: the next attempt uploads it anew. The failure of this one."""
        await self._database.run(partial(uploads.forget, code=code, account=self._account))
        return SendFailed("the file has to be uploaded anew", retryable=True)
