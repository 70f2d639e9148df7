"""The program as a process of its own, for tests that look at it from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx

from tests.house import KEYS

START_SECONDS = 600.0  # a very busy machine: alone it is ready in a few seconds
PROGRAM = [sys.executable, "-m", "bot"]


class Program:
    """`anju serve`, or another command that serves, on a free port, with an environment of its own."""

    def __init__(
        self, folder: Path, database_url: str, command: Sequence[str] = ("serve",), **environment: str
    ) -> None:
        self.folder = folder
        self.command = command
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANJU_")}
        self.environment = kept | {
            "ANJU_PORT": str(self.port),
            "ANJU_WORK_PORT": str(self.port),
            "ANJU_DATABASE_URL": database_url,
            "ANJU_KEYS": KEYS,
            "ANJU_BASE_URL": self.url,
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / f"{command[0]}.log"

    def move_to(self, host: str) -> None:
        """It will be reached at another address of this machine."""
        self.url = f"http://{host}:{self.port}"
        self.environment |= {"ANJU_HOST": host, "ANJU_BASE_URL": self.url}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- our own program
                [*PROGRAM, *self.command], cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise RuntimeError(f"the program ended: {self.log.read_text('utf-8')[-2000:]}")
            if is_ready(self.url):
                return
            time.sleep(0.02)
        raise RuntimeError("the program did not get ready")

    def kill(self) -> None:
        """kill -9: nothing is said, nothing is tidied."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """The polite way."""
        self._end(signal.SIGTERM)

    def open_files(self) -> int:
        """How many files and connections it holds (Linux)."""
        return len(list(Path(f"/proc/{self._pid}/fd").iterdir()))

    def megabytes(self) -> float:
        """How much memory it holds (Linux)."""
        pages = int(Path(f"/proc/{self._pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def peak_megabytes(self) -> float:
        """The most memory that it has held since `forget_peak`, or its start (Linux)."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def forget_peak(self) -> None:
        """From here on the peak counts anew (Linux, proc(5): clear_refs)."""
        Path(f"/proc/{self._pid}/clear_refs").write_text("5")

    @property
    def _pid(self) -> int:
        if self._process is None:
            raise RuntimeError("the program does not run")
        return self._process.pid

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None


class Page:
    """One person's browser, as far as the server sees it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._client = httpx.Client(base_url=program.url, headers={"Origin": program.url}, timeout=10)

    def open(self) -> None:
        """Load the page, which gives the cookie."""
        self._client.get("/").raise_for_status()

    def say(self, message_id: str, text: str = "", **more: Any) -> dict[str, Any]:
        """One message; raises httpx.HTTPError where it was not acknowledged."""
        response = self._client.post("/chat/messages", json={"id": message_id, "text": text, **more})
        response.raise_for_status()
        answered: dict[str, Any] = response.json()
        return answered

    def status(self, message_id: str, text: str) -> int:
        """The HTTP status of one message."""
        return self._client.post("/chat/messages", json={"id": message_id, "text": text}).status_code

    def listen(self) -> AbstractContextManager[httpx.Response]:
        """Pushes, as they come."""
        return self._client.stream("GET", "/chat/events", timeout=30)

    def get(self, path: str) -> bytes:
        """Another page."""
        return self._client.get(path).content

    def close(self) -> None:
        """Close its connections."""
        self._client.close()


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(url: str) -> bool:
    """Whether it answers, and has all it needs."""
    try:
        return httpx.get(f"{url}/readyz", timeout=1).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
