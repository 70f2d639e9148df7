"""`anju staff`: the first administrator, and help for who is locked out. No password passes the command line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from handlers.office import staff
from handlers.office.rights import EVERYWHERE, ROLES
from handlers.office.staff import Invited
from storage import places
from storage import staff as accounts
from storage.staff import Member
from storage.unit import Unit

T = TypeVar("T")

app = typer.Typer(help="Staff accounts of the console.", no_args_is_help=True)
console = Console()

Login = Annotated[str, typer.Argument(help="The login name, as `anju staff list` shows it.")]

REFUSALS = {
    "login_empty": "The login name is missing, such as wangfang.",
    "login_long": "The login name is too long: at most 40 characters.",
    "login_signs": "A login name has no spaces, such as wangfang.",
    "login_taken": "That login name is taken. For a new set-up link use `anju staff reset`.",
    "name_empty": 'The name is missing: --name "Wang Fang".',
    "name_long": "The name is too long: at most 40 characters.",
    "role_unknown": f"The role must be one of {', '.join(ROLES)}.",
    "area_unknown": "There is no such area; leave it out for all areas.",
    "last_administrator": "This is the last administrator for all areas; add another one first.",
}


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="What they type to sign in, such as wangfang.")],
    name: Annotated[str, typer.Option(help="As people see it who check the staff code.", prompt=True)],
    role: Annotated[str, typer.Option(help=", ".join(ROLES))] = "administrator",
    area: Annotated[str, typer.Option(help="The code of their area; all if left out.")] = EVERYWHERE,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """Add an account and print the link by which its owner chooses a password."""
    new, now = Member(0, "", login, name, role, area, language), datetime.now(UTC)
    added = _run(lambda unit: staff.add(unit, new, places.areas(unit), now))
    if not isinstance(added, Invited):
        _refuse(added)
    _tell_link(added)


@app.command("list")
def show_list() -> None:
    """Every account."""
    table = Table("code", "login", "name", "role", "area", "state", box=None)
    for member in _run(accounts.everybody):
        state = "disabled" if member.disabled else "active" if member.has_totp else "not set up"
        table.add_row(member.code, member.login, member.name, member.role, member.area or "all", state)
    console.print(table)


@app.command()
def reset(login: Login) -> None:
    """Forget password and one-time codes, sign out everywhere, and print a new set-up link."""
    now = datetime.now(UTC)
    _tell_link(_run(lambda unit: staff.reset(unit, _wanted(unit, login), now)))


@app.command()
def disable(login: Login) -> None:
    """Sign somebody out everywhere and let them in no more."""
    _set_disabled(login, disabled=True)
    console.print("Disabled, and signed out.")


@app.command()
def enable(login: Login) -> None:
    """Let somebody in again."""
    _set_disabled(login, disabled=False)
    console.print("Enabled.")


def _set_disabled(login: str, *, disabled: bool) -> None:
    now = datetime.now(UTC)

    def change(unit: Unit) -> str | None:
        return staff.change(unit, replace(_wanted(unit, login), disabled=disabled), places.areas(unit), now)

    refusal = _run(change)
    if refusal:
        _refuse(refusal)


def _wanted(unit: Unit, login: str) -> Member:
    found = accounts.by_login(unit, login)
    if found is None:
        _refuse("", "There is no such login name; `anju staff list` shows all.")
    return found


def _refuse(reason: str, sentence: str = "") -> NoReturn:
    console.print(sentence or REFUSALS[reason], highlight=False)
    raise typer.Exit(1)


def _tell_link(invited: Invited) -> None:
    from bot.settings import read_settings

    member = invited.member
    hours = int(staff.SETUP_LASTS.total_seconds() // 3600)
    console.print(f"{member.role} {member.login}, staff code {member.code}", highlight=False, markup=False)
    console.print(f"Give them this link; it works once, within {hours} hours. 请把链接交给本人，只能用一次：")
    typer.echo(f"{read_settings().public_url}/console/set-up/{invited.token}")  # unwrapped, so that it can be copied
    console.print("They choose a password there and connect an authenticator app.", highlight=False)


def _run(work: Callable[[Unit], T]) -> T:
    from bot.areas import seed
    from bot.house import prepare
    from bot.keys import vault
    from bot.settings import read_settings
    from storage.database import open_database

    settings = read_settings()
    database = open_database(settings.database_url, vault(settings))
    try:
        prepare(database)
        database.run_now(seed)
        return database.run_now(work)
    finally:
        database.close()
