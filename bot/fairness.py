"""How much one account may say: whoever floods us gets one polite answer, and nobody else waits for it."""

from dataclasses import dataclass, field

from bot.pages.limits import Limit
from handlers.messages import Incoming, Reply
from handlers.turns import Answered

TOLD_PER_MINUTE = 1.0


class TooFast(Exception):
    """This account writes faster than it may; nothing was saved. `answered`: what it is told, once a minute."""

    def __init__(self, answered: Answered) -> None:
        super().__init__((type(self).__doc__ or "").strip())
        self.answered = answered


@dataclass(slots=True)
class Fairness:
    """So many messages at once from an account, and so many a minute after that; kept in memory, by each copy."""

    burst: int
    per_minute: float
    _heard: Limit = field(init=False)
    _told: Limit = field(init=False)

    def __post_init__(self) -> None:
        self._heard = Limit(self.burst, self.per_minute, str)
        self._told = Limit(1, TOLD_PER_MINUTE, str)

    def check(self, incoming: Incoming, language: str) -> None:
        """Count a message; TooFast for one too many."""
        account = _account(incoming)
        if self._heard.allows(account):
            return
        replies = (Reply("say/too_fast"),) if self._told.allows(account) else ()
        raise TooFast(Answered(b"", 0, language, replies))

    def give_back(self, incoming: Incoming) -> None:
        """It wasn't saved and comes again: who says it again for as long as the database is away floods nobody."""
        self._heard.give_back(_account(incoming))


def _account(incoming: Incoming) -> str:
    return f"{incoming.channel} {incoming.address}"
