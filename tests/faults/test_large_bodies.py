"""Bodies far larger than any of ours: refused on every address that takes one, with memory flat."""

import contextlib
import os
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.routing import Match, Route

from bot.app import build_server
from bot.areas import read_csv
from bot.console.cookies import Cookies
from bot.console.entries import PAGES
from handlers.office import links, staff
from handlers.office.links import Link
from handlers.office.staff import Invited
from storage import staff_sessions
from storage.database import open_database
from storage.secrets import Keyring, Vault
from storage.staff import Member
from storage.unit import Unit
from tests import house as houses
from tests.program import Page, Program

FULL = os.environ.get("ANJU_FAULTS") == "full"
BODY = (100 if FULL else 24) * 2**20
PIECE = 64 * 1024
MORE_MEGABYTES = 16.0  # at the peak of all requests together
MORE_FOR_FORMS = 36.0  # where a form of 12 MB may come, which is held once, and moved while it grows
PLATFORMS = {
    "wechat_token": "invented",
    "telegram_mode": "webhook",
    "telegram_token": "42:TEST",
    "telegram_secret": "invented",
    "telegram_api_base": "http://127.0.0.1:9",
}
SESSION = "a-session-of-the-tests"
FORM = "application/x-www-form-urlencoded"
FILE = "multipart/form-data; boundary=b"
PLACEHOLDER = re.compile(r"\{(?!token\})[^}]*\}")
SIGNED_IN = f"Cookie: anju_console={SESSION}\r\n"
LEAVE, TAKE, TAKES_FILE = "/chat/leave", "/import/{token}/1/take", "/console/import"
# These ask nothing of a body, and throw it away as it comes.
DONE: Mapping[str, tuple[bytes, ...]] = {LEAVE: (b"200",), TAKE: (b"303",)}
# As far as a file may go: what ends first, the form's room or the file's, depends on how the pieces arrive.
READ: Mapping[tuple[str, str, str], tuple[bytes, ...]] = {
    ("/import/{token}", FILE, ""): (b"413", b"422"),
    (TAKES_FILE, FILE, SIGNED_IN): (b"413", b"422"),
}
HOLDS = ("/chat/files", "/console/broadcasts/1/edit", "/console/broadcasts/1/preview")
CONSOLE = sorted({PLACEHOLDER.sub("1", page.path) for page in PAGES if page.method == "POST"})
ADDRESSES = (
    ("/wechat", "text/xml", ""),
    ("/telegram", "application/json", ""),
    ("/telegram", "application/json", "X-Telegram-Bot-Api-Secret-Token: invented\r\n"),
    ("/chat/messages", "application/json", ""),
    ("/chat/files", "image/jpeg", ""),
    (LEAVE, "application/json", ""),
    ("/import/{token}", FILE, ""),
    ("/import/{token}", FORM, ""),
    ("/import/nobodys", FILE, ""),
    (TAKE, FORM, ""),
    *((path, FORM, SIGNED_IN) for path in CONSOLE if path not in HOLDS),
    (TAKES_FILE, FILE, SIGNED_IN),
    (TAKES_FILE, FILE, ""),
    ("/", FORM, ""),
    ("/nowhere", FORM, ""),
    ("/chat/files", "image/jpeg", "X-Anju-File: 1\r\n"),  # from here on those that hold much: the peak is of all before
    *((path, FORM, SIGNED_IN) for path in CONSOLE if path in HOLDS),
)


@dataclass(frozen=True, slots=True)
class Town:
    """The program, the key of somebody's page for lists, what a clerk's forms carry, and how much memory it holds."""

    program: Program
    token: str
    csrf: str
    megabytes: float

    def answer(self, address: tuple[str, str, str], size: int, *, announced: bool) -> bytes:
        """The first line that comes back for a body of that size, or nothing where the connection was ended."""
        path, kind, more = address
        length = f"Content-Length: {size}" if announced else "Transfer-Encoding: chunked"
        named = f"POST {path.format(token=self.token)} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {self.program.url}\r\n"
        head = f"{named}Content-Type: {kind}\r\n{more}{length}\r\n\r\n"
        pieces = self._pieces(kind, size)
        return asked(self.program, head, pieces if announced else chunked(pieces))

    def _pieces(self, kind: str, size: int) -> Iterator[bytes]:
        """A form with something that looks like a workbook, or anything."""
        part = "--b\r\nContent-Disposition: form-data; name="
        begin = f'{part}"csrf"\r\n\r\n{self.csrf}\r\n{part}"file"; filename="a.xlsx"\r\n\r\n'.encode() + b"PK\x03\x04"
        yield (begin if kind == FILE else b"").ljust(min(size, PIECE), b"x")
        yield from (b"x" * PIECE for _ in range(size // PIECE - 1))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("large")
    url = f"sqlite:///{folder / 'anju.db'}"
    program = Program(folder, url, **{f"ANJU_{name.upper()}": value for name, value in PLATFORMS.items()})
    program.start()
    page = Page(program)
    page.open()
    page.say("m1", "can my landlord throw me out")  # builds the search, which belongs to what the program holds
    page.close()
    vault = Vault(Keyring.parse(houses.KEYS))
    token = links.token(vault, Link("import", 1), datetime.now(UTC))
    sign_in(url, vault)
    csrf = Cookies(vault, secure=False).form_token(SESSION)
    small = Town(program, token, csrf, 0.0)
    for address in ADDRESSES:
        small.answer(address, PIECE // 2, announced=True)
    program.forget_peak()
    yield Town(program, token, csrf, program.peak_megabytes())
    program.stop()


def sign_in(url: str, vault: Vault) -> None:
    """The session of somebody who may hand in lists."""

    def begin(unit: Unit) -> None:
        now = datetime.now(UTC)
        added = staff.add(unit, Member(0, "", "wang", "王芳", "reviewer", "", "zh"), read_csv(), now)
        assert isinstance(added, Invited), added
        staff_sessions.open_session(unit, SESSION, added.member.id, "full", now)

    database = open_database(url, vault)
    database.run_now(begin)
    database.close()


def asked(program: Program, head: str, pieces: Iterator[bytes]) -> bytes:
    """The first line that comes back, or nothing where the connection was ended."""
    with socket.create_connection(("127.0.0.1", program.port), timeout=60) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(head.encode())
            for piece in pieces:
                connection.sendall(piece)
        with contextlib.suppress(ConnectionError):
            return connection.recv(64).partition(b"\r\n")[0]
    return b""


def chunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield from (b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    yield b"0\r\n\r\n"


async def test_every_address_that_takes_a_body_is_tried(tmp_path: Path) -> None:
    """A new route for POST has to be added above; the console's add themselves."""
    settings = houses.settings(houses.migrated_file(tmp_path / "anju.db"), **PLATFORMS)
    async with houses.opened(settings) as house:
        routes = [route for route in build_server(house).routes() if isinstance(route, Route)]
    tried = set()
    for path, _, _ in ADDRESSES:
        scope = {"type": "http", "method": "POST", "path": path.format(token="x")}
        tried |= {next((route.path for route in routes if route.matches(scope)[0] == Match.FULL), "")}
    assert tried - {""} == {route.path for route in routes if "POST" in (route.methods or ())}


@pytest.mark.slow
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in pieces"])
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: " ".join(address).strip())
def test_a_huge_body_is_refused_with_memory_flat(town: Town, address: tuple[str, str, str], *, announced: bool) -> None:
    told = town.answer(address, BODY, announced=announced)
    statuses = DONE.get(address[0]) or READ.get(address, (b"4",))
    assert told.startswith(tuple(b"HTTP/1.1 " + status for status in statuses))
    most = MORE_FOR_FORMS if address[0] in HOLDS else MORE_MEGABYTES
    assert town.program.peak_megabytes() - town.megabytes < most
    assert asked(town.program, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", iter(())) == b"HTTP/1.1 200 OK"
