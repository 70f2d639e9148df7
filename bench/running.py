"""Programs under load: started on free ports with an environment of their own, measured, stopped."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 15.0
IDLE_SECONDS = 0.5
SETTLING_SECONDS = 60.0
TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parents[1]


class NotStarted(Exception):
    """The program ended before it listened."""


@dataclass(slots=True)
class Running:
    """A program that listens on a port; `log` is what it wrote."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    seconds_to_start: float = 0.0

    @property
    def cpu(self) -> float:
        """Seconds of CPU that it and its children have used."""
        return sum(_cpu(pid) for pid in _group(self.process.pid))

    @property
    def resident(self) -> float:
        """MiB of memory that it and its children hold now."""
        return sum(_resident(pid) for pid in _group(self.process.pid))

    def stop(self) -> None:
        """Politely, then not."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def start(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Running:
    """Start a program in its own process group and wait until it listens; its port is PORT and ANJU_PORT."""
    port, log = free_port(), folder / "program.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANJU_")}
    ports = {"PORT": str(port), "ANJU_PORT": str(port)}
    words = [word.replace("{port}", str(port)) for word in command]
    begun = time.perf_counter()
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603 -- programs of this repository
            words, cwd=folder, env=kept | dict(environment) | ports, stdout=file, stderr=file, start_new_session=True
        )
    running = Running(process, port, log)
    _await(running, begun + START_SECONDS)
    running.seconds_to_start = time.perf_counter() - begun
    return running


def _await(running: Running, until: float) -> None:
    while time.perf_counter() < until and running.process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", running.port)) == 0:
                return
        time.sleep(0.005)
    running.stop()
    raise NotStarted(running.log.read_text("utf-8")[-2000:])


async def settled(*programs: Running) -> None:
    """Wait until they have nothing more to do: what is made ready beside the first answers is no part of a turn."""
    until, before = time.perf_counter() + SETTLING_SECONDS, -1.0
    while time.perf_counter() < until:
        used = sum(program.cpu for program in programs)
        if used - before <= IDLE_SECONDS / 20:
            return
        before = used
        await asyncio.sleep(IDLE_SECONDS)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _group(leader: int) -> list[int]:
    """The processes of a group."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            fields = _stat(int(entry.name))
            if fields and int(fields[2]) == leader:
                found.append(int(entry.name))
    return found


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, group … (proc(5))."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0
