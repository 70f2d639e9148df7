"""Telling a person something unasked, on the account of theirs that fits, in its language."""

from datetime import datetime

from handlers.messages import Reply
from handlers.office import outbox
from handlers.turns import Answered
from storage.deliveries import Terms
from storage.unit import Unit

NOTICE = Terms(kind="notice")


def tell(unit: Unit, key: str, holder_id: str, reply: Reply, now: datetime, terms: Terms = NOTICE) -> bool:
    """Put a reply into the outbox, once for each key; False for who has no account any more or was told already."""
    return outbox.tell(
        unit, key, holder_id, lambda account, language: Answered(b"", account, language, (reply,)), now, terms
    )
