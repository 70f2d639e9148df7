"""The XML that WeChat speaks: flat elements in, a text reply out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from bot.channels.wechat.envelope import Seal, signature

# What may stand before the message: no document type, for that is where entities would be declared.
OPENING = re.compile(r"\ufeff?\s*(<\?xml[^<>]*\?>\s*)?<xml[\s>]")
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unreadable(Exception):
    """A signed message isn't the XML that the platform's documents promise."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


@dataclass(frozen=True, slots=True)
class Told:
    """A message: its elements that hold text, by name, and the rows that it lists."""

    elements: Mapping[str, str]
    rows: Sequence[Mapping[str, str]]


def read(body: bytes | str) -> Told:
    """A message in parts. Entities are refused, so no body can blow up."""
    try:
        text = body if isinstance(body, str) else body.decode()
        if OPENING.match(text) is None:
            raise Unreadable
        root = ElementTree.fromstring(text)  # noqa: S314 -- without a document type there are no entities to blow up
    except (ElementTree.ParseError, ValueError):
        raise Unreadable from None
    if not len(root):
        raise Unreadable
    return Told(_texts(root), _rows(root))


def _rows(root: ElementTree.Element) -> Sequence[Mapping[str, str]]:
    """The rows of an event about notifications: `List` below any element, one object or several (event push)."""
    return tuple(_texts(row) for element in root for row in element if row.tag == "List" and len(row))


def _texts(parent: ElementTree.Element) -> Mapping[str, str]:
    """The elements that hold text and stand there once."""
    found: dict[str, str] = {}
    for element in parent:
        again = element.tag in found
        found[element.tag] = "" if again or len(element) else (element.text or "").strip()
    return {name: text for name, text in found.items() if text}


def text_reply(to: str, account: str, content: str, at: int) -> str:
    """A passive text reply; `at` in seconds since 1970."""
    return (
        f"<xml><ToUserName>{_cdata(to)}</ToUserName><FromUserName>{_cdata(account)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType>{_cdata('text')}</MsgType><Content>{_cdata(content)}</Content></xml>"
    )


def closed_reply(reply: str, seal: Seal, token: str, at: int, nonce: str) -> str:
    """A reply for safe and compatible mode: encrypted and signed."""
    closed = seal.close(reply)
    signed = signature(token, str(at), nonce, closed)
    return (
        f"<xml><Encrypt>{_cdata(closed)}</Encrypt><MsgSignature>{_cdata(signed)}</MsgSignature>"
        f"<TimeStamp>{at}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    )


def printable(text: str) -> str:
    """Without the characters that XML can't hold."""
    return NOT_XML.sub("", text)


def _cdata(text: str) -> str:
    """Nobody's words can end the section: `]]>` is divided between two."""
    return f"<![CDATA[{printable(text).replace(']]>', ']]]]><![CDATA[>')}]]>"
