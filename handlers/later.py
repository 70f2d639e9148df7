"""Answers that could not leave at once: they go through the outbox, each once."""

from datetime import datetime

from handlers import envelopes, turns
from handlers.messages import Incoming
from handlers.turns import Answered
from storage import conversations, deliveries, postponed
from storage.unit import Unit


def postpone(incoming: Incoming, unit: Unit) -> bool:
    """Keep a message whose turn is not decided yet, so that its platform can be told it has arrived."""
    key = conversations.message_key(unit, incoming.channel, incoming.address, incoming.message_id)
    postponed.keep(unit, key, envelopes.packed(incoming), incoming.received_at)
    return True


def send_later(answered: Answered, unit: Unit, now: datetime) -> bool:
    """Put an answer into the outbox; False if it is there already, or there is nothing to say."""
    if not answered.replies:
        return False
    key = f"answer:{answered.key.hex()}"
    return deliveries.enqueue(unit, key, answered.conversation_id, turns.packed(answered), now)
