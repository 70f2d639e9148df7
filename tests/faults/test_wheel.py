"""The wheel in an empty environment: everything it needs is inside, and `anju` works far from the checkout."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import httpx
import pytest

from tests import program
from tests.house import KEYS
from tests.program import Page, Program

ROOT = Path(__file__).parents[2]
SOURCES = ("bot", "handlers", "regulations", "storage", "templates", "pyproject.toml", "README.md", "LICENSE")
SCRIPT = "你好\n同意\n外地\n宾馆\n"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """A command's output; its errors fail the test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANJU_", "PYTHON"))}
    done = subprocess.run(  # noqa: S603 -- commands of this test
        [str(part) for part in command],
        check=False,
        cwd=cwd,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment with nothing but the locked libraries and the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=True)
    pip = (folder / "env" / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--require-hashes", "-r", ROOT / "requirements" / "run.txt", cwd=folder)
    run(*pip, "--no-deps", wheel, cwd=folder)
    shutil.rmtree(source)
    return folder / "env" / "bin"


def test_a_talk_in_the_terminal(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text(SCRIPT, "utf-8")
    output = run(installed / "anju", "chat", "--script", "talk.txt", cwd=tmp_path, ANJU_KEYS=KEYS)
    assert "‹ 宾馆" in output
    assert "第十二条第一款第一项" in output
    assert (tmp_path / "var" / "anju.db").exists()


def test_the_module_is_the_same_command(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("hello\n", "utf-8")
    output = run(installed / "python", "-m", "bot", "chat", "--language", "en", "--script", "talk.txt", cwd=tmp_path)
    assert "I agree" in output
    assert (tmp_path / "var" / "development.keys").stat().st_mode & 0o777 == 0o600


def test_the_doctor_has_nothing_to_mend(installed: Path, tmp_path: Path) -> None:
    assert "templates" in run(installed / "anju", "doctor", cwd=tmp_path)


def test_the_server_serves_page_and_talk(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "PROGRAM", [str(installed / "anju")])
    serving = Program(tmp_path, f"sqlite:///{tmp_path / 'anju.db'}")
    serving.start()
    page = Page(serving)
    try:
        page.open()
        assert page.say("m1", "你好")["messages"][0]["options"]
        for name in ("chat.js", "chat.css", "icon.svg"):
            assert httpx.get(f"{serving.url}/static/{name}").status_code == httpx.codes.OK
    finally:
        page.close()
        serving.stop()


def test_nothing_of_the_tests_is_installed(installed: Path, tmp_path: Path) -> None:
    listed = run(installed / "python", "-c", "import importlib.metadata as m; print(m.files('anju'))", cwd=tmp_path)
    assert "tests/" not in listed
    assert "LICENSE" in listed
