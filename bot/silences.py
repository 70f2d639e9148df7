"""The bot's silence beside a hand-over ends by itself, where nobody of the staff answers or nobody says more."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import structlog

from bot.chat import Chat
from bot.passing import passed_over
from handlers.office import answering
from storage import hand_overs

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SilenceEnder:
    """Ends what has lasted long enough; told through the outbox, and twice at work no more than once.

    failing: talks that could not be ended, which are left until the next start.
    """

    chat: Chat
    failing: set[int] = field(default_factory=set)

    async def end_due(self) -> int:
        """One round; how many talks were ended."""
        now = datetime.now(UTC)
        database, office = self.chat.database, self.chat.office
        most = answering.AT_ONCE + len(self.failing)
        due = await database.read(lambda unit: hand_overs.due(unit, now, most))
        ended = 0
        for number in (one for one in due if one not in self.failing):
            end = partial(answering.end_silence, office=office, number=number, now=now)
            with passed_over("silences", number=number) as tried:
                ended += await database.run(end, "batch")
            if tried.failed:
                self.failing.add(number)
        if ended:
            log.info("silences", ended=ended)
        return ended
