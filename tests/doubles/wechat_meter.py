"""WeChat's limits of calls: by the minute (45011) and by the day in China (45009)."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.doubles.wechat_refusal import Refusal

CHINA = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
STABLE, TOKEN = "/cgi-bin/stable_token", "/cgi-bin/token"
CUSTOM, TEMPLATE = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"
BIZ, MASS = "/cgi-bin/message/subscribe/bizsend", "/cgi-bin/message/mass/send"
MENU, MEDIA, UPLOAD = "/cgi-bin/menu/create", "/cgi-bin/media/get", "/cgi-bin/media/upload"
TICKET = "/cgi-bin/ticket/getticket"
QRCODE = "/cgi-bin/qrcode/create"


@dataclass(frozen=True, slots=True)
class Cap:
    """How many calls a path takes; None: any number, or nothing is published."""

    per_minute: int | None = None
    per_day: int | None = None


def published() -> dict[str, Cap]:
    """What the platform's documents say."""
    return {
        STABLE: Cap(10_000, 500_000),
        TOKEN: Cap(None, 2_000),
        CUSTOM: Cap(None, 500_000),
        TEMPLATE: Cap(None, 100_000),
        MASS: Cap(60, 100),
        MENU: Cap(None, 1_000),
        MEDIA: Cap(None, 200_000),
        UPLOAD: Cap(None, 100_000),
        TICKET: Cap(None, 1_000_000),
        QRCODE: Cap(None, 100_000),
    }


def day(moment: datetime) -> date:
    """The platform's day, which begins at midnight in China."""
    return moment.astimezone(CHINA).date()


@dataclass
class Meter:
    """Counts calls that were let in."""

    caps: dict[str, Cap] = field(default_factory=published)
    _minutes: dict[str, deque[datetime]] = field(default_factory=dict)
    _days: Counter[tuple[str, date]] = field(default_factory=Counter)

    def count(self, path: str, now: datetime) -> None:
        """One more call; Refusal where it is one too many."""
        cap = self.caps.get(path, Cap())
        recent = self._recent(path, now)
        if cap.per_day is not None and self._days[path, day(now)] >= cap.per_day:
            raise Refusal(45009, "quota")
        if cap.per_minute is not None and len(recent) >= cap.per_minute:
            raise Refusal(45011, "rate")
        self._days[path, day(now)] += 1
        if cap.per_minute is not None:
            recent.append(now)

    def _recent(self, path: str, now: datetime) -> deque[datetime]:
        recent = self._minutes.setdefault(path, deque())
        while recent and recent[0] <= now - MINUTE:
            recent.popleft()
        return recent
