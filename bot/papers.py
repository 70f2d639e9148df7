"""A photo or PDF made fit for keeping: known by its content, without metadata, in a process of its own."""

import asyncio
import json
import sys
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

LARGEST = 20 * 1024 * 1024
SECONDS = 30.0
AT_ONCE = 2
BROKEN = "file_broken"
UNCLEAR = "file_unclear"


@dataclass(frozen=True, slots=True)
class Paper:
    """A cleaned file: JPEG for every picture, PDF for PDF. unclear: a picture too small or blurred to be read."""

    content: bytes
    content_type: str
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that can't be kept; the reason names the template `invalid/<reason>`.

    Reasons: file_empty, file_too_large, file_kind, file_broken, file_encrypted, file_bomb, file_too_small.
    """

    reason: str


_places = asyncio.Semaphore(AT_ONCE)


async def clean(data: bytes) -> Paper | Refused:
    """Check a file by its content and take out its metadata.

    The decoding happens in a child process with limits on memory and time: a malicious file harms only that.
    """
    if not data:
        return Refused("file_empty")
    if len(data) > LARGEST:
        return Refused("file_too_large")
    async with _places:
        return await _in_child(data)


async def _in_child(data: bytes) -> Paper | Refused:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-m", "bot.media_worker",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        output, _ = await asyncio.wait_for(child.communicate(data), SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()
        log.warning("paper took too long", size=len(data))
        return Refused("file_bomb")
    return _told(output, child.returncode)


def _told(output: bytes, code: int | None) -> Paper | Refused:
    """What the child says: a line of JSON, then the content."""
    head, _, content = output.partition(b"\n")
    if code != 0 or not head:
        log.warning("paper could not be read", code=code)
        return Refused(BROKEN)
    said = json.loads(head)
    return Refused(said["refused"]) if "refused" in said else Paper(content, said["content_type"], said["unclear"])
