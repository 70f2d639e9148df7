"""Commands that register a person, or change, end or withdraw what was registered."""

from collections.abc import Mapping

from handlers.commands.command import Command, is_about
from handlers.office import corrections, endings, talks
from handlers.turns import Turn
from handlers.visit import Visit


def _register_me(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if visit.is_talking else talks.begin(visit)


def _household(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if visit.is_talking else talks.household(visit)


def _change(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if visit.is_talking else endings.change(visit)


def _leave(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if is_about(visit, "leave") else endings.leave(visit)


def _lease(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if is_about(visit, "lease") else endings.lease(visit)


def _withdraw(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if is_about(visit, "withdraw") else endings.withdraw(visit)


def _answers(visit: Visit, argument: str) -> Turn:
    waiting = corrections.waiting(visit)
    if waiting is None or is_about(visit, "correction"):
        return talks.resume(visit) if visit.is_talking else talks.welcome(visit)
    return corrections.begin(visit, waiting)


COMMANDS: Mapping[str, Command] = {
    "register_me": _register_me,
    "household": _household,
    "change": _change,
    "leave": _leave,
    "lease": _lease,
    "withdraw": _withdraw,
    "answers": _answers,
}
