"""`anju reminders`: what is planned, what is due, and one reminder, without saying whose; nothing is changed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table

from handlers.reminders.entries import REMINDERS
from storage import reminders
from storage.reminders import Reminder
from storage.unit import Unit

app = typer.Typer(help="Look at the reminders; nothing is changed.", no_args_is_help=True)
console = Console()

HEADS = ("about", "due", "days", "reminder", "state", "why", "made up")
LONGEST_NAME = max(len(entry.name) for entry in REMINDERS)  # which a narrow terminal must not cut

T = TypeVar("T")


@app.command()
def plan(
    days: Annotated[int, typer.Option(min=0, max=400, help="How far ahead.")] = 30,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 200,
) -> None:
    """What people will be reminded of in the coming days, the nearest first."""
    until = datetime.now(UTC) + timedelta(days=days)
    _show(_run(lambda unit: reminders.due_until(unit, until, limit)), "Nothing is planned.")


@app.command()
def due(limit: Annotated[int, typer.Option(min=1, max=10_000)] = 200) -> None:
    """What would be told at the next tick."""
    now = datetime.now(UTC)
    _show(_run(lambda unit: reminders.due_until(unit, now, limit)), "Nothing is due.")


@app.command()
def show(number: Annotated[int, typer.Argument(help="The reminder's number, as `plan` and `due` show it.")]) -> None:
    """One reminder, with everything that was planned about the same thing."""
    one = _run(lambda unit: reminders.get(unit, number))
    if one is None:
        console.print("There is no reminder of that number.")
        raise typer.Exit(1)
    same = _run(lambda unit: reminders.of(unit, one.entry, [one.subject]))
    _show(sorted(same, key=lambda other: other.id), "")
    if one.message_key:
        console.print(f"outbox: {one.message_key}", highlight=False)


def _show(found: "tuple[Reminder, ...] | list[Reminder]", nothing: str) -> None:
    if not found:
        console.print(nothing)
        return
    table = Table("no.", Column("entry", no_wrap=True, min_width=LONGEST_NAME), *HEADS, box=None)
    for one in found:
        days = "asked for" if one.origin == "asked" else f"{one.offset_days:+d}"
        row = (one.id, one.entry, one.subject, one.due_on, days, one.remind_on, one.state, one.reason, one.made_up)
        table.add_row(*(str(cell) for cell in row))
    console.print(table)


def _run(work: Callable[[Unit], T]) -> T:
    from bot.keys import vault
    from bot.settings import read_settings
    from storage import index_key, schema
    from storage.database import open_database

    settings = read_settings()
    database = open_database(settings.database_url, vault(settings))
    try:
        schema.check(database.engine)
        index_key.check(database)
        return database.run_now(work)
    finally:
        database.close()
