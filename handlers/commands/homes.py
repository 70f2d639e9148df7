"""Commands about homes and who lives there: the landlord's and the tenant's."""

from collections.abc import Mapping
from dataclasses import replace

from handlers.commands.command import Command, is_about
from handlers.office import helped, importing, my_duties, my_home, my_homes, talks
from handlers.turns import Turn
from handlers.visit import Visit


def _code(visit: Visit, argument: str) -> Turn:
    """A poster's code, typed: the same as scanning it."""
    scanned = replace(visit, incoming=replace(visit.incoming, text="", kind="scan", scene=f"home_{argument}"))
    return helped.take_up(scanned, argument) or my_home.scan(scanned, argument)


def _home(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if is_about(visit, "home") else my_homes.register(visit)


def _my_homes(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_homes.shown(visit, argument))


def _report_tenant(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if is_about(visit, "tenant") else my_homes.report(visit, argument)


def _moved_out(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if is_about(visit, "moved_out") else my_homes.moved_out(visit, argument)


def _poster(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_homes.posters(visit, argument))


def _new_code(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_homes.renew_codes(visit, argument))


def _duties(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_duties.shown(visit))


def _import(visit: Visit, argument: str) -> Turn:
    return importing.command(visit, argument)


def _my_home(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_home.shown(visit))


def _tenancy(visit: Visit, argument: str) -> Turn:
    return my_home.hear(visit, argument)


COMMANDS: Mapping[str, Command] = {
    "code": _code,
    "home": _home,
    "my_homes": _my_homes,
    "report_tenant": _report_tenant,
    "moved_out": _moved_out,
    "poster": _poster,
    "new_code": _new_code,
    "duties": _duties,
    "import": _import,
    "my_home": _my_home,
    "tenancy": _tenancy,
}
