"""A form with a file (RFC 7578), read as it comes in: fields first, then the file piece by piece; nothing on a disk."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import ClientDisconnect, Request

from bot.channels.bodies import BodyRefused, CutOff, TooBig

HEAD_BYTES = 4 * 1024
FIELD_BYTES = 4 * 1024
MOST_FIELDS = 20
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,70})"?', re.I)
_NAME = re.compile(r'\bname="([^"\r\n]*)"')
_FILE = re.compile(r"\bfilename\*?=")


class NoForm(BodyRefused):
    """The body isn't the form that the page has."""

    reason = "no_form"


@dataclass(frozen=True, slots=True)
class Upload:
    """The fields that stand before the file, and the file's content; None where no file was sent."""

    fields: Mapping[str, str]
    content: AsyncIterator[bytes] | None


def is_multipart(request: Request) -> bool:
    """Whether a request brings such a form."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def read_upload(request: Request, limit: int) -> Upload:
    """The fields up to the file; its content is read by whoever wants it. TooBig, CutOff, NoForm."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise TooBig
    found = _BOUNDARY.search(request.headers.get("content-type", ""))
    if found is None:
        raise NoForm
    body = _Body(request.stream(), b"\r\n--" + found[1].encode(), limit)
    fields: dict[str, str] = {}
    while (head := await body.next_head()) is not None:
        name = _NAME.search(head)
        if name is None or len(fields) > MOST_FIELDS:
            raise NoForm
        if _FILE.search(head):
            return Upload(fields, body.content())
        fields[name[1]] = (await body.whole(FIELD_BYTES)).decode("utf-8", "replace")
    return Upload(fields, None)


class _Body:
    """The bytes of a form between its boundaries."""

    def __init__(self, stream: AsyncIterator[bytes], delimiter: bytes, limit: int) -> None:
        self._stream = stream
        self._delimiter = delimiter
        self._held = bytearray(b"\r\n")  # the first boundary has no line before it
        self._left = limit

    async def next_head(self) -> str | None:
        """The headers of the next part; None behind the last."""
        async for _ in self.content():
            pass
        await self._hold(len(self._delimiter) + 4)
        after = bytes(self._held[len(self._delimiter) : len(self._delimiter) + 2])
        if after == b"--":
            return None
        if after != b"\r\n":
            raise NoForm
        del self._held[: len(self._delimiter) + 2]
        while (end := self._held.find(b"\r\n\r\n")) < 0:
            if len(self._held) > HEAD_BYTES:
                raise NoForm
            await self._more()
        head = bytes(self._held[:end]).decode("utf-8", "replace")
        del self._held[: end + 4]
        return head

    async def whole(self, limit: int) -> bytes:
        """A small part's content."""
        content = bytearray()
        async for piece in self.content():
            content += piece
            if len(content) > limit:
                raise TooBig
        return bytes(content)

    async def content(self) -> AsyncIterator[bytes]:
        """What stands before the next boundary."""
        while (end := self._held.find(self._delimiter)) < 0:
            sure = len(self._held) - len(self._delimiter)
            if sure > 0:
                piece = bytes(self._held[:sure])
                del self._held[:sure]
                yield piece
            await self._more()
        if end:
            piece = bytes(self._held[:end])
            del self._held[:end]
            yield piece

    async def _hold(self, number: int) -> None:
        while len(self._held) < number:
            await self._more()

    async def _more(self) -> None:
        try:
            chunk: Any = await anext(self._stream, None)
        except ClientDisconnect:
            raise CutOff from None
        if not chunk:
            raise CutOff
        self._left -= len(chunk)
        if self._left < 0:
            raise TooBig
        self._held += chunk
