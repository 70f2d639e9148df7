"""How long a whole database takes to be kept, put back and moved: rows a second of `anju backup`, `restore` and `copy`.

`python -m bench.moving [--people 20000]`: a town written by SQL with every table filled, on SQLite and PostgreSQL; what
the commands do, without their start. `copy` reads both databases once more to compare them, which is in its time.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from storage import backup, staff
from storage.copying import Copy
from storage.database import Database, open_database
from storage.secrets import Keyring, Vault
from storage.staff import Member
from storage.unit import Unit
from tests import house as houses
from tests import postgres
from tests.planned import settle

T = TypeVar("T")


def kept_and_put_back(name: str, given: Database, taken: Database, folder: Path) -> None:
    """A backup of one database, restored into another of its kind."""
    keep, put_back = partial(backup.make, given.engine, folder), partial(backup.restore, taken.engine, force=True)
    file, _ = _timed(f"{name}: backup", lambda: keep(datetime.now(UTC)), lambda made: _number(made[1]))
    _tell(f"{name}: {file.stat().st_size / 2**20:.0f} MiB")
    _timed(f"{name}: restore", lambda: put_back(file), _number)


def moved(name: str, given: Database, taken: Database) -> None:
    """A copy into an empty database, both compared afterwards."""
    work = Copy(given.engine, taken.engine, lambda name, rows: None)
    _timed(f"{name}: copy", lambda: work.run(resume=False), lambda sums: sum(found.rows for found in sums.values()))


def _hire(unit: Unit) -> None:
    """Whom the town's rows can name."""
    staff.add(unit, Member(0, "BENCH1", "bench", "王芳", "reviewer", "", "zh"), datetime.now(UTC))


def _number(manifest: backup.Manifest) -> int:
    return sum(manifest.rows.values())


def _timed(name: str, work: Callable[[], T], rows: Callable[[T], int]) -> T:
    begun = time.perf_counter()
    done = work()
    seconds, number = time.perf_counter() - begun, rows(done)
    _tell(f"{name}: {number} rows in {seconds:.1f} s, {number / seconds:.0f} rows/s")
    return done


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 -- a command's output


def main() -> None:
    """Keep, put back, move."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=20_000)
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as name, postgres.durable_server() as server:
        folder = Path(name)
        with postgres.fresh_database(server) as first, postgres.fresh_database(server) as second:
            files = (f"sqlite:///{folder / 'first.db'}", f"sqlite:///{folder / 'second.db'}")
            for url in (*files, first, second):
                houses.migrate(url)
            vault = Vault(Keyring.parse(houses.KEYS))
            lite, lite_again, post, post_again = (open_database(url, vault) for url in (*files, first, second))
            lite.run_now(_hire)
            settle(lite, people)
            kept_and_put_back("SQLite", lite, lite_again, folder)
            moved("SQLite to PostgreSQL", lite, post)
            kept_and_put_back("PostgreSQL", post, post_again, folder)
            for one in (lite, lite_again, post, post_again):
                one.close()


if __name__ == "__main__":
    main()
