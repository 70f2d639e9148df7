"""What the Bot API's refusals mean. Neither its wordings nor its addresses, which hold the token, get any further."""

from bot.channels.channel import SendFailed
from storage.records import Reach

NO_CONNECTION = 0
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, UNKNOWN_TOKEN, CONFLICT, TOO_MANY, INTERNAL = 400, 401, 403, 404, 409, 429, 500
REASONS = {
    NO_CONNECTION: "no connection",
    UNAUTHORIZED: "token refused",
    FORBIDDEN: "blocked by the person, or the account is gone",
    UNKNOWN_TOKEN: "token unknown",
    CONFLICT: "another program takes the updates",
    TOO_MANY: "too many messages",
}
ADVICE = {
    UNAUTHORIZED: "check ANJU_TELEGRAM_TOKEN; @BotFather shows it",
    UNKNOWN_TOKEN: "check ANJU_TELEGRAM_TOKEN; @BotFather shows it",
    CONFLICT: "stop the other copy that polls with this token, or set ANJU_TELEGRAM_MODE=webhook",
}
PASSING = frozenset({NO_CONNECTION, UNAUTHORIZED, UNKNOWN_TOKEN, CONFLICT, TOO_MANY})
WORDINGS = (
    "chat not found", "message is too long", "message is not modified", "message to edit not found",
    "message can't be edited", "query is too old", "bad webhook",
)  # fmt: skip


class ApiFailed(SendFailed):
    """The Bot API refused; `code` is its error code, 0 where it wasn't reached."""

    def __init__(self, code: int, description: str = "", after: float | None = None, *, unknown: bool = False) -> None:
        wording = next((known for known in WORDINGS if known in description), "")
        super().__init__(
            wording or REASONS.get(code, f"HTTP {code}"),
            retryable=code in PASSING or code >= INTERNAL,
            after=after,
            reach=_reach(code, description),
            unknown=unknown,
        )
        self.code = code

    @property
    def advice(self) -> str:
        """What the operator can do about it; empty where waiting is all."""
        return ADVICE.get(self.code, "")


def _reach(code: int, description: str) -> Reach | None:
    """What a refusal tells of the account: gone for good, or shut to us until the person opens it again."""
    if code == FORBIDDEN:
        return "dead" if "deactivated" in description else "blocked"
    return "dead" if "chat not found" in description else None


class Moved(ApiFailed):
    """The chat has a new id."""

    def __init__(self, address: str) -> None:
        super().__init__(BAD_REQUEST, "chat not found")
        self.address = address
