"""The law as this office keeps it: every rule with its source, how sure it is, and what doesn't count yet."""

from collections.abc import Mapping

from starlette.responses import Response

from bot.console.errand import Errand
from regulations.keys import FAMILIES
from regulations.pack import Pack
from regulations.rule import Rule


async def show(errand: Errand) -> Response:
    """The rules in force today, by what they are about."""
    settings = errand.desk.house.settings
    today_on = errand.desk.pages.today_on(errand.now)
    pack = settings.pack.on(today_on)
    return errand.page(
        "law",
        pack=pack,
        families={name: rules for name in FAMILIES if (rules := _family(pack, name))},
        coming=[rule for versions in pack.versions.values() for rule in versions if _is_coming(rule, pack)],
        last_year=settings.calendar.last_year,
        is_near=settings.calendar.last_year <= today_on.year,
    )


def _family(pack: Pack, name: str) -> Mapping[str, Rule]:
    found = {key: pack.find(key) for key in FAMILIES[name]}
    return {key: rule for key, rule in found.items() if rule is not None}


def _is_coming(rule: Rule, pack: Pack) -> bool:
    return pack.day is not None and rule.in_force_from is not None and rule.in_force_from > pack.day
