"""A start: what can't be right is told in a sentence, and what was put off is looked at all the same."""

import os
import shutil
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

from bot.app import build_server
from bot.notices import LazyFinder
from bot.render import Words
from bot.tongue import OfficeFacts
from regulations.pack import load
from tests import house as houses
from tests.bot.test_app import got

PACK = load("cn-zj-hangzhou")


def test_wrong_settings_end_a_start_with_a_sentence_each(tmp_path: Path) -> None:
    wrong = {"ANJU_PORT": "0", "ANJU_KEYS": "nonsense", "PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], cwd=tmp_path, env=wrong, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "ANJU_PORT" in done.stderr
    assert "ANJU_KEYS" in done.stderr
    assert "Traceback" not in done.stderr


def words_with_one_broken(folder: Path) -> Words:
    with as_file(files("templates")) as shipped:
        shutil.copytree(shipped, folder)
    (folder / "en" / "say" / "welcome.txt.j2").write_text("one\n{% if %}", "utf-8")
    return Words(PACK, OfficeFacts(), tuple, folder)


def test_a_template_that_cant_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    faults = words_with_one_broken(tmp_path / "templates").faults()
    assert len(faults) == 1
    assert faults[0].startswith("templates/en/say/welcome.txt.j2, line 2: ")


def test_every_template_that_ships_can_be_read() -> None:
    assert Words(PACK, OfficeFacts(), tuple).faults() == []


async def test_a_server_with_a_template_that_cant_be_read_is_not_ready(tmp_path: Path) -> None:
    async with houses.opened(houses.settings(f"sqlite:///{tmp_path / 'anju.db'}")) as opened:
        server = build_server(opened)
        assert (await got(server, "/readyz")).status_code == 200
        opened.words._tongues = words_with_one_broken(tmp_path / "templates")._tongues
        answer = await got(server, "/readyz")
    assert answer.status_code == 503
    assert answer.json()["templates"][0].startswith("templates/en/say/welcome.txt.j2")


def test_many_who_ask_first_at_once_get_the_same_search() -> None:
    from concurrent.futures import ThreadPoolExecutor

    words = Words(PACK, OfficeFacts(), tuple)
    finder = LazyFinder(words.library, words.commands(), files("templates"))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: finder(), range(8)))
    assert len({id(one) for one in found}) == 1
