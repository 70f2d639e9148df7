"""What tenants do in the talk about where they live; answers of both sides; what a scanned code says."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import Any

from handlers.messages import Choice, Reply, control
from handlers.office import helped, home_codes, leaving, my_homes, scanning, talks, tenancies, tenancy_notices
from handlers.office.tenancy_answers import HEARINGS, Answer, Heard, Hearing, landlords
from handlers.office.tenancy_notices import choice
from handlers.office.tenancy_states import lead
from handlers.office.tenancy_views import tenant_sees
from handlers.office.timing import change_by
from handlers.turns import Turn
from handlers.visit import Visit
from storage import homes, invitations
from storage import tenancies as kept
from storage.tenancies import Tenancy, Word

WORDS: Mapping[str, Hearing] = MappingProxyType(
    {
        **HEARINGS,
        "moved": leaving.tenant_moved,
        "still": leaving.tenant_still,
        "gone": leaving.landlord_gone,
        "there": leaving.landlord_still,
    }
)
# What is answered to a word that was heard.
SAID: Mapping[str, str] = MappingProxyType(
    {
        "yes": "say/heard_yes", "no": "say/heard_no", "not_yet": "say/heard_not_yet", "is": "say/heard_yes",
        "not_me": "say/heard_not_me", "moved": "say/where_now", "still": "say/heard_still", "gone": "say/heard_gone",
        "there": "say/heard_no",
    }
)  # fmt: skip


def shown(visit: Visit) -> Reply:
    """Where the one talking lives, by whose word, and what they may say about it."""
    seen = tenant_sees(visit.unit, visit.conversation.holder_id)
    lines = [asdict(one) | {"since": _iso(one.since), "left_on": _iso(one.left_on)} for one in seen]
    asked = tuple(choice(word, one.number) for one in seen if one.state == "leaving" for word in ("moved", "still"))
    denied = tuple(choice("not_me", one.number) for one in seen if one.state == "confirmed")
    controls = (*asked[:4], *denied[:2], control("change"), control("leave"))
    return Reply("say/my_home", {"homes": lines}, controls if seen else (control("start"), control("change")))


def hear(visit: Visit, argument: str) -> Turn:
    """A word about a tenancy (`yes:12`): heard, heard before, or not theirs to say."""
    word, _, rest = argument.partition(":")
    numbers = [int(part) for part in rest.split(":") if part.isdecimal() and len(part) < MOST_DIGITS]
    if word == "ask":
        return talks.present(visit, _asked_again(visit, numbers))
    if word in INVITED:
        return INVITED[word](visit)
    if word not in WORDS or not numbers:
        return talks.present(visit, shown(visit))
    answer = Answer(visit.conversation.holder_id, numbers[0], visit.now, *numbers[1:2])
    return talks.present(visit, _answered(visit, word, WORDS[word](visit.unit, answer, visit.office)))


def scan(visit: Visit, code: str) -> Turn:
    """A poster's code that was typed: the talk knows the home from now on."""
    located = replace(visit.conversation, scene=code)
    home = scanning.scanned(visit.unit, code, visit.now)
    found = replace(visit, conversation=located, context=replace(visit.context, home=home))
    turn = talks.present(found)
    said = greeted(found) if home is not None or greeted(found) else (Reply("say/code_unknown"),)
    return replace(turn, replies=(*said, *turn.replies))


def greeted(visit: Visit) -> tuple[Reply, ...]:
    """What a scanned code says first: the poster is an old one; or who invites, and into which home."""
    code = visit.incoming.scene.removeprefix("home_") if visit.incoming.scene.startswith("home_") else ""
    found = homes.code_of(visit.unit, code) if code else None
    if found is not None and found.retired_at is not None:
        return (Reply("say/code_retired", {"code": home_codes.clear(code)}),)
    if len(code) == home_codes.INVITATION_LENGTH:
        typed = helped.greeted(visit, code)
        if typed is not None:
            return typed
        tenancy = scanning.invited(visit.unit, code, visit.now)
        return (Reply("say/invitation_over"),) if tenancy is None else _invitation(visit, tenancy)
    return ()


def _invitation(visit: Visit, tenancy: Tenancy) -> tuple[Reply, ...]:
    """Who invites, into which home. Who has registered already needs no new registration to say: that's me."""
    home = homes.get(visit.unit, tenancy.home)
    if home is None:
        return ()
    data = tenancy_notices.facts(home, tenancy) | {"by": tenancy_notices.reporter(home)}
    known = bool(talks.standing(visit))
    me = (Choice("tenancy:me", codes="commands", role="control"),) if known else ()
    not_me = Choice("tenancy:not_invited", codes="commands", role="control")
    return (Reply("say/invited", data | {"known": known}, (*me, not_me)),)


def _it_is_me(visit: Visit) -> Turn:
    """Somebody who has registered takes up an invitation."""
    tenancy = _spent(visit)
    sent = talks.standing(visit)
    home = None if tenancy is None else homes.get(visit.unit, tenancy.home)
    if tenancy is None or home is None or not sent:
        return talks.present(visit, Reply("say/invitation_over"))
    joined = tenancies.join(visit.unit, tenancy, sent[0], visit.office, visit.now)
    if joined is None:
        return talks.present(visit, shown(visit))
    tenancy_notices.joined(visit.unit, home, joined, visit.now)
    data = tenancy_notices.facts(home, joined)
    return talks.present(visit, Reply("say/joined", data, (control("change"), control("my_home"))))


def _not_invited(visit: Visit) -> Turn:
    """That's not me: the collector looks at it, the invitation is over. Typed without one, it is about one's home."""
    tenancy = _spent(visit)
    lived_in = kept.of_tenant(visit.unit, visit.conversation.holder_id)
    if tenancy is None and len(lived_in) == 1:
        return hear(visit, f"not_me:{lived_in[0].id}")
    if tenancy is None:
        return talks.present(visit, Reply("say/invitation_over") if _is_invited(visit) else shown(visit))
    disputed = lead(visit.unit, tenancy, "disputed", Word("tenant", visit.now, "not_me"), tenant_says="not_me")
    if disputed is not None:
        tenancy_notices.tell_landlord(visit.unit, disputed, "say/tenant_says_no", (), visit.now)
    return talks.present(visit, Reply("say/heard_not_me", {"again": disputed is None}))


def _is_invited(visit: Visit) -> bool:
    """Whether the talk came by an invitation."""
    return len(visit.conversation.scene) == home_codes.INVITATION_LENGTH


def _spent(visit: Visit) -> Tenancy | None:
    """The reported tenancy that the account was invited into; the invitation is used up."""
    if not _is_invited(visit):
        return None
    tenancy_id = invitations.spend(visit.unit, visit.conversation.scene, visit.now)
    tenancy = None if tenancy_id is None else kept.lock(visit.unit, tenancy_id)
    return tenancy if tenancy is not None and tenancy.state == "reported" else None


def _answered(visit: Visit, word: str, heard: Heard | None) -> Reply:
    if heard is None:
        return Reply("say/not_yours", {}, (control("my_homes"), control("my_home"), control("person")))
    if word == "moved":
        data = {"again": heard.again, **change_by(visit.office, heard.tenancy.left_on)}
        return Reply("say/where_now", data, (control("change"), control("leave"), control("person")))
    controls = (control("my_home"),) if word in {"not_me", "still"} else (control("my_homes"),)
    return Reply(SAID[word], {"again": heard.again}, controls)


def _asked_again(visit: Visit, numbers: list[int]) -> Reply:
    """The question about one tenancy once more, from the list."""
    asked = Answer(visit.conversation.holder_id, numbers[0] if numbers else 0, visit.now)
    tenancy = landlords(visit.unit, asked)
    home = None if tenancy is None else homes.get(visit.unit, tenancy.home)
    if tenancy is None or home is None or tenancy.state != "claimed":
        return my_homes.shown(visit)
    return tenancy_notices.ask_landlord(visit.unit, home, tenancy)


def _iso(day: Any) -> str | None:
    return None if day is None else str(day.isoformat())


MOST_DIGITS = 16
INVITED: Mapping[str, Callable[[Visit], Turn]] = MappingProxyType({"me": _it_is_me, "not_invited": _not_invited})
