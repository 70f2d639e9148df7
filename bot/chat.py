"""One incoming message: transaction, decide, commit, answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import structlog

from bot import metrics
from bot.channels.channel import Message
from bot.fairness import Fairness
from bot.imports.receiving import in_pieces
from bot.imports.receiving import receive as receive_list
from bot.imports.sheet import Unreadable, is_sheet
from bot.papers import UNCLEAR, Refused, clean
from bot.render import Words
from handlers import later
from handlers.messages import Incoming
from handlers.office import papers, reports
from handlers.office.reports import Told, TooEarly
from handlers.receive import recall, receive
from handlers.turns import Answered
from handlers.visit import Office
from storage import conversations
from storage.database import Database
from storage.errors import AlreadyAnswered, Busy, Unavailable
from storage.imports import Sender
from storage.records import Reach

log = structlog.get_logger(__name__)

SHEET = "sheet-"  # before the number of a list, in place of a paper's id
EARLY_PAUSES = (0.1, 0.3, 0.6, 1.0)  # together less than a platform waits for our answer


@dataclass(frozen=True, slots=True)
class Chat:
    """The talk as the channels see it: `answer` a message, and put the answer into words."""

    database: Database
    words: Words
    office: Office
    fairness: Fairness | None = None

    async def answer(self, incoming: Incoming) -> Answered:
        """Decide and commit; the answer may leave only after this returned.

        Raises storage.errors.Busy or Unavailable: then nothing was saved and nothing may be acknowledged; TooFast for
        an account that floods us.
        """
        if self.fairness is None:
            return await self.decide(incoming)
        self.fairness.check(incoming, self.office.language(incoming.language))
        try:
            return await self.decide(incoming)
        except (Busy, Unavailable):
            self.fairness.give_back(incoming)
            raise

    async def decide(self, incoming: Incoming) -> Answered:
        """The same, however much the account says."""
        whose = incoming.channel, incoming.address
        with metrics.turn(incoming.channel):
            try:
                answered = await self.database.run(lambda unit: receive(incoming, unit, self.office), whose=whose)
            except AlreadyAnswered:
                answered = await self.database.run(lambda unit: recall(incoming, unit))
        log.info("turn", channel=incoming.channel, kind=incoming.kind, again=answered.rejoined)
        return answered

    def messages(self, answered: Answered) -> Sequence[Message]:
        """The answer in words."""
        return self.words.messages(answered)

    async def postpone(self, incoming: Incoming) -> bool:
        """Keep a message that will be answered through the outbox; True once that is committed."""
        return await self.database.run(lambda unit: later.postpone(incoming, unit))

    async def deliver_later(self, answered: Answered) -> bool:
        """Let the outbox say what could not leave now; the same answer is said once."""
        now = datetime.now(UTC)
        return await self.database.run(lambda unit: later.send_later(answered, unit, now))

    async def keep_file(self, channel: str, address: str, data: bytes) -> tuple[Literal["stored", "refused"], str]:
        """Clean and keep an uploaded file: its id, or the reason why not. A list is kept as it is, to be checked."""
        if is_sheet(data):
            return await self._keep_list(channel, address, data)
        paper = await clean(data)
        if isinstance(paper, Refused):
            metrics.FILES.labels(paper.reason).inc()
            return "refused", paper.reason
        if paper.unclear and await self.database.read(lambda unit: papers.wants_legible(unit, channel, address)):
            metrics.FILES.labels(UNCLEAR).inc()
            return "refused", UNCLEAR
        now, content, kind = datetime.now(UTC), paper.content, paper.content_type
        kept = await self.database.run(lambda unit: papers.store(unit, channel, address, content, kind, now))
        metrics.FILES.labels("stored" if kept else "file_not_expected").inc()
        return ("stored", kept) if kept else ("refused", "file_not_expected")

    async def _keep_list(self, channel: str, address: str, data: bytes) -> tuple[Literal["stored", "refused"], str]:
        conversation = await self.database.read(lambda unit: conversations.find(unit, channel, address))
        if conversation is None:
            return "refused", "file_not_expected"
        sender = Sender(conversation.language, conversation.id)
        try:
            number = await receive_list(self.database, sender, in_pieces(data))
        except Unreadable as unreadable:
            return "refused", unreadable.reason
        return "stored", f"{SHEET}{number}"

    async def reached(self, channel: str, address: str, reach: Reach) -> None:
        """The platform tells that an account can or can't be written to."""
        await self.database.run(lambda unit: conversations.note_reach(unit, channel, address, reach))

    async def report(self, told: Told) -> None:
        """The platform tells what became of messages, or what people agreed to; told twice, it counts once."""
        for pause in EARLY_PAUSES:
            try:
                await self._take_report(told, patient=True)
            except TooEarly:
                await asyncio.sleep(pause)
            else:
                return
        await self._take_report(told, patient=False)

    async def _take_report(self, told: Told, *, patient: bool) -> None:
        now = datetime.now(UTC)
        try:
            await self.database.run(lambda unit: reports.take(unit, told, now, patient=patient))
        except AlreadyAnswered:
            log.info("report", channel=told.channel, again=True)

    async def moved(self, channel: str, old: str, new: str) -> None:
        """The platform gave an account a new address."""
        await self.database.run(lambda unit: conversations.rename(unit, channel, old, new))
