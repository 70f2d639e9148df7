"""Somebody with WeChat, between the account's double and the program: what they do opens windows, then is delivered."""

from dataclasses import dataclass, field

from tests.doubles.wechat import WeChatDouble
from tests.doubles.wechat_phone import Phone


@dataclass
class Follower:
    """One openid; the double's `program` must be set. A reply is empty where the program only acknowledged."""

    double: WeChatDouble
    openid: str
    phone: Phone = field(init=False)

    def __post_init__(self) -> None:
        self.phone = self.double.phone(self.openid)

    async def say(self, text: str) -> str:
        """Write something, or tap a link of a reply, which says its text."""
        self.double.wrote(self.openid)
        return await self._deliver(self._message("text", Content=text))

    async def press(self, text: str, item: str) -> str:
        """Tap a msgmenu item or a link with an id: it says its text, and counts as a menu tap."""
        self.double.tapped(self.openid)
        return await self._deliver(self._message("text", Content=text, bizmsgmenuid=item))

    async def show(self, name: str, content: bytes) -> str:
        """Send a picture."""
        self.double.wrote(self.openid)
        self.double.media[name] = content
        return await self._deliver(self._message("image", PicUrl="http://pictures.invalid/1", MediaId=name))

    async def choose(self, key: str) -> str:
        """Tap a button of the menu."""
        self.double.tapped(self.openid)
        return await self._event("CLICK", EventKey=key)

    async def follow(self, scene: str = "") -> str:
        """Follow the account, maybe by its code."""
        self.double.followed(self.openid)
        if scene:
            self.double.scanned(self.openid)
            return await self._event("subscribe", EventKey=f"qrscene_{scene}", Ticket="ticket")
        return await self._event("subscribe", EventKey="")

    async def scan(self, scene: str) -> str:
        """Scan the account's code, as a follower."""
        self.double.scanned(self.openid)
        return await self._event("SCAN", EventKey=scene, Ticket="ticket")

    async def unfollow(self) -> str:
        """Leave."""
        self.double.unfollowed(self.openid)
        return await self._event("unsubscribe", EventKey="")

    def _message(self, kind: str, **elements: str) -> str:
        return self.phone.message(kind, CreateTime=self._now(), **elements)

    async def _event(self, event: str, **elements: str) -> str:
        xml = self.phone.xml(CreateTime=self._now(), MsgType="event", Event=event, **elements)
        return await self._deliver(xml)

    async def _deliver(self, xml: str) -> str:
        reply = await self.phone.insist(xml) or ""
        if reply:
            self.double.saw(self.openid, reply, "reply")
        return reply

    def _now(self) -> str:
        return str(int(self.double.clock.now().timestamp()))
