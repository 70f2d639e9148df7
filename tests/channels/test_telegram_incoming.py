"""Updates as the Bot API sends them, and what is understood of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.telegram import taps, updates
from bot.channels.telegram.incoming import FILE_BYTES, to_incoming
from handlers.messages import Attachment, Contact, Incoming, Place, Tap

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PERSON = {"id": 71, "is_bot": False, "first_name": "伟", "language_code": "zh-hans"}
CHAT = {"id": 71, "type": "private"}
GROUP = {"id": -5, "type": "supergroup"}
POINT = {"latitude": 30.25, "longitude": 120.5}
FILE = {"file_id": "f1", "file_unique_id": "u", "file_size": 5000}


def message(**fields: Any) -> dict[str, Any]:
    """A message in a private chat."""
    return {"message_id": 9, "date": 1, "chat": CHAT, "from": PERSON} | fields


def understood(**update: Any) -> Incoming | None:
    """What an update is taken for."""
    return to_incoming(updates.read({"update_id": 5, **update}), NOW)


SAID: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("words", {"text": "李伟"}, {"text": "李伟"}),
    ("start", {"text": "/start"}, {"kind": "open"}),
    ("start of a named bot", {"text": "/start@anju_bot"}, {"kind": "open"}),
    ("deep link", {"text": "/start home_ABCD"}, {"kind": "open", "scene": "home_ABCD"}),
    ("command", {"text": "/help"}, {"text": "/help"}),
    ("command to a named bot", {"text": "/my_data@anju_bot"}, {"text": "/my_data"}),
    ("command with more", {"text": "/link@anju_bot 123456"}, {"text": "/link 123456"}),
    ("an address with a sign", {"text": "a@b 12"}, {"text": "a@b 12"}),
    (
        "photo",
        {"photo": [FILE | {"file_id": "small"}, FILE], "caption": "身份证"},
        {"files": (Attachment("image", "f1", size=5000),), "text": "身份证"},
    ),
    (
        "photo whose largest size is too large",
        {"photo": [FILE | {"file_id": "small"}, FILE | {"file_size": FILE_BYTES + 1}]},
        {"files": (Attachment("image", "small", size=5000),)},
    ),
    ("photo of unknown size", {"photo": [{"file_id": "f1"}]}, {"files": (Attachment("image", "f1"),)}),
    (
        "document",
        {"document": FILE | {"file_name": "合同.pdf"}},
        {"files": (Attachment("document", "f1", "合同.pdf", 5000),)},
    ),
    (
        "photo sent as a document",
        {"document": FILE | {"mime_type": "image/jpeg"}},
        {"files": (Attachment("document", "f1", size=5000),)},
    ),
    ("voice", {"voice": FILE}, {"files": (Attachment("voice", "f1", size=5000),)}),
    ("audio", {"audio": FILE}, {"files": (Attachment("voice", "f1", size=5000),)}),
    ("video", {"video": FILE}, {"files": (Attachment("video", "f1", size=5000),)}),
    ("round video", {"video_note": FILE}, {"files": (Attachment("video", "f1", size=5000),)}),
    (
        "animation, which carries a document besides",
        {"animation": FILE, "document": FILE},
        {"files": (Attachment("video", "f1", size=5000),)},
    ),
    ("sticker", {"sticker": FILE}, {"files": (Attachment("sticker", "f1", size=5000),)}),
    ("own contact", {"contact": {"phone_number": "+86138", "user_id": 71}}, {"contact": Contact("+86138", own=True)}),
    ("another's contact", {"contact": {"phone_number": "138", "user_id": 72}}, {"contact": Contact("138", own=False)}),
    ("contact without Telegram", {"contact": {"phone_number": "138"}}, {"contact": Contact("138", own=False)}),
    ("location", {"location": POINT}, {"place": Place(30.25, 120.5)}),
    (
        "venue",
        {"location": POINT, "venue": {"location": POINT, "title": "西湖", "address": "北山街1号"}},
        {"place": Place(30.25, 120.5, "西湖 北山街1号")},
    ),
    ("poll", {"poll": {"id": "1"}}, {"files": (Attachment("other", ""),)}),
    ("dice", {"dice": {"emoji": "🎲", "value": 3}}, {"files": (Attachment("other", ""),)}),
    ("a kind that will be invented", {"hologram": {}}, {"files": (Attachment("other", ""),)}),
    ("forwarded words", {"text": "x", "forward_origin": {"type": "hidden_user"}}, {"text": "x"}),
]


@pytest.mark.parametrize(("sent", "expected"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_a_message_becomes_incoming(sent: dict[str, Any], expected: dict[str, Any]) -> None:
    assert understood(message=message(**sent)) == Incoming("telegram", "71", "u5", NOW, language="zh", **expected)


IGNORED: list[tuple[str, dict[str, Any]]] = [
    ("a group", {"message": message(chat=GROUP, text="x")}),
    ("a message without sender", {"message": {"message_id": 1, "date": 1, "chat": CHAT, "text": "x"}}),
    ("an edited message", {"edited_message": message(text="x")}),
    ("a channel's post", {"channel_post": message(text="x")}),
    ("the bot was blocked", {"my_chat_member": {"chat": CHAT, "from": PERSON, "date": 1}}),
    ("a poll's state", {"poll": {"id": "1"}}),
    ("a kind that will be invented", {"telepathy": {"from": 1}}),
    ("a pinned message", {"message": message(pinned_message={"message_id": 3})}),
    ("leave to write", {"message": message(write_access_allowed={})}),
    ("a button of inline mode", {"callback_query": {"id": "1", "from": PERSON, "inline_message_id": "a", "data": "x"}}),
    ("a button in a group", {"callback_query": {"id": "1", "from": PERSON, "message": message(chat=GROUP)}}),
]


@pytest.mark.parametrize("update", [row[1] for row in IGNORED], ids=[row[0] for row in IGNORED])
def test_what_is_not_for_the_talk_is_ignored(update: dict[str, Any]) -> None:
    assert understood(**update) is None


UNREADABLE: list[tuple[str, object]] = [
    ("a list", []),
    ("a word", "x"),
    ("nothing", None),
    ("without its number", {"message": message(text="x")}),
    ("a message that is none", {"update_id": 5, "message": [1]}),
    ("a chat that is none", {"update_id": 5, "message": message(chat="71")}),
    ("a file without its id", {"update_id": 5, "message": message(voice={})}),
]


@pytest.mark.parametrize("raw", [row[1] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE])
def test_what_cannot_be_read_is_told_apart(raw: object) -> None:
    with pytest.raises(updates.Unreadable):
        updates.read(raw)


def test_what_is_told_of_an_unreadable_update_names_fields_and_nothing_sent() -> None:
    with pytest.raises(updates.Unreadable) as refused:
        updates.read({"update_id": 5, "message": message(text="李伟", chat={"id": "李伟", "type": "private"})})
    assert str(refused.value) == "message.chat.id"


@pytest.mark.parametrize(
    ("data", "tap"),
    [
        ("migrant/area/S01-01", Tap("migrant", "area", "S01-01")),
        ("//back", Tap("", "", "back")),
        ("//edit:phone", Tap("", "", "edit:phone")),
        ("//start_over:yes", Tap("", "", "start_over:yes")),
        ("form/step/with/strokes", Tap("form", "step", "with/strokes")),
    ],
)
def test_a_button_says_the_same_when_it_comes_back(data: str, tap: Tap) -> None:
    assert taps.encode(tap) == data
    pressed = understood(callback_query={"id": "1", "from": PERSON, "message": message(), "data": data})
    assert pressed == Incoming("telegram", "71", "u5", NOW, language="zh", choice=tap)


@pytest.mark.parametrize("data", ["", "x", "a/b", "a/b/", "//"])
def test_a_button_that_is_not_ours_asks_the_present_question_again(data: str) -> None:
    assert taps.decode(data) == Tap("", "", "continue")


def test_a_button_below_a_message_that_is_too_old_to_see_still_counts() -> None:
    old = {"chat": CHAT, "message_id": 3, "date": 0}
    pressed = understood(callback_query={"id": "1", "from": PERSON, "message": old, "data": "//back"})
    assert pressed is not None
    assert pressed.choice == Tap("", "", "back")


@pytest.mark.parametrize(
    ("code", "language"), [("zh-hans", "zh"), ("en-GB", "en"), ("EN", "en"), ("de", "de"), ("", ""), (None, "")]
)
def test_the_language_is_that_of_the_client(code: str | None, language: str) -> None:
    incoming = understood(message=message(text="x", **{"from": PERSON | {"language_code": code}}))
    assert incoming is not None
    assert incoming.language == language
