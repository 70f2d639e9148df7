"""WeChat's messages and events into the house's terms."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.channels.wechat.links import decode
from bot.channels.wechat.xml import Unreadable
from handlers.messages import Attachment, AttachmentKind, Incoming, Place, Tap

Elements = Mapping[str, str]
Read = Callable[[Elements, Incoming], Incoming | None]

CHANNEL = "wechat"
QR_PREFIX = "qrscene_"
MEDIA: dict[str, AttachmentKind] = {
    "image": "image",
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "file": "document",
}


def to_incoming(elements: Elements, now: datetime) -> Incoming | None:
    """The message; None for events that nobody answers; Unreadable without sender or type."""
    sender, kind = elements.get("FromUserName", ""), elements.get("MsgType", "")
    if not sender or not kind:
        raise Unreadable
    plain = Incoming(CHANNEL, sender, message_id(elements), now)
    if kind == "event":
        read = EVENTS.get(elements.get("Event", "").lower())
        return read(elements, plain) if read else None
    return MESSAGES.get(kind, _media)(elements, plain)


def message_id(elements: Elements) -> str:
    """The platform's id; events, and messages of some accounts, have none: then when and what was sent."""
    if elements.get("MsgId"):
        return elements["MsgId"]
    kind = elements.get("Event") or elements["MsgType"]
    return f"{elements.get('CreateTime', '')}:{kind}:{_digest(elements)}"


def event_id(elements: Elements, rows: Sequence[Elements]) -> str:
    """The id of an event that reports: several may be of one second, about other messages or with other rows."""
    said = "\n".join(
        [*(f"{name}={value}" for row in rows for name, value in sorted(row.items())), elements.get("MsgID", "")]
    )
    return f"{message_id(elements)}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def sent_at(elements: Elements) -> float | None:
    """When the platform took the message, in seconds since 1970; every delivery of it says the same."""
    written = elements.get("CreateTime", "")
    return float(written) if written.isdecimal() and written.isascii() else None


def _digest(elements: Elements) -> str:
    said = "\n".join(elements.get(name, "") for name in ("EventKey", "Content", "MediaId", "Location_X", "Location_Y"))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _text(elements: Elements, plain: Incoming) -> Incoming:
    tap = decode(elements.get("bizmsgmenuid", ""))
    return replace(plain, choice=tap) if tap else replace(plain, text=elements.get("Content", ""))


def _location(elements: Elements, plain: Incoming) -> Incoming:
    latitude, longitude = _degrees(elements, "Location_X", 90), _degrees(elements, "Location_Y", 180)
    if latitude is None or longitude is None:
        return replace(plain, files=(Attachment("other", ""),))
    return replace(plain, place=Place(latitude, longitude, elements.get("Label", "")))


def _degrees(elements: Elements, name: str, limit: float) -> float | None:
    try:
        degrees = float(elements.get(name, ""))
    except ValueError:
        return None
    return degrees if math.isfinite(degrees) and abs(degrees) <= limit else None


def _media(elements: Elements, plain: Incoming) -> Incoming:
    """A file by its MediaId; kinds without one (links, what is new on the platform) can only be named."""
    kind, reference = MEDIA.get(elements["MsgType"], "other"), elements.get("MediaId", "")
    return replace(plain, files=(Attachment(kind if reference else "other", reference, elements.get("Title", "")),))


def _subscribe(elements: Elements, plain: Incoming) -> Incoming:
    """Followed, by a QR code or without one; after a payment the key is `last_trade_no_…`, which says nothing."""
    key = elements.get("EventKey", "")
    return replace(plain, kind="follow", scene=key.removeprefix(QR_PREFIX) if key.startswith(QR_PREFIX) else "")


def _scan(elements: Elements, plain: Incoming) -> Incoming:
    return replace(plain, kind="scan", scene=elements.get("EventKey", ""))


def _click(elements: Elements, plain: Incoming) -> Incoming | None:
    key = elements.get("EventKey", "")
    return replace(plain, choice=Tap("", "", key)) if key else None


def _unsubscribe(elements: Elements, plain: Incoming) -> Incoming:
    return replace(plain, kind="unfollow")


MESSAGES: dict[str, Callable[[Elements, Incoming], Incoming]] = {"text": _text, "location": _location}
EVENTS: dict[str, Read] = {
    "subscribe": _subscribe,
    "scan": _scan,
    "click": _click,
    "unsubscribe": _unsubscribe,
}
