"""The command line: everything that `anju` can do, a command each."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot import (
    audit_commands,
    data_commands,
    demo_commands,
    key_commands,
    logs,
    notice_commands,
    outbox_commands,
    regulation_commands,
    reminder_commands,
    staff_commands,
)
from bot.settings import BadSettings, Settings, read_settings

app = typer.Typer(
    name="anju",
    help="Anju (安居): the registration assistant of a residence-registration office.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)  # fmt: skip
app.add_typer(outbox_commands.app, name="outbox")
app.add_typer(audit_commands.app, name="audit")
app.add_typer(regulation_commands.app, name="regulations")
app.add_typer(reminder_commands.app, name="reminders")
app.add_typer(key_commands.app, name="keys")
app.add_typer(staff_commands.app, name="staff")
app.add_typer(demo_commands.app, name="demo")
app.command()(data_commands.backup)
app.command()(data_commands.restore)
app.command()(data_commands.copy)
app.add_typer(notice_commands.app, name="notices")
console = Console(stderr=True)


def main() -> None:
    """Run a command; a known failure is told in a sentence and not in a trace."""
    from bot.areas import BadAreas
    from bot.demo.ground import NoDemo
    from regulations.errors import RegulationError
    from storage.errors import StorageError
    from storage.secrets import SecretsError

    try:
        app()
    except (BadSettings, BadAreas, NoDemo, RegulationError, StorageError, SecretsError) as error:
        console.print(str(error), style="red", markup=False, highlight=False)
        raise SystemExit(2) from None


@app.command()
def serve(
    *,
    sender: Annotated[bool, typer.Option("--sender/--no-sender", help="Send what waits in the outbox.")] = True,
    clock: Annotated[bool, typer.Option("--clock/--no-clock", help="Do what the clock brings.")] = True,
) -> None:
    """Serve the channels and pages until stopped."""
    from bot.copies import Parts
    from bot.serve import run

    run(_settings(), parts=Parts(sender, clock))


@app.command()
def work(
    *,
    sender: Annotated[bool, typer.Option("--sender/--no-sender", help="Send what waits in the outbox.")] = True,
    clock: Annotated[bool, typer.Option("--clock/--no-clock", help="Do what the clock brings.")] = True,
) -> None:
    """Send and keep the clock until stopped, for copies of `anju serve` that do neither; only health by HTTP."""
    from bot import serve as serving
    from bot.copies import Parts

    serving.work(_settings(), Parts(sender, clock))


@app.command()
def chat(
    script: Annotated[Path | None, typer.Option(help="Replay a talk from a file of lines.", exists=True)] = None,
    name: Annotated[str, typer.Option("--as", help="Whose talk this is.")] = "",
    language: Annotated[str, typer.Option(help="The language to begin in.")] = "",
) -> None:
    """Talk to Anju in the terminal."""
    from bot.terminal_talk import talk

    asyncio.run(talk(_settings(quiet=True), script, name, language))


@app.command()
def migrate() -> None:
    """Bring the database up to date."""
    from bot.keys import vault
    from storage import schema
    from storage.database import open_database

    settings = _settings()
    database = open_database(settings.database_url, vault(settings))
    schema.upgrade(database.engine)
    database.close()
    console.print(f"The database is at revision {schema.head()}.")


@app.command()
def doctor() -> None:
    """Check settings, database, keys, templates, channels and calendar, and say what to do."""
    from bot.doctor import examine

    raise SystemExit(examine(Console()))


@app.command()
def areas(
    file: Annotated[
        Path, typer.Argument(help="CSV: code, parent, name_zh, name_en, latitude, longitude.", exists=True)
    ],
) -> None:
    """Put a file's streets and communities in place of the present ones."""
    from bot.areas import read_csv
    from bot.house import open_house
    from storage import places

    async def replace() -> int:
        house = await open_house(_settings())
        number = await house.database.run(lambda unit: places.replace_areas(unit, read_csv(file)))
        house.database.close()
        return number

    console.print(f"{asyncio.run(replace())} areas.")


@app.command()
def home(area: str, address: str) -> None:
    """Register a home and print the link of its QR code."""
    from bot.house import open_house
    from handlers.office.homes import register

    async def add() -> str:
        settings = _settings()
        house = await open_house(settings)
        code = await house.database.run(lambda unit: register(unit, area, address, datetime.now(UTC)))
        house.database.close()
        return f"{settings.public_url}/h/{code}"

    typer.echo(asyncio.run(add()))


@app.command()
def link(number: Annotated[str, typer.Argument(help="The receipt number of a registration.")]) -> None:
    """Make a one-time code for a person at the counter, who then links a new account to a registration."""
    from bot.house import open_house
    from handlers.office.accounts import code_for_receipt

    async def make() -> str | None:
        house = await open_house(_settings())
        code = await house.database.run(lambda unit: code_for_receipt(unit, number, datetime.now(UTC)))
        house.database.close()
        return code

    code = asyncio.run(make())
    console.print("There is no registration with that number." if code is None else f"绑定 {code} / link {code}")


@app.command()
def purge(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go, by kind.")] = False
) -> None:
    """Erase what is older than the settings keep it; the server does so every hour by itself."""
    from bot.purge_report import report

    asyncio.run(report(_settings(), Console(), dry_run=dry_run))


def _settings(*, quiet: bool = False) -> Settings:
    settings = read_settings()
    logs.configure(as_json=settings.logs_json, level=40 if quiet else 20)
    return settings
