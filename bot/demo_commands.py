"""`anju demo`: an invented town, built once and then shown; `anju demo code` for signing in to it."""

import asyncio
import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(
    help="An invented town with a living office, to look around in. Its database is its own.",
    invoke_without_command=True,
)
console = Console()

SEED = 20261125
WARNINGS = 30
SELDOM = 100_000


@app.callback()
def demo(
    context: typer.Context,
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Build the town anew, from today.")] = False,
    seed: Annotated[int, typer.Option(help="Another number, other people.")] = SEED,
) -> None:
    """Build the town unless it is there, serve it, and tell how to sign in as each role."""
    if context.invoked_subcommand is not None:
        return
    from bot import logs, serve
    from bot.demo import ground, show

    settings = ground.settings()
    logs.configure(as_json=settings.logs_json, level=WARNINGS)
    ground.check_port(settings)
    if fresh or not ground.is_built():
        _build(seed)
    with show.welcome(console, settings.public_url, _secrets()):
        serve.run(settings, show.say_nothing)


@app.command("code")
def one_code(login: Annotated[str, typer.Argument(help="Whose code, such as reviewer.")] = "reviewer") -> None:
    """Show the one-time code with which somebody of the town signs in now. Other databases have no such door."""
    from bot.demo import ground, show

    ground.settings()  # refuses where no town may be
    if not ground.is_built():
        raise ground.NoDemo("it isn't built yet; `make demo` builds it.")
    known = _secrets()
    if login not in known:
        raise ground.NoDemo(f"nobody signs in as that there; the logins are {', '.join(known)}.")
    show.one_code(console, login, known[login], datetime.now(UTC))


def _build(seed: int) -> None:
    from bot.demo import ground, show

    begun = time.monotonic()
    ground.clear()
    gc.freeze()
    gc.set_threshold(SELDOM)  # much is made and kept: looking through it again and again takes a fifth of the time
    with show.progress(console) as bar:
        task = bar.add_task("安居小镇 Building the town", total=None, note="")
        asyncio.run(_fill(seed, lambda told, total: bar.update(task, completed=told, total=total)))
        bar.update(task, note=f"{time.monotonic() - begun:.0f} s")
    ground.open_up()


async def _fill(seed: int, told: Callable[[int, int], object]) -> None:
    from bot.demo import ground
    from bot.demo.town import Town
    from bot.house import open_house
    from storage import demo_mark

    house = await open_house(ground.settings(ground.UNFINISHED))
    try:
        await Town(house, seed, datetime.now(UTC)).fill(told)
        await house.database.run(demo_mark.put)
    finally:
        house.database.close()


def _secrets() -> dict[str, str]:
    from bot.demo import crew, ground
    from bot.keys import vault
    from storage.database import open_database

    settings = ground.settings()
    database = open_database(settings.database_url, vault(settings))
    try:
        return database.run_now(crew.secrets_of)
    finally:
        database.close()
