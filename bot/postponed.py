"""Messages that were acknowledged before they could be answered: decided now, answered through the outbox."""

from dataclasses import dataclass
from functools import partial

from bot.chat import Chat
from bot.passing import passed_over
from handlers import envelopes
from storage import postponed
from storage.postponed import Postponed


@dataclass(frozen=True, slots=True)
class Answerer:
    """Answers what was put off."""

    chat: Chat

    async def answer_due(self) -> int:
        """One round; how many messages there were. One that fails is tried again after a pause that grows."""
        due = await self.chat.database.run(postponed.claim, "batch")
        for one in due:
            with passed_over("postponed", attempts=one.attempts + 1) as tried:
                await self._answer(one)
            if tried.failed:
                await self.chat.database.run(partial(postponed.note_failed, one=one), "batch")
        return len(due)

    async def _answer(self, one: Postponed) -> None:
        incoming = await self.chat.database.read(partial(postponed.opened, one=one))
        answered = await self.chat.decide(envelopes.unpacked(incoming))
        await self.chat.deliver_later(answered)
        await self.chat.database.run(partial(postponed.drop, key=one.key), "batch")
