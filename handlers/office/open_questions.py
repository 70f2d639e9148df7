"""Words that are typed where a button of a notice could be pressed: understood where just one question is open."""

from handlers.answers.naming import folded
from handlers.answers.text import tidy
from handlers.messages import Choice
from handlers.office import tenancy_notices
from handlers.office.tenancy_notices import choice
from handlers.visit import Visit
from storage import homes, tenancies
from storage.records import Home
from storage.tenancies import Tenancy


def meant(visit: Visit) -> str:
    """The command of the button whose words were typed; empty where none or several questions are open."""
    said = folded(tidy(visit.incoming.text))
    asked = _asked(visit) if said else []
    if len(asked) != 1:
        return ""
    return next((one.value for one in asked[0] if folded(tidy(_words(visit, one))) == said), "")


def _asked(visit: Visit) -> list[tuple[Choice, ...]]:
    """The answers to each open question of the one talking, as landlord and as tenant."""
    holder = visit.conversation.holder_id
    own = [_to_landlord(visit, home, one) for home in homes.of_holder(visit.unit, holder) for one in _of(visit, home)]
    lived_in = [_to_tenant(one) for one in tenancies.of_tenant(visit.unit, holder)]
    return [choices for choices in (*own, *lived_in) if choices]


def _of(visit: Visit, home: Home) -> tuple[Tenancy, ...]:
    return tenancies.of_home(visit.unit, home.code)


def _to_landlord(visit: Visit, home: Home, tenancy: Tenancy) -> tuple[Choice, ...]:
    if tenancy.state == "claimed":
        return tenancy_notices.ask_landlord(visit.unit, home, tenancy).choices
    if tenancy.state == "leaving" and tenancy.leaving_by == "tenant":
        return tuple(choice(word, tenancy.id) for word in ("gone", "there"))
    return ()


def _to_tenant(tenancy: Tenancy) -> tuple[Choice, ...]:
    if tenancy.state == "leaving" and tenancy.leaving_by == "landlord":
        return tuple(choice(word, tenancy.id) for word in ("moved", "still"))
    return ()


def _words(visit: Visit, one: Choice) -> str:
    """What stands on the button: a name, or the words of the command without its number."""
    command = ":".join(one.value.split(":")[:2])
    return one.label or visit.context.vocabulary.label("commands", command)
