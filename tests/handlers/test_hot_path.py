"""A step in a form costs three statements: read the talk, write it, remember the answer. More is noticed here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from handlers.messages import Incoming
from storage.database import Database
from tests import house as houses
from tests.talks.typed import TALK, typed

FRAME = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
FIRST, LAST = 2, len(TALK) - 1  # the first turns begin the talk, the last one submits
PLANNED = {"昨天"}  # a day of arrival plans its reminders
STEP = ["SELECT", "UPDATE", "INSERT"]
PLAN = ["SELECT", "SELECT", "INSERT"]  # what is planned of either kind, and what is new


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that reach the database."""
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith(FRAME):
            seen.append(" ".join(statement.split())[:60])

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


async def test_a_step_in_a_form_takes_three_statements(tmp_path: Path) -> None:
    url = houses.migrated_file(tmp_path / "anju.db")
    async with houses.opened(houses.settings(url)) as house:
        for number, text in enumerate(typed()):
            with counted(house.database) as seen:
                await house.chat.answer(Incoming("web", "p", f"m{number}", datetime.now(UTC), text=text))
            if FIRST <= number < LAST:
                expected = STEP + PLAN if text in PLANNED else STEP
                assert [statement.split()[0] for statement in seen] == expected, (text, seen)
