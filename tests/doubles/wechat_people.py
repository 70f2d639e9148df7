"""An account's followers at WeChat: who they are to it, and what may still be said to them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tests.doubles.wechat_meter import CHINA
from tests.doubles.wechat_refusal import Refusal

WINDOW = 5
MINUTE = timedelta(minutes=1)
TRIGGERS: Mapping[str, tuple[int, timedelta]] = {
    "message": (WINDOW, timedelta(hours=48)),
    "menu": (3, MINUTE),
    "follow": (3, MINUTE),
    "scan": (3, MINUTE),
}
MASS_A_MONTH = 4


class State(StrEnum):
    """What somebody is to the account."""

    FOLLOWING = "following"
    UNFOLLOWED = "unfollowed"
    BLACKLISTED = "blacklisted"


@dataclass(slots=True)
class Grant:
    """What one trigger allows: so many customer messages, for so long."""

    left: int
    until: datetime


@dataclass
class Person:
    """One openid. `notices`: one-time notifications by template; `long_term`: templates agreed to for good."""

    openid: str
    state: State = State.FOLLOWING
    refuses_templates: bool = False
    grants: dict[str, Grant] = field(default_factory=dict)
    notices: Counter[str] = field(default_factory=Counter)
    long_term: set[str] = field(default_factory=set)
    _mass: Counter[tuple[int, int]] = field(default_factory=Counter)

    def did(self, trigger: str, now: datetime) -> None:
        """What opens a window: message, menu, follow or scan."""
        messages, lasts = TRIGGERS[trigger]
        self.grants[trigger] = Grant(messages, now + lasts)

    def open(self, now: datetime) -> list[Grant]:
        """The windows not yet shut, used up or not; Refusal if there are none."""
        self.check_welcome()
        found = [grant for grant in self.grants.values() if now < grant.until]
        if self.state is not State.FOLLOWING or not found:
            raise Refusal(45015, "window")
        return found

    def spend(self, now: datetime) -> None:
        """One customer message. Triggers don't add up: it counts in every open window."""
        grants = self.open(now)
        if all(grant.left < 1 for grant in grants):
            raise Refusal(45047, "count")
        for grant in grants:
            grant.left = max(0, grant.left - 1)

    def check_welcome(self) -> None:
        """Refusal for somebody the account itself has shut out."""
        if self.state is State.BLACKLISTED:
            raise Refusal(43019)

    def check_following(self) -> None:
        """Refusal for somebody who isn't a follower."""
        self.check_welcome()
        if self.state is not State.FOLLOWING:
            raise Refusal(43004)

    def spend_notice(self, template: str) -> None:
        """One subscription notification; reaches those who don't follow, too."""
        self.check_welcome()
        if template in self.long_term:
            return
        if not self.notices[template]:
            raise Refusal(43101, "grant")
        self.notices[template] -= 1

    def spend_mass(self, now: datetime) -> bool:
        """Whether another mass message of this calendar month arrives."""
        local = now.astimezone(CHINA)
        arrives = self._mass[local.year, local.month] < MASS_A_MONTH
        self._mass[local.year, local.month] += arrives
        return arrives


@dataclass
class People:
    """Everybody an account knows. `strangers`: an unknown openid is a follower who has never written."""

    strangers: bool = True
    known: dict[str, Person] = field(default_factory=dict)

    def get(self, openid: str) -> Person:
        """Somebody the account knows; Refusal for other openids."""
        if not self.has(openid):
            raise Refusal(40003)
        return self.add(openid)

    def has(self, openid: str) -> bool:
        """Whether an openid is of this account."""
        return self.strangers or openid in self.known

    def add(self, openid: str) -> Person:
        """Somebody, whether known or new."""
        return self.known.setdefault(openid, Person(openid))
