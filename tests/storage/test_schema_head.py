"""The newest revision is read from the files, so that a start needn't load Alembic."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine

from storage import schema
from storage.errors import NotReached


def test_the_newest_revision_is_the_one_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert schema.head() == ScriptDirectory.from_config(config).get_current_head()


def test_an_empty_database_has_no_revision() -> None:
    with create_engine("sqlite://").connect() as connection:
        assert schema.current(connection) is None


def test_a_start_loads_nothing_that_only_some_commands_need() -> None:
    seldom = (
        *("alembic", "psycopg", "requests", "aiogram", "aiohttp", "icalendar", "openpyxl"),
        *("typer", "rich", "pygments", "PIL", "segno", "fpdf", "snowballstemmer"),
    )
    code = (
        "import sys; from bot import start; start._load_logs(); import bot.serve;"
        f"print([name for name in {seldom} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("ask", [schema.check, schema.upgrade])
def test_a_database_that_is_not_there_is_told_of_in_a_sentence(ask: Callable[[Engine], None]) -> None:
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:9/nothing", hide_parameters=True)
    with pytest.raises(NotReached, match="ANJU_DATABASE_URL"):
        ask(engine)
    engine.dispose()
