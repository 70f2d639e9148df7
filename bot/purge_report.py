"""`anju purge`: one round by hand, or only what it would do."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bot.house import open_house
from bot.purge import Due, Purger
from bot.settings import Settings


async def report(settings: Settings, console: Console, *, dry_run: bool) -> None:
    """Show what is due to go by kind; erase it unless this is a dry run."""
    house = await open_house(settings)
    try:
        purger = Purger(house.database, settings)
        due = await purger.due()
        if not dry_run:
            await purger.purge()
    finally:
        house.database.close()
    _print(console, due, dry_run=dry_run)


def _print(console: Console, due: Sequence[Due], *, dry_run: bool) -> None:
    table = Table("kind", "kept for", "would go" if dry_run else "erased", "setting", box=None)
    for entry in due:
        days = "ever" if entry.count is None else f"{entry.days} days"
        table.add_row(entry.kind, days, str(entry.count or 0), entry.setting)
    console.print(table)
