"""What WeChat's error codes mean for a message, and whether to try again (its document "return codes")."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.channels.channel import SendFailed
from handlers.office.outbox import Failure
from storage.deliveries import QUOTA
from storage.records import Reach

OLD_TOKEN = frozenset({40001, 40014, 42001})
NO_MEDIA = 40007
SAID_BEFORE = 40241
SENT_BEFORE = 45065
PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A code's reason in the staff's words; `after` in seconds; `until_midnight`: a day's quota is used up.

    `reach`: what the address turned out to be; `closed`: the person has to write first.
    """

    reason: str
    retryable: bool = False
    after: float | None = None
    reach: Reach | None = None
    until_midnight: bool = False
    closed: bool = False

    def failure(self, code: int, now: datetime, values: Mapping[str, Any]) -> "Refused":
        """As the outbox wants it."""
        after = to_midnight(now) if self.until_midnight else self.after
        failed = SendFailed(self.reason, retryable=self.retryable, after=after, reach=self.reach, closed=self.closed)
        return Refused(code, failed.failure, values)


class Refused(SendFailed):
    """WeChat answered with an error code; `values`: what else its answer holds."""

    def __init__(self, code: int, failure: Failure, values: Mapping[str, Any]) -> None:
        super().__init__(failure.reason, retryable=failure.retryable)
        self.code = code
        self.values = values
        self.failure = failure

    def closing(self, closes: str) -> "Refused":
        """The same, where the code tells that something of the way is used up or unfit."""
        if not closes:
            return self
        return Refused(self.code, replace(self.failure, closes=closes, after=None), self.values)


MEANINGS: dict[int, Meaning] = {
    -1: Meaning("the platform is busy", retryable=True),
    40001: Meaning("access token refused", retryable=True),
    40014: Meaning("access token invalid", retryable=True),
    42001: Meaning("access token expired", retryable=True),
    40003: Meaning("no address of this account", reach="dead"),
    SENT_BEFORE: Meaning("sent to them before"),
    45028: Meaning("no message to many is left this month"),
    SAID_BEFORE: Meaning("said before"),
    40252: Meaning("the platform is still looking at its words", retryable=True, after=1800),
    NO_MEDIA: Meaning("the file is gone"),
    40013: Meaning("app id wrong"),
    40033: Meaning("characters refused"),
    40037: Meaning("template unknown"),
    40125: Meaning("app secret wrong"),
    40164: Meaning("this server's address is not on the account's list"),
    40200: Meaning("not available to this kind of account"),
    40018: Meaning("menu label too long"),
    43004: Meaning("no longer following", reach="unfollowed"),
    43019: Meaning("blocked by the account", reach="blocked"),
    43117: Meaning("too many to this person"),
    43101: Meaning("notification not granted"),
    45002: Meaning("message too long"),
    45009: Meaning(QUOTA, retryable=True, until_midnight=True),
    45011: Meaning("too many requests this minute", retryable=True, after=60),
    45015: Meaning("did not write for 48 hours", closed=True),
    45047: Meaning("too many messages since they wrote", closed=True),
    47003: Meaning("template data wrong"),
    48001: Meaning("the account lacks the right"),
}


def failure(code: int, now: datetime, values: Mapping[str, Any] | None = None) -> Refused:
    """What a code leads to; an unknown one is not tried again."""
    return MEANINGS.get(code, Meaning(f"refused with code {code}")).failure(code, now, values or {})


def to_midnight(now: datetime) -> float:
    """Seconds until quotas begin anew."""
    local = now.astimezone(PLATFORM_ZONE)
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - local).total_seconds()
