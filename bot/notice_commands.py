"""`anju notices`: why somebody gets the notice they get."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from bot.house import House
    from handlers.office.law_push import Person
    from handlers.office.notice_choice import Candidate, Choice
    from storage.unit import Unit

SHOWN = 5
REASONS = {
    "not_for_them": "not meant for them",
    "read": "read within a year",
    "sent_lately": "sent within three months",
    "overdue": "past its next check",
}

app = typer.Typer(help="Notices about the law that are sent to people.", no_args_is_help=True)
console = Console()


@app.callback()
def group() -> None:
    """Notices about the law that are sent to people."""


@app.command()
def why(
    account: Annotated[str, typer.Argument(help="CHANNEL:ADDRESS (telegram:1234), or the number of a registration.")],
) -> None:
    """Explain which notice a person gets next: what is known of them, what counts for it, what is left out and why."""
    from bot.house import open_house
    from bot.settings import read_settings

    async def look() -> bool:
        house = await open_house(read_settings())
        try:
            now = datetime.now(UTC)
            found = await house.database.read(lambda unit: _look(unit, house, account, now))
            if found is not None:
                _explain(house, *found)
            return found is not None
        finally:
            house.database.close()

    if not asyncio.run(look()):
        console.print(
            "Nobody is known by that. Say telegram:1234, or a number such as 261125-AB2CD-E.", highlight=False
        )
        raise typer.Exit(1)


def _look(unit: "Unit", house: "House", account: str, now: datetime) -> "tuple[Person, Choice, int] | None":
    from handlers.office import law_push

    holder = _holder(unit, account)
    return law_push.why(unit, house.chat.office, holder, now) if holder else None


def _holder(unit: "Unit", account: str) -> str:
    from storage import conversations, submissions

    channel, colon, address = account.partition(":")
    if colon:
        found = conversations.find(unit, channel, address)
        return "" if found is None else found.holder_id
    sent = submissions.by_number(unit, account.strip().upper())
    return "" if sent is None else sent.holder_id


def _explain(house: "House", who: "Person", choice: "Choice", hour: int) -> None:
    console.print(f"Known: {', '.join(sorted(who.known.traits)) or 'nothing'}", highlight=False)
    if who.off:
        console.print("They don't want notices, so nothing is sent.")
    if not who.consented:
        console.print("They have taken back their consent, so nothing is sent.")
    if choice.best is None:
        console.print("Nothing is left to tell them.")
    else:
        console.print(f"Next: {choice.best.notice}, at {hour}:00 or some minutes later", highlight=False)
    table = Table("points", "notice", "title", "why", box=None)
    for one in choice.candidates[:SHOWN]:
        title = house.words.library.notices[one.notice].words["en"].title
        table.add_row(str(one.points), one.notice, title, reasons(one))
    console.print(table)
    for reason, words in REASONS.items():
        if number := sum(found == reason for found in choice.excluded.values()):
            console.print(f"{number} left out: {words}", highlight=False)


def reasons(one: "Candidate") -> str:
    """Where a candidate's points come from, in words."""
    if one.campaign:
        return f"campaign “{one.campaign}”"
    told = {"same_topic": "the topic of the last one"}
    return (
        ", ".join(f"{told.get(what, what)} {points:+d}" for what, points in one.why)
        or "nothing speaks for or against it"
    )
