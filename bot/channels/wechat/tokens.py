"""One access token for all copies of the program: one of them renews it, the others take it from the table."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from bot.channels.channel import SendFailed
from storage import leases, tokens
from storage.database import Database
from storage.errors import StorageError
from storage.tokens import Token
from storage.unit import Unit

EARLY = timedelta(minutes=5)  # the platform renews a stable token so long before its end
RENEWING = timedelta(seconds=15)  # longer than the request for a token may take
LOOK_AGAIN_SECONDS = 0.2
LOOKS = 60

Fetch = Callable[[], Awaitable[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Held:
    """A token that this copy uses until `monotonic()` says otherwise."""

    value: str = ""
    until: float = 0.0

    def is_good(self, refused: str) -> bool:
        """Whether it may be used, when the platform has refused that one."""
        return bool(self.value) and self.value != refused and monotonic() < self.until


class Tokens:
    """The token of one account. Every failure is a SendFailed."""

    def __init__(self, database: Database, account: str, fetch: Fetch) -> None:
        """`fetch` asks the platform: the token, and for how many seconds it holds."""
        self._database = database
        self._account = f"wechat:{account}"
        self._fetch = fetch
        self._me = secrets.token_hex(16)
        self._held = Held()
        self._one_at_a_time = asyncio.Lock()

    async def token(self, refused: str = "") -> str:
        """A token that holds and isn't the one that was refused; asked for once, however many need it."""
        if self._held.is_good(refused):
            return self._held.value
        async with self._one_at_a_time:
            if not self._held.is_good(refused):
                try:
                    self._held = await self._renewed(refused)
                except StorageError as error:
                    raise SendFailed(f"no token: {type(error).__name__}", retryable=True) from None
            return self._held.value

    async def _renewed(self, refused: str) -> Held:
        """What another copy has fetched, or this one where nobody else is at it."""
        for _ in range(LOOKS):
            found = await self._database.run(lambda unit: self._kept_or_lease(unit, refused))
            if isinstance(found, Held):
                return found
            if found:
                return await self._fetched()
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        raise SendFailed("another copy is renewing the token", retryable=True)

    def _kept_or_lease(self, unit: Unit, refused: str) -> Held | bool:
        """The kept token if it is good; else whether this copy is the one to renew it."""
        kept = tokens.find(unit, self._account)
        held = Held() if kept is None else _held(kept, leases.clock(unit))
        if held.is_good(refused):
            return held
        return leases.take(unit, f"token:{self._account}", self._me, RENEWING) is not None

    async def _fetched(self) -> Held:
        try:
            value, seconds = await self._fetch()
            return await self._database.run(lambda unit: self._keep(unit, value, seconds))
        finally:
            await self._database.run(lambda unit: leases.give_back(unit, f"token:{self._account}", self._me))

    def _keep(self, unit: Unit, value: str, seconds: float) -> Held:
        now = leases.clock(unit)
        token = Token(value, now + timedelta(seconds=seconds))
        tokens.keep(unit, self._account, token)
        return _held(token, now)


def _held(token: Token, now: datetime) -> Held:
    return Held(token.value, monotonic() + (token.ends_at - EARLY - now).total_seconds())
