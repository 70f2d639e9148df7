"""WeChat's access tokens: the stable one, and the one of which every fetch ends the last."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.doubles.wechat_meter import day
from tests.doubles.wechat_refusal import Refusal

EARLY = OVERLAP = timedelta(minutes=5)
FORCED_A_DAY = 20
FORCED_APART = timedelta(seconds=30)


@dataclass(slots=True)
class Token:
    """One token; from `replaced_at` on another holds instead."""

    value: str
    ends_at: datetime
    replaced_at: datetime | None = None


@dataclass
class Tokens:
    """All tokens of an account ever given out."""

    given: dict[str, Token] = field(default_factory=dict)
    forced: list[datetime] = field(default_factory=list)
    _stable: Token | None = None
    _plain: Token | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def stable(self, now: datetime, lifetime: timedelta, *, force: bool = False) -> Token:
        """stable_token: the same until five minutes before its end; forced: a new one, and the last ends at once."""
        if force:
            self._count_forced(now)
            self._end(self._stable, now)
            self._stable = None
        if self._stable is None or self._stable.ends_at - EARLY <= now or self._ended(self._stable, now):
            self._stable = self._new(now, lifetime)
        return self._stable

    def plain(self, now: datetime, lifetime: timedelta) -> Token:
        """cgi-bin/token: always a new one; the last holds for five more minutes. The stable one is apart from it."""
        self._end(self._plain, now + OVERLAP)
        self._plain = self._new(now, lifetime)
        return self._plain

    def check(self, value: str | None, now: datetime) -> None:
        """Refusal: 41001 none, 40014 never given out, 42001 past its time, 40001 replaced."""
        if not value:
            raise Refusal(41001)
        token = self.given.get(value)
        if token is None:
            raise Refusal(40014)
        if self._ended(token, now):
            raise Refusal(40001)
        if token.ends_at <= now:
            raise Refusal(42001)

    def invalidate(self, now: datetime) -> None:
        """All end before their time."""
        for token in self.given.values():
            self._end(token, now)

    def _new(self, now: datetime, lifetime: timedelta) -> Token:
        token = Token(f"token-{next(self._numbers)}", now + lifetime)
        self.given[token.value] = token
        return token

    def _ended(self, token: Token, now: datetime) -> bool:
        return token.replaced_at is not None and token.replaced_at <= now

    def _end(self, token: Token | None, at: datetime) -> None:
        if token is not None:
            token.replaced_at = min(at, token.replaced_at or at)

    def _count_forced(self, now: datetime) -> None:
        today: list[date] = [day(at) for at in self.forced if day(at) == day(now)]
        if len(today) >= FORCED_A_DAY:
            raise Refusal(45009, "force")
        if self.forced and now - self.forced[-1] < FORCED_APART:
            raise Refusal(45011, "force")
        self.forced.append(now)
