"""Messages to many people at once: to the account each prefers, in its language, all written by few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers import turns
from handlers.messages import Reply
from handlers.turns import Answered
from storage import letters
from storage.deliveries import Terms
from storage.letters import Written
from storage.records import Address
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Letter:
    """A message: its key, whom it is for (a holder, or else one account), what it says, how it wants to be sent."""

    key: str
    holder_id: str
    conversation_id: int
    reply: Reply
    terms: Terms


def tell_all(unit: Unit, wanted: Sequence[Letter], now: datetime) -> frozenset[str]:
    """What `outbox.tell` and `outbox.tell_account` do for one; the keys of what was written.

    Missing are those whose person has no account at all, and what was there already.
    """
    of_people = letters.preferred(unit, [one.holder_id for one in wanted if one.holder_id])
    of_accounts = letters.addresses(unit, [one.conversation_id for one in wanted if not one.holder_id])
    found = (
        (one, of_people.get(one.holder_id) if one.holder_id else of_accounts.get(one.conversation_id)) for one in wanted
    )
    return letters.enqueue(unit, [_written(one, address) for one, address in found if address is not None], now)


def _written(one: Letter, address: Address) -> Written:
    answered = Answered(b"", address.conversation_id, address.language, (one.reply,))
    return Written(one.key, address, turns.packed(answered), one.terms)
