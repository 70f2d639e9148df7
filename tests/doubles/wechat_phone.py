"""A person's WeChat and the platform between: delivers messages to the program, again where it isn't answered.

Envelopes are made and read with wechatpy, so that ours is checked by another's.
"""

import asyncio
import hashlib
import itertools
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from socket import socket
from urllib.parse import unquote
from xml.sax.saxutils import escape

import httpx
import uvicorn
import xmltodict  # type: ignore[import-untyped]  # it has no types
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from wechatpy.crypto import WeChatCrypto

from tests.doubles import outgoing

TEXT_BYTES = 2048
LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"&]*)">([^<]*)</a>')
DELIVERIES = 3
UNANSWERED = 503
_ids = itertools.count(23000000000000000)


@dataclass(frozen=True)
class Link:
    """A link of a reply: what it shows, says, and its id."""

    label: str
    says: str
    id: str


@dataclass
class Phone:
    """One follower of the account. `aes_key`: encrypted delivery; `compatible`: with the plain elements beside.

    `cut`: seconds after which the platform gives a delivery up.
    """

    url: str
    token: str
    openid: str = "oPerson0000000000000000000001"
    account: str = "gh_0123456789ab"
    app_id: str = "wx0000000000000001"
    aes_key: str = ""
    compatible: bool = False
    cut: float = 5.0
    replies: list[str] = field(default_factory=list)

    async def say(self, text: str) -> str:
        """Write something; the reply."""
        return await self.deliver(self.message("text", Content=text))

    async def tap(self, label: str) -> str:
        """Press a link of the last reply."""
        link = next(link for link in links(self.replies[-1]) if link.label == label)
        return await self.deliver(self.message("text", Content=link.says, bizmsgmenuid=link.id))

    async def event(self, event: str, **elements: str) -> str:
        """Something happens that is no message."""
        return await self.deliver(self.xml(MsgType="event", Event=event, **elements))

    def message(self, kind: str, **elements: str) -> str:
        """A message's XML with a new id."""
        return self.xml(MsgType=kind, MsgId=str(next(_ids)), **elements)

    def xml(self, **elements: str) -> str:
        """The plain XML of whatever is delivered."""
        whole = {
            "ToUserName": self.account,
            "FromUserName": self.openid,
            "CreateTime": str(int(time.time())),
            **elements,
        }
        inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in whole.items())
        return f"<xml>{inner}</xml>"

    async def deliver(self, xml: str) -> str:
        """One delivery; the reply's text."""
        return self.heard(await self.post(xml))

    async def insist(self, xml: str) -> str | None:
        """Deliver as the platform does: again where the connection had to be cut; None if all were in vain."""
        for _ in range(DELIVERIES):
            try:
                response = await self.post(xml)
            except httpx.TimeoutException:
                continue
            if response.status_code != UNANSWERED:
                return self.heard(response)
        return None

    async def post(self, xml: str) -> httpx.Response:
        """One delivery, as it is answered."""
        query, body = self.envelope(xml)
        async with outgoing.client(self.cut) as http:
            return await http.post(f"{self.url}/wechat", params=query, content=body.encode())

    def envelope(self, xml: str) -> tuple[dict[str, str], str]:
        """Query and body of a delivery."""
        timestamp, nonce = str(int(time.time())), "1320562132"
        query = {"signature": signed(self.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        if not self.aes_key:
            return query, xml
        sealed = str(self._crypto().encrypt_message(xml, nonce, timestamp))
        made = xmltodict.parse(sealed)["xml"]
        query |= {"encrypt_type": "aes", "msg_signature": made["MsgSignature"]}
        encrypt = f"<Encrypt><![CDATA[{made['Encrypt']}]]></Encrypt>"
        if self.compatible:
            return query, xml.replace("</xml>", f"{encrypt}</xml>")
        return query, f"<xml><ToUserName>{self.account}</ToUserName>{encrypt}</xml>"

    def heard(self, response: httpx.Response) -> str:
        """The reply as the client shows it; empty for a mere acknowledgement."""
        assert response.status_code == 200, response.status_code
        if response.text == "success":
            return ""
        content = self.content(response.text)
        assert len(content.encode()) <= TEXT_BYTES, len(content.encode())
        self.replies.append(content)
        return content

    def content(self, reply: str) -> str:
        """The text of a passive reply, which must be to this person and from this account."""
        if self.aes_key:
            sealed = xmltodict.parse(reply)["xml"]
            reply = self._crypto().decrypt_message(reply, sealed["MsgSignature"], sealed["TimeStamp"], sealed["Nonce"])
        elements = xmltodict.parse(reply)["xml"]
        assert set(elements) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}
        assert (elements["ToUserName"], elements["FromUserName"]) == (self.openid, self.account)
        assert elements["MsgType"] == "text"
        return str(elements["Content"])

    def _crypto(self) -> WeChatCrypto:
        return WeChatCrypto(self.token, self.aes_key, self.app_id)


def signed(*parts: str) -> str:
    """The platform's signature."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def links(reply: str) -> list[Link]:
    """The links a client shows in a text."""
    return [Link(label, unquote(says), menu_id) for says, menu_id, label in LINK.findall(reply)]


def shown(reply: str) -> str:
    """A text as a person reads it."""
    return LINK.sub(lambda found: found[3], reply)


class Server(uvicorn.Server):
    """uvicorn, saying when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.listens.set()


@asynccontextmanager
async def served(routes: Sequence[BaseRoute]) -> AsyncIterator[str]:
    """The routes behind a real server on loopback; its address."""
    app = Starlette(routes=list(routes))
    config = uvicorn.Config(app, port=0, lifespan="off", log_level="critical", ws="none", timeout_graceful_shutdown=5)
    server = Server(config)
    running = asyncio.create_task(server.serve())
    try:
        await server.listens.wait()
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
