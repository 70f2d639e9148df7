"""Commands to ask somebody: a person of the office, whether a caller is of the staff, the law, a quiz."""

from collections.abc import Mapping

from handlers.command_words import after_word
from handlers.commands.command import Command
from handlers.office import badges, handing_over, law_search, notices, quiz, talks
from handlers.turns import Turn
from handlers.visit import Visit


def _person(visit: Visit, argument: str) -> Turn:
    return handing_over.ask(visit)


def _bot(visit: Visit, argument: str) -> Turn:
    if visit.conversation.hand_over is not None:
        return handing_over.brought_back(visit)
    return talks.resume(visit) if visit.is_talking else talks.welcome(visit)


def _check(visit: Visit, argument: str) -> Turn:
    said = badges.checked(visit, argument) if argument else badges.explained(visit)
    with_staff = visit.conversation.hand_over is not None
    return Turn(visit.conversation, (said,)) if with_staff else talks.present(visit, said)


def _law(visit: Visit, argument: str) -> Turn:
    if argument == "none":
        return law_search.none_of_these(visit)
    if argument == "ask":
        return law_search.asked(visit, after_word(visit.incoming.text))
    return notices.read(visit, argument)


def _quiz(visit: Visit, argument: str) -> Turn:
    return quiz.play(visit, argument)


def _stop_quiz(visit: Visit, argument: str) -> Turn:
    return quiz.leave(visit) or talks.present(visit)


COMMANDS: Mapping[str, Command] = {
    "person": _person,
    "bot": _bot,
    "check": _check,
    "law": _law,
    "quiz": _quiz,
    "stop_quiz": _stop_quiz,
}
