"""What a command is."""

from collections.abc import Callable

from handlers.turns import Turn
from handlers.visit import Visit

Command = Callable[[Visit, str], Turn | None]  # what stands behind the command's name is its argument


def is_about(visit: Visit, form: str) -> bool:
    """Whether this form is being filled in."""
    return visit.is_talking and visit.form.name == form
