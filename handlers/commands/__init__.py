"""Words that work anywhere: back, skip, help, language, stop, my data, a person please …"""

from handlers.commands import asking, from_office, homes, own_data, permits, registering, talk
from handlers.commands.command import Command
from handlers.turns import Turn
from handlers.visit import Visit

BEFORE_GREETING = frozenset(
    {
        "language",
        "person",
        "link",
        "law",
        "quiz",
        "check",
        "home",
        "code",
        "privacy",
        "request",
        "permit",
        "rights",
        "import",
    }
)
BESIDE_STAFF = frozenset({"bot", "check", "read"})  # what the bot does though staff talk to the person


def carry_out(visit: Visit, command: str) -> Turn | None:
    """What a command leads to; None for words that are no command here."""
    name, _, argument = command.partition(":")
    entry = COMMANDS.get(name)
    return None if entry is None else entry(visit, argument)


COMMANDS: dict[str, Command] = {
    **talk.COMMANDS,
    **registering.COMMANDS,
    **own_data.COMMANDS,
    **asking.COMMANDS,
    **homes.COMMANDS,
    **permits.COMMANDS,
    **from_office.COMMANDS,
}
