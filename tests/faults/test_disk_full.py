"""A disk without room: nothing is acknowledged that isn't stored, people are told, and room alone heals it."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import house as houses
from tests.faults.crowd import Book
from tests.faults.test_database_lost import BETWEEN, said_again_is_answered_alike, town
from tests.faults.test_kill import sent

MEGABYTES = 24
SECONDS = 18.0  # WeChat delivers for 15 s before we tell the person


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room; only root may make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(  # noqa: S603 -- fixed arguments
        [mount, "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if not made or made.returncode:
        pytest.skip("a small disk can't be made here: that needs root and mount")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S603, S607 -- what was mounted above


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_full_disk_loses_nothing_acknowledged_and_room_heals(small_disk: Path, tmp_path: Path) -> None:
    url, book = houses.migrated_file(small_disk / "anju.db"), Book()
    async with town(tmp_path, url) as (_, people):
        talks = [asyncio.create_task(person.talk(book, BETWEEN)) for person in people]
        await asyncio.sleep(1.5)
        fill(small_disk / "filler")
        await asyncio.sleep(SECONDS)
        full_for = dict(book.counts)
        (small_disk / "filler").unlink()
        await asyncio.gather(*talks)
        await said_again_is_answered_alike(people)
    assert full_for.get("wechat told unsaved"), full_for
    assert full_for.get("telegram 503"), full_for
    assert full_for.get("web told unsaved"), full_for
    assert not [what for what in book.counts if what.endswith((" silent", " 500"))], book.counts
    kept = {submission.answers["id_number"].value for submission in sent(url)}
    assert kept == {person.facts["id_number"] for person in people}


def fill(file: Path) -> None:
    """Until nothing more fits."""
    with file.open("wb", buffering=0) as filler:
        for size in (2**20, 2**12, 1):
            try:
                while filler.write(b"x" * size) == size:
                    pass
            except OSError:
                continue
