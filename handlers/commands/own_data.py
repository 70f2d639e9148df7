"""Commands about a person's own data: my data, certificate, export, erasure, requests, linking accounts."""

from collections.abc import Mapping

from handlers.commands.command import Command
from handlers.office import accounts, certificates, mydata, privacy, requests, talks
from handlers.turns import Turn
from handlers.visit import Visit


def _my_data(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, mydata.shown(visit))


def _certificate(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, certificates.own(visit))


def _export(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, privacy.export(visit))


def _erase(visit: Visit, argument: str) -> Turn:
    return privacy.erase(visit) if argument == "yes" else privacy.ask_to_erase(visit)


def _who_looked(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, privacy.who_looked(visit))


def _privacy(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, requests.explained(visit))


def _request(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, requests.ask(visit, argument))


def _link(visit: Visit, argument: str) -> Turn:
    turn = accounts.use_code(visit, argument) if argument else accounts.give_code(visit)
    return talks.present(visit.with_conversation(turn.conversation), *turn.replies)


COMMANDS: Mapping[str, Command] = {
    "my_data": _my_data,
    "certificate": _certificate,
    "export": _export,
    "erase": _erase,
    "who_looked": _who_looked,
    "privacy": _privacy,
    "request": _request,
    "link": _link,
}
