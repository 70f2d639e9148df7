"""`anju keys`: make them, and put the newest in the older ones' place."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from bot.data_commands import at_work, progress

app = typer.Typer(help="The encryption keys, and the key by which what they seal is found.")
console = Console()


@app.callback(invoke_without_command=True)
def keys(context: typer.Context) -> None:
    """Make new keys for ANJU_KEYS."""
    from bot.keys import new_keys

    if context.invoked_subcommand is None:
        typer.echo(f"ANJU_KEYS={new_keys()}")


@app.command()
def rotate() -> None:
    """Seal with the newest key what older ones sealed, while the program runs; may be broken off and begun again."""
    from storage.rotation import Rotation

    with at_work() as database, progress() as bar:
        task = bar.add_task("counting", total=None)
        work = Rotation(database, lambda name, rows: bar.update(task, advance=rows, description=name))
        bar.update(task, total=work.total())
        found = work.run()
    console.print(f"{found.changed} values were sealed anew.")
    for name, number in found.sealed_by.items():
        console.print(f"  {name}: {number} values", highlight=False)
    console.print("A key that is not in this list seals nothing any more and may be taken out of ANJU_KEYS.")
    if found.unreadable:
        for where, number in found.unreadable.items():
            console.print(f"  {where}: {number} values that none of these keys opens", style="red", highlight=False)
        raise typer.Exit(1)


@app.command()
def reindex(
    *,
    stopped: Annotated[
        bool, typer.Option("--stopped", help="Don't ask: every copy is stopped, a backup made.")
    ] = False,
) -> None:
    """Find everything by the new `index` key and nothing by `index-old`; may be broken off and begun again."""
    from storage import schema
    from storage.alone import refuse_company
    from storage.reindexing import Reindexing

    if not stopped and not typer.confirm("Is every copy of the program stopped, and a backup made?"):
        raise typer.Exit(1)
    with at_work() as database, progress() as bar:
        refuse_company(database.engine)
        schema.check(database.engine)
        task = bar.add_task("counting", total=None)
        work = Reindexing(database, lambda name, rows: bar.update(task, advance=rows, description=name))
        bar.update(task, total=work.total())
        changed = work.run(datetime.now(UTC))
    if not changed:
        console.print("Everything is found by this index key already.")
        return
    console.print("Everything is found by the new index key. The staff signs in anew; start the program.")
    console.print("Keep index-old in ANJU_KEYS for some days, then take it out (docs/operate.md, Keys).")
