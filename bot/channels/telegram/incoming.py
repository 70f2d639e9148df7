"""An update as an incoming message; pure."""

from datetime import datetime
from typing import Any

from bot.channels.telegram import taps
from bot.channels.telegram.updates import File, Note, Press, Update, Venue
from handlers.messages import Attachment, AttachmentKind, Contact, Incoming, Place

CHANNEL = "telegram"
FILE_BYTES = 20 * 1024 * 1024
PRIVATE = "private"
START = "/start"
# An animation carries a document besides (Bot API, Message), so it is looked for before.
KINDS: tuple[tuple[str, AttachmentKind], ...] = (
    ("animation", "video"),
    ("video", "video"),
    ("video_note", "video"),
    ("document", "document"),
    ("voice", "voice"),
    ("audio", "voice"),
    ("sticker", "sticker"),
)


def to_incoming(update: Update, now: datetime) -> Incoming | None:
    """What a person sent or pressed in a private chat; None for everything that isn't answered."""
    chat = update.chat
    if chat is None or chat.type != PRIVATE or update.sender is None:
        return None
    said = _pressed(update.callback_query) if update.callback_query else _said(update.message)
    if said is None:
        return None
    return Incoming(CHANNEL, str(chat.id), f"u{update.update_id}", now, language=update.language, **said)


def _pressed(press: Press) -> dict[str, Any]:
    return {"choice": taps.decode(press.data)}


def _said(note: Note | None) -> dict[str, Any] | None:
    """A message as the fields of Incoming."""
    if note is None or note.is_service:
        return None
    command, _, payload = note.text.strip().partition(" ")
    if _bare(command) == START:
        return {"kind": "open", "scene": payload.strip()}
    return _shared(note) or _files(note) or _text(note)


def _bare(command: str) -> str:
    """A command without the bot's name: `/help@anju_bot` is `/help`."""
    return command.partition("@")[0]


def _text(note: Note) -> dict[str, Any]:
    """Words; where there are none it is of a kind that can't be read: a poll, a dice …"""
    if not note.text:
        return {"files": (Attachment("other", ""),), "text": note.caption}
    command, space, rest = note.text.partition(" ")
    return {"text": _bare(command) + space + rest if command.startswith("/") else note.text}


def _shared(note: Note) -> dict[str, Any] | None:
    if note.contact is not None:
        own = note.sender is not None and note.contact.user_id == note.sender.id
        return {"contact": Contact(note.contact.phone_number, own)}
    if note.venue is not None:
        return {"place": _place(note.venue)}
    if note.location is not None:
        return {"place": Place(note.location.latitude, note.location.longitude)}
    return None


def _place(venue: Venue) -> Place:
    label = " ".join(part for part in (venue.title, venue.address) if part)
    return Place(venue.location.latitude, venue.location.longitude, label)


def _files(note: Note) -> dict[str, Any] | None:
    if note.photo:
        photo = _largest(note.photo)
        return {"files": (Attachment("image", photo.file_id, size=photo.file_size),), "text": note.caption}
    for name, kind in KINDS:
        file: File | None = getattr(note, name)
        if file is not None:
            attached = Attachment(kind, file.file_id, file.file_name, file.file_size)
            return {"files": (attached,), "text": note.caption}
    return None


def _largest(sizes: tuple[File, ...]) -> File:
    """The largest size of a photo that bots may download; they come in growing order."""
    return next((size for size in reversed(sizes) if (size.file_size or 0) <= FILE_BYTES), sizes[0])
