"""Commands about what the office sends: topics, the way they come, answers to reminders and broadcasts."""

from collections.abc import Mapping

from handlers.commands.command import Command
from handlers.office import preferences, talks
from handlers.office.broadcasts import hearing, shouting
from handlers.reminders import answering
from handlers.turns import Turn
from handlers.visit import Visit


def _topics(visit: Visit, argument: str) -> Turn:
    known = argument in preferences.TOPICS
    return talks.present(visit, preferences.switch(visit, argument) if known else preferences.shown(visit))


def _prefer(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, preferences.prefer(visit, argument))


def _no_notices(visit: Visit, argument: str) -> Turn:
    return Turn(visit.conversation, (preferences.no_notices(visit),))


def _remind(visit: Visit, argument: str) -> Turn:
    return answering.answer(visit, argument)


def _read(visit: Visit, argument: str) -> Turn | None:
    return hearing.confirmed(visit, argument)


def _respond(visit: Visit, argument: str) -> Turn | None:
    return hearing.answered(visit)


def _cast(visit: Visit, argument: str) -> Turn | None:
    return shouting.decided(visit, argument)


COMMANDS: Mapping[str, Command] = {
    "topics": _topics,
    "prefer": _prefer,
    "no_notices": _no_notices,
    "remind": _remind,
    "read": _read,
    "respond": _respond,
    "cast": _cast,
}
