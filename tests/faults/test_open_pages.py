"""Thousands of open web chats: each costs little, others are answered, and all comes back when they go."""

import os
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.channels.web.session import Sessions
from storage.secrets import Keyring, Vault
from tests.house import KEYS
from tests.program import Page, Program

PAGES = 10_000 if os.environ.get("ANJU_FAULTS") == "full" else 500
SPARE = 200
KIBIBYTES_EACH = 64.0
SECONDS = 60.0


@pytest.fixture
def room() -> Iterator[None]:
    """As many files as the pages need on each side; the program inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < PAGES + SPARE:
        pytest.skip(f"this machine allows {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, PAGES + SPARE), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def cookies() -> Iterator[str]:
    """Identities such as the program gives, each with its page."""
    sessions = Sessions(Vault(Keyring.parse(KEYS)).derived("web cookie"), secure=False)
    while True:
        yield sessions._identities.sign(sessions.new_address()).decode()


def opened(program: Program, cookie: str) -> socket.socket:
    """A page that listens."""
    connection = socket.create_connection(("127.0.0.1", program.port), timeout=SECONDS)
    connection.sendall(f"GET /chat/events HTTP/1.1\r\nHost: a\r\nCookie: anju={cookie}\r\n\r\n".encode())
    assert connection.recv(1024).startswith(b"HTTP/1.1 200 ")
    return connection


@pytest.mark.slow
def test_open_pages_cost_little_and_leave_nothing_behind(tmp_path: Path, room: None) -> None:
    program = Program(tmp_path, f"sqlite:///{tmp_path / 'anju.db'}")
    program.start()
    given = cookies()
    for _ in range(50):  # what the first ones load stays
        opened(program, next(given)).close()
    files, before = program.open_files(), program.megabytes()
    pages = [opened(program, next(given)) for _ in range(PAGES)]
    each = (program.megabytes() - before) * 1024 / PAGES
    print(f"{PAGES} open pages, {each:.1f} KiB each")  # noqa: T201 -- shown by pytest -s
    assert each < KIBIBYTES_EACH
    somebody = Page(program)
    somebody.open()
    assert somebody.say("m1", "你好")["messages"]
    somebody.close()
    for page in pages:
        page.close()
    until = time.monotonic() + SECONDS
    while program.open_files() > files + SPARE // 4 and time.monotonic() < until:
        time.sleep(0.1)
    assert program.open_files() <= files + SPARE // 4
    program.stop()
