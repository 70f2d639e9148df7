"""One account at WeChat: everything its double remembers, and the results it still owes the program."""

import itertools
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import xmltodict  # type: ignore[import-untyped]  # it has no types

from tests.doubles.wechat_meter import Meter
from tests.doubles.wechat_people import People, Person, State
from tests.doubles.wechat_phone import Phone
from tests.doubles.wechat_tokens import Tokens
from tests.doubles.witness import Witness

OPERATOR = "oOperator00000000000000000000"


@dataclass(frozen=True, slots=True)
class Owed:
    """An event for the program, due at a moment."""

    due: datetime
    openid: str
    elements: Mapping[str, Any]


@dataclass
class Account(Witness):
    """`templates`, `notifications`: the fields of each template id. `program`: the way to the program's webhook."""

    people: People = field(default_factory=People)
    tokens: Tokens = field(default_factory=Tokens)
    meter: Meter = field(default_factory=Meter)
    templates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notifications: dict[str, tuple[str, ...]] = field(default_factory=dict)
    program: Phone | None = None
    result_after: timedelta = timedelta(seconds=2)
    owed: list[Owed] = field(default_factory=list)
    undelivered: list[Owed] = field(default_factory=list)
    uploaded: dict[str, datetime] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    template_ids: dict[tuple[str, str], datetime] = field(default_factory=dict)
    mass_ids: dict[str, int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(200_000_001))

    def wrote(self, openid: str) -> None:
        """Whoever writes may be sent five customer messages within 48 hours."""
        self.people.add(openid).did("message", self.clock.now())

    def tapped(self, openid: str) -> None:
        """Whoever taps the menu, or an item of a msgmenu, may be sent three within a minute."""
        self.people.add(openid).did("menu", self.clock.now())

    def scanned(self, openid: str) -> None:
        """Likewise whoever scans the account's code."""
        self.people.add(openid).did("scan", self.clock.now())

    def followed(self, openid: str) -> None:
        """Likewise a new follower; one who comes back begins anew."""
        person = self.people.add(openid)
        if person.state is State.UNFOLLOWED:
            person.state, person.grants = State.FOLLOWING, {}
        person.did("follow", self.clock.now())

    def unfollowed(self, openid: str) -> None:
        """Somebody has left: nothing but granted notifications reaches them."""
        self.people.add(openid).state = State.UNFOLLOWED

    def blacklisted(self, openid: str) -> None:
        """The account has shut somebody out."""
        self.people.add(openid).state = State.BLACKLISTED

    def granted(self, openid: str, template: str, *, long_term: bool = False) -> None:
        """Somebody agreed to one notification, or for good."""
        person = self.people.add(openid)
        if long_term:
            person.long_term.add(template)
        else:
            person.notices[template] += 1

    def chose(self, openid: str, choices: Mapping[str, bool]) -> None:
        """Somebody ticks templates in the page's dialogue, or leaves them out; the program is told."""
        for template in (name for name, accepts in choices.items() if accepts):
            self.granted(openid, template)
        answers = {True: "accept", False: "reject"}
        rows = [{"TemplateId": t, "SubscribeStatusString": answers[a], "PopupScene": "1"} for t, a in choices.items()]
        listed = rows[0] if len(rows) == 1 else rows
        self.owe(openid, "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": listed})

    def person(self, openid: str) -> Person:
        """Whom a call names; Refusal."""
        return self.people.get(openid)

    def owe(self, openid: str, event: str, **elements: Any) -> None:
        """The program will hear of a result."""
        due = self.clock.now() + self.result_after
        self.owed.append(Owed(due, openid, {"MsgType": "event", "Event": event, **elements}))

    async def deliver_due(self) -> int:
        """Deliver the results that are due by now; how many the program took. The others are `undelivered`."""
        now = self.clock.now()
        due = [owed for owed in self.owed if owed.due <= now]
        self.owed = [owed for owed in self.owed if owed.due > now]
        taken = [await self._deliver(owed) for owed in due]
        self.undelivered += [owed for owed, was_taken in zip(due, taken, strict=True) if not was_taken]
        return sum(taken)

    def phone(self, openid: str) -> Phone:
        """Somebody's telephone. Without a `program` there is nothing to talk to: LookupError."""
        if self.program is None:
            raise LookupError("the double doesn't know the program's address: set `program`")
        return replace(self.program, openid=openid, replies=[])

    async def _deliver(self, owed: Owed) -> bool:
        phone = self.phone(owed.openid)
        whole = {
            "ToUserName": phone.account,
            "FromUserName": owed.openid,
            "CreateTime": str(int(owed.due.timestamp() if self.clock.start else time.time())),
            **owed.elements,
        }
        xml = xmltodict.unparse({"xml": whole}, full_document=False)
        try:
            return await phone.insist(xml) is not None
        except httpx.TransportError:
            return False
