"""A file's rows, read in a process of its own: what is malicious in it harms only that, and memory stays flat."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import orjson
import structlog

log = structlog.get_logger(__name__)

LARGEST = 20 * 1024 * 1024  # bytes; Telegram gives no more to bots
PIECE = 256 * 1024
LONGEST_LINE = 4 * 1024 * 1024
READ = 64 * 1024  # bytes of what the child says; twice as many wait here at most, however far it runs ahead
SECONDS = 300.0
AT_ONCE = 2
ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16 with its mark
PAPERS = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"%PDF", b"GIF8", b"BM")

Row = tuple[int, list[tuple[str, str]]]
Pieces = Callable[[int], Awaitable[bytes | None]]

_places = asyncio.Semaphore(AT_ONCE)


class Unreadable(Exception):
    """The file can't be read; the reason names the template `invalid/<reason>`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_sheet(data: bytes) -> bool:
    """Whether a file may be a list rather than a photo or a PDF."""
    if data.startswith((ZIP, OLD)):
        return True
    head = data[:4096]
    is_media = head.startswith(PAPERS) or b"ftyp" in head[:12] or (b"\0" in head and not head.startswith(WIDE))
    return not is_media and b"\n" in head and any(sign in head for sign in (b",", b";", b"\t"))


async def rows(piece: Pieces, together: int) -> AsyncIterator[list[Row]]:
    """The rows, some together; `piece` gives the file's pieces by number. Raises Unreadable."""
    async with _places:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-m", "bot.imports.worker", limit=READ,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(SECONDS):
                await _feed(child, piece)
                async for batch in _told(child, together):
                    yield batch
        except TimeoutError:
            log.warning("list took too long")
            raise Unreadable("sheet_bomb") from None
        finally:
            await _end(child)


async def _feed(child: asyncio.subprocess.Process, piece: Pieces) -> None:
    """Hand the file over piece by piece; a child that died is heard of when it is read."""
    assert child.stdin is not None  # noqa: S101 -- asked for above
    number = 0
    with suppress(BrokenPipeError, ConnectionResetError):
        while (content := await piece(number)) is not None:
            child.stdin.write(content)
            await child.stdin.drain()
            number += 1
    child.stdin.close()


async def _told(child: asyncio.subprocess.Process, together: int) -> AsyncIterator[list[Row]]:
    batch: list[Row] = []
    async for line in _lines(child):
        said = orjson.loads(line)
        if isinstance(said, dict):
            if batch:
                yield batch
            if "refused" in said:
                raise Unreadable(said["refused"])
            return
        batch.append((said[0], [(kind, text) for kind, text in said[1]]))
        if len(batch) == together:
            yield batch
            batch = []
    log.warning("list could not be read", code=await child.wait())
    raise Unreadable("sheet_bomb")


async def _lines(child: asyncio.subprocess.Process) -> AsyncIterator[bytes]:
    """What the child says, line by line; what it broke off in is left out. Raises Unreadable."""
    assert child.stdout is not None  # noqa: S101 -- asked for above
    held = b""
    while piece := await child.stdout.read(READ):
        *lines, held = (held + piece).split(b"\n")
        for line in lines:
            yield line
        if len(held) > LONGEST_LINE:
            raise Unreadable("sheet_bomb")


async def _end(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        child.kill()
    await child.wait()
