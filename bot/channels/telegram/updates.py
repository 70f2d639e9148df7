"""Updates as the Bot API sends them, read tolerantly: only what is used, everything else may be missing or new."""

from typing import Annotated, Any

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

ALLOWED = ("message", "callback_query", "my_chat_member")
SERVICE = frozenset({
    "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
    "group_chat_created", "supergroup_chat_created", "channel_chat_created", "message_auto_delete_timer_changed",
    "migrate_from_chat_id", "pinned_message", "successful_payment", "refunded_payment", "users_shared", "chat_shared",
    "connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered", "boost_added",
    "chat_background_set", "gift", "unique_gift", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
    "video_chat_participants_invited", "web_app_data", "paid_message_price_changed",
})  # fmt: skip


class Unreadable(Exception):
    """The update can't be read."""


class _Part(BaseModel):
    """A part of an update, with the fields that are used."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def _none_if_not_text(value: object) -> object:
    return value if isinstance(value, str) else ""


Text = Annotated[str, BeforeValidator(_none_if_not_text)]


class User(_Part):
    """Who sent it; `language_code` is the language of the client, such as `zh-hans`."""

    id: int
    language_code: Text = ""


class Room(_Part):
    """The chat it belongs to."""

    id: int
    type: Text = ""


class File(_Part):
    """A photo's size, a document, a recording …"""

    file_id: str
    file_name: Text = ""
    file_size: int | None = None


class Point(_Part):
    """A location, in degrees."""

    latitude: float
    longitude: float


class Venue(_Part):
    """A location with a name."""

    location: Point
    title: Text = ""
    address: Text = ""


class Shared(_Part):
    """A telephone contact; `user_id` is its Telegram account, if it has one."""

    phone_number: str
    user_id: int | None = None


class Note(_Part):
    """A message, new or the one below whose buttons were pressed."""

    chat: Room
    message_id: int = 0
    sender: User | None = Field(None, alias="from")
    text: Text = ""
    caption: Text = ""
    photo: tuple[File, ...] = ()
    document: File | None = None
    voice: File | None = None
    audio: File | None = None
    video: File | None = None
    video_note: File | None = None
    animation: File | None = None
    sticker: File | None = None
    contact: Shared | None = None
    location: Point | None = None
    venue: Venue | None = None
    migrate_to_chat_id: int | None = None
    reply_markup: dict[str, Any] = {}
    is_service: bool = False


class Press(_Part):
    """A pressed button. The message is missing where it was sent by inline mode."""

    id: str
    sender: User = Field(alias="from")
    data: Text = ""
    message: Note | None = None


class Member(_Part):
    """What the bot is in a chat: `member`, or `kicked` where the person blocked it."""

    status: Text = ""


class Membership(_Part):
    """The bot was blocked or let in again."""

    chat: Room
    new_chat_member: Member = Member()

    @property
    def is_blocked(self) -> bool:
        """Whether nothing can be said there any more."""
        return self.new_chat_member.status in {"kicked", "left"}


class Update(_Part):
    """One update; at most one of the fields is set, none where it is of a kind that isn't used."""

    update_id: int
    message: Note | None = None
    callback_query: Press | None = None
    my_chat_member: Membership | None = None

    @property
    def chat(self) -> Room | None:
        """The chat it belongs to."""
        note = self.message or (self.callback_query.message if self.callback_query else None)
        return note.chat if note else None

    @property
    def sender(self) -> User | None:
        """Who caused it."""
        return self.callback_query.sender if self.callback_query else self.message.sender if self.message else None

    @property
    def language(self) -> str:
        """The two letters of the client's language, empty if it doesn't tell."""
        return self.sender.language_code[:2].lower() if self.sender else ""


def parse(body: bytes) -> Update:
    """An update from a webhook's body, or Unreadable."""
    try:
        return read(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise Unreadable("JSON") from None


def read(raw: object) -> Update:
    """An update from its JSON values, or Unreadable; its text names fields only."""
    try:
        update = Update.model_validate(raw)
    except ValidationError as error:
        raise Unreadable(_fields(error)) from None
    if update.message is not None and isinstance(raw, dict) and not SERVICE.isdisjoint(raw["message"]):
        return update.model_copy(update={"message": update.message.model_copy(update={"is_service": True})})
    return update


def update_id(raw: object) -> int | None:
    """The number of an update, readable or not."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) else None


def _fields(error: ValidationError) -> str:
    """Where it can't be read; names of fields of our own and numbers, nothing that was sent."""
    return ", ".join(".".join(str(part) for part in entry["loc"]) or entry["type"] for entry in error.errors()[:3])
