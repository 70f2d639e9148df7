"""The bot's silence beside a hand-over ends by itself, where nobody of the staff answers or nobody says more."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog

from bot.chat import Chat
from handlers.office import answering
from storage import hand_overs

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SilenceEnder:
    """Ends what has lasted long enough; told through the outbox, and twice at work no more than once."""

    chat: Chat

    async def end_due(self) -> int:
        """One round; how many talks were ended."""
        now = datetime.now(UTC)
        database, office = self.chat.database, self.chat.office
        due = await database.read(lambda unit: hand_overs.due(unit, now, answering.AT_ONCE))
        ended = 0
        for number in due:
            ended += await database.run(partial(answering.end_silence, office=office, number=number, now=now), "batch")
        if ended:
            log.info("silences", ended=ended)
        return ended
