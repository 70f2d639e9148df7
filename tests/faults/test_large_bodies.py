"""Bodies far larger than any of ours: refused early on every address that takes one, with memory flat."""

import contextlib
import os
import socket
from collections.abc import Iterator

import pytest

from tests.program import Program

FULL = os.environ.get("ANJU_FAULTS") == "full"
BODY = (100 if FULL else 24) * 2**20
PIECE = b"x" * 65536
MORE_MEGABYTES = 40.0  # what one request may cost: the largest form is 12 MB, which is held once
PLATFORMS = {
    "ANJU_WECHAT_TOKEN": "invented",
    "ANJU_TELEGRAM_MODE": "webhook",
    "ANJU_TELEGRAM_TOKEN": "42:TEST",
    "ANJU_TELEGRAM_SECRET": "invented",
    "ANJU_TELEGRAM_API_BASE": "http://127.0.0.1:9",
}
READS_NONE = "/chat/leave"  # it asks nothing of a body, and throws it away as it comes
FORM = "application/x-www-form-urlencoded"
FILE = "multipart/form-data; boundary=b"
ADDRESSES = (
    ("/wechat", "text/xml", ""),
    ("/telegram", "application/json", ""),
    ("/telegram", "application/json", "X-Telegram-Bot-Api-Secret-Token: invented\r\n"),
    ("/chat/messages", "application/json", ""),
    ("/chat/files", "image/jpeg", ""),
    (READS_NONE, "application/json", ""),
    ("/console/sign-in", FORM, ""),
    ("/console/import", FILE, ""),
    ("/list/x", FILE, ""),
    ("/check", FORM, ""),
    ("/", FORM, ""),
    ("/nowhere", FORM, ""),
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("large")
    running = Program(folder, f"sqlite:///{folder / 'anju.db'}", **PLATFORMS)
    running.start()
    yield running
    running.stop()


def answer(program: Program, head: str, pieces: Iterator[bytes]) -> bytes:
    """The first line that comes back, or nothing where the connection was ended."""
    with socket.create_connection(("127.0.0.1", program.port), timeout=60) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(head.encode())
            for piece in pieces:
                connection.sendall(piece)
        with contextlib.suppress(ConnectionError):
            return connection.recv(64).partition(b"\r\n")[0]
    return b""


def whole() -> Iterator[bytes]:
    yield from (PIECE for _ in range(BODY // len(PIECE)))


def in_pieces() -> Iterator[bytes]:
    yield from (b"%x\r\n%s\r\n" % (len(PIECE), PIECE) for _ in range(BODY // len(PIECE)))
    yield b"0\r\n\r\n"


@pytest.mark.slow
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in pieces"])
@pytest.mark.parametrize(("path", "kind", "more"), ADDRESSES)
def test_a_huge_body_is_refused_with_memory_flat(
    program: Program, path: str, kind: str, more: str, *, announced: bool
) -> None:
    before = program.megabytes()
    length = f"Content-Length: {BODY}" if announced else "Transfer-Encoding: chunked"
    named = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {program.url}\r\n"
    head = f"{named}Content-Type: {kind}\r\n{more}{length}\r\n\r\n"
    told = answer(program, head, whole() if announced else in_pieces())
    expected = b"HTTP/1.1 2" if path == READS_NONE else b"HTTP/1.1 4"
    assert told == b"" or told.startswith(expected)
    assert program.megabytes() - before < MORE_MEGABYTES
    assert answer(program, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", iter(())) == b"HTTP/1.1 200 OK"
