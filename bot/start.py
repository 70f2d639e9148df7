"""`anju`: serve and work at once, every other command by way of the command line's library.

typer, click and rich take a fifth of a start and six MiB, and a server has no use for them.
"""

import gc
import sys

OPTIONS = frozenset({"--sender", "--no-sender", "--clock", "--no-clock"})


def main() -> None:
    """Run a command."""
    command, *options = sys.argv[1:] or [""]
    if command in {"serve", "work"} and set(options) <= OPTIONS:
        _serve(command, sender="--no-sender" not in options, clock="--no-clock" not in options)
    else:
        from bot.cli import main as command_line

        command_line()


def _serve(command: str, *, sender: bool, clock: bool) -> None:
    """A known failure is told in a sentence and not in a trace."""
    gc.disable()  # until the server is there: what is loaded stays, and would be looked at again and again
    _load_logs()
    from bot import areas, logs, serve
    from bot.copies import Parts
    from bot.settings import BadSettings, read_settings
    from regulations.errors import RegulationError
    from storage.errors import StorageError
    from storage.secrets import SecretsError

    try:
        settings = read_settings()
        logs.configure(as_json=settings.logs_json, for_good=True)
        run = serve.run if command == "serve" else serve.work
        run(settings, parts=Parts(sender, clock))
    except (BadSettings, areas.BadAreas, RegulationError, StorageError, SecretsError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


def _load_logs() -> None:
    """structlog draws traces with rich where it finds it; ours hold no values, and rich is as large as the logs."""
    if "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # Python's own way to say: not to be imported
    try:
        import structlog  # noqa: F401 -- for those who import it later
    finally:
        del sys.modules["rich"]
