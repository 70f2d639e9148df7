"""`anju outbox`: what waits, what became of it, and what to do about it by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from storage import calls, ledger
from storage.unit import Unit

T = TypeVar("T")

app = typer.Typer(help="Messages that are to reach somebody later.", no_args_is_help=True)
console = Console()

Number = Annotated[int, typer.Argument(help="The message's number, as `anju outbox list` shows it.")]


@app.command("list")
def show_list(
    state: Annotated[str, typer.Option(help="waiting, claimed, accepted, sent, failed …")] = "",
    channel: Annotated[str, typer.Option(help="web, wechat or telegram.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
) -> None:
    """The newest messages, without what they say and to whom."""
    table = Table("no.", "class", "channel", "state", "reason", "tries", "due", box=None)
    for entry in _run(lambda unit: ledger.entries(unit, state, channel, limit)):
        table.add_row(
            str(entry.id), entry.kind, entry.channel, entry.state, entry.reason, str(entry.attempts), _at(entry.due_at)
        )
    console.print(table)


@app.command()
def show(number: Number) -> None:
    """One message and every try at it."""
    entry = _run(lambda unit: ledger.entry(unit, number))
    if entry is None:
        console.print(f"There is no message {number}.")
        raise typer.Exit(1)
    console.print(f"{entry.kind} on {entry.channel}: {entry.state} {entry.reason}".rstrip(), highlight=False)
    console.print(f"written {_at(entry.created_at)}, due {_at(entry.due_at)}, ended {_at(entry.ended_at)}")
    for attempt in _run(lambda unit: ledger.attempts(unit, number)):
        told = f"{attempt.number}. {_at(attempt.started_at)} {attempt.outcome} {attempt.reason}"
        console.print(told.rstrip(), highlight=False)


@app.command()
def retry(number: Number) -> None:
    """Send a message that failed once more."""
    now = datetime.now(UTC)
    _tell(_run(lambda unit: ledger.retry(unit, number, now)), "It will be tried again.", "It has not failed.")


@app.command()
def cancel(number: Number) -> None:
    """Don't send a message that still waits."""
    now = datetime.now(UTC)
    done = _run(lambda unit: ledger.cancel(unit, number, now))
    _tell(done, "It won't be sent.", "It is on its way, or has ended.")


@app.command("calls")
def show_calls(
    days: Annotated[
        int | None, typer.Option(min=0, help="How near the deadline is; ANJU_CALL_DAYS by default.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
) -> None:
    """Whom no message reaches and a deadline nears: the office telephones them."""
    from bot.settings import read_settings

    within = timedelta(days=read_settings().call_days if days is None else days)
    now = datetime.now(UTC)
    found = _run(lambda unit: calls.calls(unit, now, within, limit))
    if not found:
        console.print("Everybody can be reached.")
        return
    table = Table("no.", "registration", "class", "channel", "why", "by", box=None)
    for call in found:
        table.add_row(str(call.id), call.registration, call.kind, call.channel, call.reason, _at(call.not_after))
    console.print(table)


@app.command()
def called(number: Number) -> None:
    """The person was told by telephone: take them off the call list."""
    now = datetime.now(UTC)
    done = _run(lambda unit: calls.called(unit, number, now))
    _tell(done, "Noted.", "It is not on the call list.")


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


def _tell(done: bool, yes: str, no: str) -> None:
    console.print(yes if done else no)
    if not done:
        raise typer.Exit(1)


def _at(instant: datetime | None) -> str:
    return "–" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S}Z"
