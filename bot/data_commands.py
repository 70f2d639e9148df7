"""`anju backup`, `anju restore` and `anju copy`: the whole database, kept, put back, or moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import logs
from bot.settings import Settings, read_settings
from storage.database import Database

console = Console()

Folder = Annotated[Path, typer.Argument(help="The folder to write into.", file_okay=False)]
Backup = Annotated[Path, typer.Argument(help="A file that `anju backup` wrote, with its .json beside it.", exists=True)]


def backup(folder: Folder = Path("var/backups")) -> None:
    """Write a backup while the server runs; keep ANJU_KEYS elsewhere: without them it can't be read."""
    from storage.backup import make

    settings = _settings()
    with _opened(settings.database_url, settings) as database:
        file, manifest = make(database.engine, folder, datetime.now(UTC))
    console.print(f"{file}: {sum(manifest.rows.values())} rows, schema {manifest.revision}.", highlight=False)
    console.print("The keys (ANJU_KEYS) are not in it: keep them in another place.")


def restore(
    file: Backup,
    *,
    force: Annotated[bool, typer.Option("--force", help="Also where the database holds rows: they are lost.")] = False,
) -> None:
    """Put a backup in place of the database that ANJU_DATABASE_URL names; stop the server first."""
    from storage.backup import restore as put_back

    settings = _settings()
    with _opened(settings.database_url, settings) as database:
        manifest = put_back(database.engine, file, force=force)
        console.print(f"{sum(manifest.rows.values())} rows are back, as of {manifest.made_at}.", highlight=False)
        _check(database)


def copy(
    source: Annotated[str, typer.Option("--from", help="sqlite:///… or postgresql://…")],
    target: Annotated[str, typer.Option("--to", help="The same; must be empty.")],
    *,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a copy that broke off.")] = False,
) -> None:
    """Copy a database into an empty one of either kind, and compare the two; stop the server first."""
    from storage.copying import Copy

    settings = _settings()
    with _opened(source, settings) as given, _opened(target, settings) as taken, progress() as bar:
        task = bar.add_task("counting", total=None)
        work = Copy(given.engine, taken.engine, lambda name, rows: bar.update(task, advance=rows, description=name))
        bar.update(task, total=sum(work.total().values()))
        sums = work.run(resume=resume)
    console.print(f"{sum(found.rows for found in sums.values())} rows in {len(sums)} tables, alike in both databases.")


def _check(database: Database) -> None:
    """Whether what came back is whole and can be read with these keys."""
    from storage import index_key, schema
    from storage.audit_check import verify
    from storage.probe import unreadable

    schema.upgrade(database.engine)
    for place in unreadable(database):
        console.print(f"ANJU_KEYS lack the key of {place}: put it back behind the newest.", style="red")
    standing = database.run_now(index_key.standing)
    if standing in index_key.REFUSED:
        console.print(str(index_key.REFUSED[standing]()), style="red")
    if any(True for _ in verify(database)):
        console.print("The audit log is not whole; `anju audit verify` tells where.", style="red")
        raise typer.Exit(1)
    console.print("The audit log is whole.")


@contextmanager
def at_work() -> Iterator[Database]:
    """The database of the settings."""
    settings = _settings()
    with _opened(settings.database_url, settings) as database:
        yield database


@contextmanager
def _opened(url: str, settings: Settings) -> Iterator[Database]:
    from bot.keys import vault
    from storage.database import open_database

    database = open_database(url, vault(settings))
    try:
        yield database
    finally:
        database.close()


def progress() -> Progress:
    """A bar that tells the table, how many of its rows, and how long it will take."""
    parts = (TextColumn("{task.description:>20}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*parts, console=console)


def _settings() -> Settings:
    settings = read_settings()
    logs.configure(as_json=settings.logs_json, level=30)
    return settings
