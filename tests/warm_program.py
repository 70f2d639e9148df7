"""The program as a process of its own that is there at once, for tests that kill it hundreds of times.

Nearly all of a start is imports and templates. They are done once, in a process without threads, which forks a child
for each start: what runs in the child, from reading its settings to `kill -9`, is what runs otherwise. Linux and macOS.
"""

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.program import START_SECONDS, Program, is_ready

LOADED = [
    "bot.start", "bot.serve", "bot.logs", "bot.areas", "bot.patience", "bot.scheduler", "uvloop", "psycopg",
    "tests.warmed",
]  # fmt: skip


class WarmProgram(Program):
    """As `Program`, but its modules are loaded before it starts."""

    _running: ForkServerProcess | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(LOADED)
        words = ["anju", *self.command]
        self._running = context.Process(target=run, args=(words, self.folder, self.environment, self.log), daemon=True)
        self._running.start()
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._running.exitcode is not None:
                raise RuntimeError(f"the program ended: {self.log.read_text('utf-8')[-2000:]}")
            if is_ready(self.url):
                return
            time.sleep(0.02)
        raise RuntimeError("the program did not get ready")

    def _end(self, how: signal.Signals) -> None:
        if self._running is None or self._running.pid is None:
            return
        os.kill(self._running.pid, how)
        self._running.join(20)
        self._running = None


def run(words: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path) -> None:
    """In the child: everything that a process of its own would have got."""
    with log.open("ab") as out:
        for stream in (1, 2):
            os.dup2(out.fileno(), stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = list(words)
    from bot.start import main

    main()
