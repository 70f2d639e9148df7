"""`anju audit`: is the log whole, and what does it say about a record."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from storage import audit
from storage.audit import Entry, Subject
from storage.audit_check import Anchor, Finding, verify
from storage.database import Database

app = typer.Typer(help="The log of who did what to whose data.", no_args_is_help=True)
console = Console()

SENTENCES = {
    "changed": "Entry {first} was changed after it was written.",
    "missing": "Entries {first} to {last} are missing.",
    "inserted": "Entry {first} was put in: the log's head does not know it.",
    "truncated": "Entries {first} to {last} at the end were cut off.",
    "unlinked": "Entry {first} does not follow the one before it: it comes from another copy of the log.",
    "head": "The head of the log was changed, or is missing.",
    "unknown_past": "Entry {first} is not the one that was written down: an older state of the log was put back.",
}
FINGERPRINT = 16


@app.command("verify")
def check(
    known: Annotated[
        str, typer.Option(help="NUMBER:FINGERPRINT, as an earlier check printed it: must still be there.")
    ] = "",
) -> None:
    """Find every entry that was changed, taken out, put in or cut off."""
    anchor = _anchor(known)
    database = _opened()
    try:
        found = _told(verify(database, anchor))
        head = database.run_now(audit.head)
    finally:
        database.close()
    if found:
        raise typer.Exit(1)
    if head is None:
        console.print("The log is empty.")
        return
    console.print(f"The log is whole: {head.count} entries.")
    console.print(
        f"Write this down where the database's administrator can't: {head.count}:{head.hash.hex()[:FINGERPRINT]}",
        highlight=False,
    )


@app.command()
def show(
    subject: Annotated[str, typer.Option(help="KIND:ID, such as submission:12; empty for the newest of all.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
) -> None:
    """Who did what, newest first; reasons are shown, details are not."""
    kind, _, number = subject.partition(":")
    database = _opened()
    try:
        entries = database.run_now(
            lambda unit: audit.about(unit, [Subject(kind, number)], limit) if subject else audit.newest(unit, limit)
        )
    finally:
        database.close()
    _print(entries)


def _print(entries: tuple[Entry, ...]) -> None:
    table = Table("no.", "at", "who", "action", "subject", "reason", box=None)
    for entry in entries:
        act = entry.act
        who, about = f"{act.who.kind} {act.who.id}".strip(), f"{act.subject.kind}:{act.subject.id}"
        table.add_row(str(entry.number), _at(entry.at), who, act.action, about, act.reason)
    console.print(table if entries else "Nothing is in the log.")


def _told(findings: Iterator[Finding]) -> int:
    number = 0
    for finding in findings:
        number += 1
        console.print(SENTENCES[finding.kind].format(first=finding.first, last=finding.last), style="red")
    return number


def _anchor(known: str) -> Anchor | None:
    number, _, fingerprint = known.partition(":")
    if known and not (number.isdecimal() and len(fingerprint) >= FINGERPRINT):
        raise typer.BadParameter("must look like 1234:0123456789abcdef, as `anju audit verify` prints it")
    return Anchor(int(number), fingerprint) if known else None


def _opened() -> Database:
    from bot.keys import vault
    from bot.settings import read_settings
    from storage import schema
    from storage.database import open_database

    settings = read_settings()
    database = open_database(settings.database_url, vault(settings))
    schema.check(database.engine)
    return database


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}Z"
