"""`anju demo` as a whole program: built, shown, signed in to with its codes, the same when started again."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.console.clerks import form_token, shown
from tests.program import free_port

PROGRAM = (sys.executable, "-m", "bot", "demo")
BUILD_SECONDS = 600.0  # on a busy machine
CODE = re.compile(r"(\d{3}) (\d{3})")
PASSWORD = "apricot harbour ninth lantern"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def environment(port: int, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANJU_")}
    # What the operator has set for real work must not matter here.
    real = {"ANJU_DATABASE_URL": "sqlite:///real.db", "ANJU_TELEGRAM_MODE": "off", "ANJU_WECHAT_TOKEN": "real"}
    return kept | real | {"ANJU_PORT": str(port), **more}


@contextmanager
def shown_to_a_visitor(folder: Path, *options: str) -> Iterator[str]:
    """The town, served; its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own program
            (*PROGRAM, *options), cwd=folder, env=environment(port), stdout=log, stderr=log
        )
    try:
        _wait_for(url, process, folder)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + BUILD_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, (folder / "demo.log").read_text("utf-8")
        try:
            if httpx.get(f"{url}/readyz", timeout=1).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the town was not shown")


def command(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    chosen = environment(free_port(), **more)
    return subprocess.run(  # noqa: S603 -- our own program
        (*PROGRAM, *words), cwd=folder, env=chosen, capture_output=True, text=True, check=False, timeout=60
    )


def code_of(folder: Path, login: str) -> str:
    found = CODE.search(command(folder, "code", login).stdout)
    assert found is not None
    return "".join(found.groups())


def signed_in(folder: Path, url: str, login: str) -> str:
    """What the first page says to whoever signs in by what the terminal told."""
    with httpx.Client(base_url=url, headers={"Origin": url}, follow_redirects=True, timeout=30) as client:
        door = client.get("/console/sign-in")
        client.post("/console/sign-in", data={"csrf": form_token(door), "login": login, "password": PASSWORD})
        second = client.get("/console/code")
        return shown(client.post("/console/code", data={"csrf": form_token(second), "code": code_of(folder, login)}))


def asked(folder: Path, question: str) -> list[Any]:
    with closing(sqlite3.connect(folder / "var" / "demo.db")) as database:
        return database.execute(question).fetchall()


def test_a_visitor_sees_a_living_office(tmp_path: Path) -> None:
    with shown_to_a_visitor(tmp_path) as url:
        said = (tmp_path / "demo.log").read_text("utf-8")
        assert url in said
        assert PASSWORD in said
        assert "今日" in signed_in(tmp_path, url, "reviewer")
        assert "安宁街道" in signed_in(tmp_path, url, "collector")
        assert "管理员" in signed_in(tmp_path, url, "admin")
    states: dict[str, int] = dict(asked(tmp_path, "SELECT status, count(*) FROM submissions GROUP BY status"))
    assert set(states) == {
        "received", "in_review", "needs_answers", "registered", "refused", "withdrawn", "changed", "moved", "left",
        "accepted",
    }  # fmt: skip
    assert min(states.values()) >= 5
    assert asked(tmp_path, "SELECT count(*) FROM conversations") == [(429,)]
    assert asked(tmp_path, "SELECT count(*) FROM homes") == [(43,)]
    assert asked(tmp_path, "SELECT count(*) FROM homes WHERE state = 'registered'") == [(3,)]
    let: dict[str, int] = dict(asked(tmp_path, "SELECT state, count(*) FROM tenancies GROUP BY state"))
    assert {"claimed", "reported", "confirmed", "disputed"} <= set(let)
    assert asked(tmp_path, "SELECT count(*) FROM visits") > [(3,)]
    missed = "SELECT count(*) FROM outbox WHERE state = 'failed' AND once_key LIKE 'review:%'"
    assert asked(tmp_path, missed) == [(12,)]
    assert asked(tmp_path, "SELECT count(*) FROM conversations WHERE status = 'active' AND form = 'migrant'") > [(10,)]
    assert asked(tmp_path, "SELECT count(*) FROM submissions WHERE submitted_at > datetime('now')") == [(0,)]
    assert not (tmp_path / "real.db").exists()
    permits: dict[str, int] = dict(asked(tmp_path, "SELECT state, count(*) FROM permits GROUP BY state"))
    assert permits == {"accepted": 5, "issued": 36, "suspended": 4, "ended": 3}
    assert {state for (state,) in asked(tmp_path, "SELECT state FROM broadcasts")} == {"done", "proposed", "draft"}
    assert asked(tmp_path, "SELECT count(*) FROM reminders WHERE state = 'planned'") > [(50,)]
    assert asked(tmp_path, "SELECT count(*) FROM missed_searches") > [(0,)]
    assert asked(tmp_path, "SELECT count(*) FROM quizzes WHERE ended_at IS NOT NULL") > [(0,)]

    people = asked(tmp_path, "SELECT group_concat(number) FROM submissions")
    with shown_to_a_visitor(tmp_path):  # the same town, at once
        assert asked(tmp_path, "SELECT group_concat(number) FROM submissions") == people


def test_a_database_that_it_did_not_make_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    real = tmp_path / "var" / "demo.db"
    with closing(sqlite3.connect(real)) as database:
        database.execute("CREATE TABLE people (id INTEGER)")
    before = real.read_bytes()
    for words in ((), ("--fresh",), ("code", "reviewer")):
        refused = command(tmp_path, *words)
        assert refused.returncode == 2
        assert "did not make" in " ".join(refused.stderr.split())
    assert real.read_bytes() == before


@pytest.mark.parametrize("words", [(), ("code", "reviewer")])
def test_in_production_there_is_no_demonstration(tmp_path: Path, words: tuple[str, ...]) -> None:
    from storage.secrets import generate

    refused = command(
        tmp_path, *words, ANJU_ENV="production", ANJU_KEYS=generate("k"), ANJU_BASE_URL="https://anju.example"
    )
    assert refused.returncode == 2
    assert "production" in refused.stderr
    assert not (tmp_path / "var" / "demo.db").exists()
