"""Commands about the residence permit, and what a person may do next."""

from collections.abc import Mapping

from handlers.commands.command import Command, is_about
from handlers.office import my_matters, permit_rights, permit_talks, talks
from handlers.turns import Turn
from handlers.visit import Visit


def _matters(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_matters.shown(visit))


def _permit(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, permit_talks.shown(visit))


def _apply(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if is_about(visit, "permit") else permit_talks.apply(visit, argument)


def _endorse(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if is_about(visit, "endorse") else permit_talks.endorse(visit)


def _replace(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if is_about(visit, "replace") else permit_talks.replace_permit(visit)


def _rights(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, permit_rights.shown(visit))


COMMANDS: Mapping[str, Command] = {
    "matters": _matters,
    "permit": _permit,
    "apply": _apply,
    "endorse": _endorse,
    "replace": _replace,
    "rights": _rights,
}
