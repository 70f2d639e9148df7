"""`anju keys`: make them, and put the newest in the older ones' place."""

import typer
from rich.console import Console

from bot.data_commands import at_work, progress

app = typer.Typer(help="The encryption keys.")
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
