"""WeChat's messages and events in the house's terms."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.wechat.incoming import message_id, sent_at, to_incoming
from bot.channels.wechat.xml import Unreadable
from handlers.messages import Attachment, Incoming, Place, Tap

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FROM = {"ToUserName": "gh_1", "FromUserName": "oPerson", "CreateTime": "1795399200"}


def read(**elements: str) -> Incoming | None:
    """A message with these elements."""
    return to_incoming(FROM | {"MsgId": "1"} | elements, NOW)


def event(name: str, **elements: str) -> Incoming | None:
    """An event with these elements."""
    return to_incoming(FROM | {"MsgType": "event", "Event": name} | elements, NOW)


MESSAGES: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"MsgType": "text", "Content": "李伟"}, {"text": "李伟"}),
    ({"MsgType": "text"}, {"text": ""}),
    (
        {"MsgType": "text", "Content": "男", "bizmsgmenuid": "migrant.sex.1"},
        {"choice": Tap("migrant", "sex", "1")},
    ),
    ({"MsgType": "text", "Content": "上一题", "bizmsgmenuid": "..back"}, {"choice": Tap("", "", "back")}),
    ({"MsgType": "text", "Content": "男", "bizmsgmenuid": "101"}, {"text": "男"}),
    ({"MsgType": "image", "MediaId": "m1"}, {"files": (Attachment("image", "m1"),)}),
    ({"MsgType": "voice", "MediaId": "m1", "Recognition": ""}, {"files": (Attachment("voice", "m1"),)}),
    ({"MsgType": "video", "MediaId": "m1"}, {"files": (Attachment("video", "m1"),)}),
    ({"MsgType": "shortvideo", "MediaId": "m1"}, {"files": (Attachment("video", "m1"),)}),
    ({"MsgType": "file", "MediaId": "m1", "Title": "a.pdf"}, {"files": (Attachment("document", "m1", "a.pdf"),)}),
    ({"MsgType": "file", "Title": "a.pdf"}, {"files": (Attachment("other", "", "a.pdf"),)}),
    ({"MsgType": "image"}, {"files": (Attachment("other", ""),)}),
    ({"MsgType": "link", "Url": "https://a"}, {"files": (Attachment("other", ""),)}),
    ({"MsgType": "hologram"}, {"files": (Attachment("other", ""),)}),
    (
        {"MsgType": "location", "Location_X": "30.25", "Location_Y": "120.16", "Label": "西湖区"},
        {"place": Place(30.25, 120.16, "西湖区")},
    ),
    *(
        ({"MsgType": "location", "Location_X": wrong, "Location_Y": "120"}, {"files": (Attachment("other", ""),)})
        for wrong in ("", "north", "nan", "inf", "91")
    ),
]


@pytest.mark.parametrize(("elements", "meaning"), MESSAGES)
def test_each_kind_of_message(elements: dict[str, str], meaning: dict[str, Any]) -> None:
    assert read(**elements) == Incoming("wechat", "oPerson", "1", NOW, **meaning)


EVENTS: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("subscribe", {}, {"kind": "follow"}),
    ("subscribe", {"EventKey": "qrscene_home_ABCD", "Ticket": "t"}, {"kind": "follow", "scene": "home_ABCD"}),
    ("subscribe", {"EventKey": "last_trade_no_4003"}, {"kind": "follow"}),
    ("SCAN", {"EventKey": "home_ABCD"}, {"kind": "scan", "scene": "home_ABCD"}),
    ("CLICK", {"EventKey": "start"}, {"choice": Tap("", "", "start")}),
    ("unsubscribe", {"EventKey": ""}, {"kind": "unfollow"}),
]


@pytest.mark.parametrize(("name", "elements", "meaning"), EVENTS)
def test_each_event_that_leads_to_a_turn(name: str, elements: dict[str, str], meaning: dict[str, Any]) -> None:
    incoming = event(name, **elements)
    assert incoming is not None
    assert incoming == Incoming("wechat", "oPerson", incoming.message_id, NOW, **meaning)


QUIET = [
    "LOCATION", "VIEW", "TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH", "subscribe_msg_popup_event", "verify_expired",
    "scancode_push", "CLICK", "",
]  # fmt: skip


@pytest.mark.parametrize("name", QUIET)
def test_other_events_lead_to_no_turn(name: str) -> None:
    assert event(name) is None


@pytest.mark.parametrize("missing", ["FromUserName", "MsgType"])
def test_without_sender_or_type_nothing_can_be_read(missing: str) -> None:
    elements = {name: value for name, value in (FROM | {"MsgType": "text"}).items() if name != missing}
    with pytest.raises(Unreadable):
        to_incoming(elements, NOW)


TOLD_APART = [
    {"MsgType": "event", "Event": "CLICK", "EventKey": "start"},
    {"MsgType": "event", "Event": "CLICK", "EventKey": "my_data"},
    {"MsgType": "event", "Event": "SCAN", "EventKey": "start"},
    {"MsgType": "event", "Event": "CLICK", "EventKey": "start", "CreateTime": "1795399201"},
    {"MsgType": "text", "Content": "男"},
    {"MsgType": "text", "Content": "女"},
    {"MsgType": "image", "MediaId": "m1"},
    {"MsgType": "image", "MediaId": "m2"},
    {"MsgType": "image", "MediaId": "m2", "MsgId": "7"},
]


def test_messages_without_an_id_are_told_apart_by_when_and_what() -> None:
    ids = [message_id(FROM | elements) for elements in TOLD_APART]
    assert len(set(ids)) == len(TOLD_APART)
    assert ids == [message_id(FROM | elements) for elements in TOLD_APART]


def test_what_was_said_is_not_in_the_id() -> None:
    assert "李伟" not in message_id(FROM | {"MsgType": "text", "Content": "李伟"})


@pytest.mark.parametrize(("written", "at"), [("1795399200", 1795399200.0), ("", None), ("soon", None), ("²", None)])
def test_when_the_platform_took_it(written: str, at: float | None) -> None:
    assert sent_at({"CreateTime": written}) == at
