"""A process that changes the index key and is killed on the way, as by `kill -9` or a power cut.

Run as `python -m tests.keys.killed URL KEYS BATCHES`: after so many batches it kills itself, each of two rows.
"""

import os
import signal
import subprocess
import sys
from dataclasses import replace

from storage import indexed, reindexing
from storage.database import open_database
from storage.reindexing import Reindexing
from storage.secrets import Keyring, Vault
from tests.conftest import NOW
from tests.house import PYTHON

ROWS = 2


def in_small_batches() -> None:
    """So that a kill falls in the middle of a table."""
    vars(reindexing).update(ANEW=[replace(one, rows=ROWS) for one in indexed.ANEW], SOME=ROWS)


def killed_after(url: str, keys: str, batches: int) -> bool:
    """Whether the process was killed; False where it came to its end before."""
    command = [PYTHON, "-m", "tests.keys.killed", url, keys, str(batches)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own program
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr
    return done.returncode != 0


def _main(url: str, keys: str, batches: str) -> None:
    left = int(batches)

    def count(name: str, rows: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    in_small_batches()
    database = open_database(url, Vault(Keyring.parse(keys)))
    Reindexing(database, count).run(NOW)
    database.close()


if __name__ == "__main__":
    _main(*sys.argv[1:])
