"""Pictures that go along with a message: uploaded first, and again when WeChat has forgotten them after three days."""

from datetime import UTC, datetime, timedelta

from bot.channels.uploads import Uploads
from bot.channels.wechat.api import Api
from bot.channels.wechat.errors import NO_MEDIA, Refused

KEPT = timedelta(days=3) - timedelta(hours=1)  # as long as the platform keeps it, and time enough to use it


class Pictures:
    """Sends a broadcast's picture by its code."""

    def __init__(self, api: Api, uploads: Uploads) -> None:
        self._api = api
        self._uploads = uploads

    async def send(self, openid: str, code: str) -> None:
        """To one person; SendFailed."""
        media_id = await self._media_id(code)
        try:
            await self._api.send_picture(openid, media_id)
        except Refused as refused:
            if refused.code != NO_MEDIA:
                raise
            raise await self._uploads.forgotten(code) from None

    async def _media_id(self, code: str) -> str:
        known = await self._uploads.id_of(code)
        if known is not None:
            return known
        async with self._uploads.first(code):
            return await self._uploads.id_of(code) or await self._upload(code)

    async def _upload(self, code: str) -> str:
        content, _ = await self._uploads.content(code)
        media_id = await self._api.upload_picture(content)
        await self._uploads.keep(code, media_id, datetime.now(UTC) + KEPT)
        return media_id
