"""The XML that WeChat speaks: flat elements in, a text reply out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict  # type: ignore[import-untyped]  # it has no types

from bot.channels.wechat.envelope import Seal, signature

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
        elements = xmltodict.parse(body)["xml"]
    except (ExpatError, ValueError, LookupError, TypeError):
        raise Unreadable from None
    if not isinstance(elements, dict):
        raise Unreadable
    return Told(_texts(elements), _rows(elements))


def _rows(elements: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """The rows of an event about notifications: `List` below any element, one object or several (event push)."""
    return tuple(
        _texts(row)
        for element in elements.values()
        if isinstance(element, dict)
        for row in _listed(element.get("List"))
        if isinstance(row, dict)
    )


def _texts(elements: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: value for name, value in elements.items() if isinstance(value, str)}


def _listed(found: object) -> Sequence[object]:
    return found if isinstance(found, list) else (found,)


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
