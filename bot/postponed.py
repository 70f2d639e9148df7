"""Messages that were acknowledged before they could be answered: decided now, answered through the outbox."""

from dataclasses import dataclass
from functools import partial

import structlog

from bot.chat import Chat
from handlers import envelopes
from storage import postponed

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers what was put off."""

    chat: Chat

    async def answer_due(self) -> int:
        """One round; how many messages there were."""
        database = self.chat.database
        due = await database.run(postponed.claim, "batch")
        for key, incoming in due:
            answered = await self.chat.decide(envelopes.unpacked(incoming))
            await self.chat.deliver_later(answered)
            await database.run(partial(postponed.drop, key=key), "batch")
        return len(due)
