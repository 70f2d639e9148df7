"""Whatever a platform, a browser or a stranger sends is read or refused, and never anything else."""

import contextlib
import json
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram import incoming as telegram
from bot.channels.telegram import updates
from bot.channels.web import requests
from bot.channels.wechat import incoming as wechat
from bot.channels.wechat import xml

NOW = datetime(2026, 11, 25, tzinfo=UTC)
FULL = os.environ.get("ANJU_FAULTS") == "full"
MANY = settings(max_examples=20_000 if FULL else 300, derandomize=not FULL, deadline=None)
NAMES = (
    "ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Content", "Event", "EventKey", "bizmsgmenuid",
    "Location_X", "Location_Y", "Label", "MediaId", "PicUrl", "Ticket",
)  # fmt: skip
KINDS = ("text", "image", "voice", "location", "event", "file", "link", "shortvideo", "")
EVENTS = ("subscribe", "unsubscribe", "SCAN", "CLICK", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "")
LONG = 200_000
FLAT_BYTES, MOST_FOR_A_BYTE = 256 * 1024, 128

pytestmark = pytest.mark.timeout(3600 if FULL else 300)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
elements = st.fixed_dictionaries(
    {"MsgType": st.sampled_from(KINDS), "Event": st.sampled_from(EVENTS)},
    optional={name: st.text(max_size=40) for name in NAMES if name not in {"MsgType", "Event"}},
)


@MANY
@given(st.binary(max_size=400) | st.text(max_size=400))
def test_any_bytes_are_xml_of_ours_or_unreadable(body: bytes | str) -> None:
    with contextlib.suppress(xml.Unreadable):
        assert all(isinstance(value, str) for value in xml.read(body).elements.values())


@MANY
@given(elements)
def test_any_elements_are_a_message_or_none(found: dict[str, str]) -> None:
    written = "".join(
        f"<{name}><![CDATA[{xml.printable(v).replace(']]>', '')}]]></{name}>" for name, v in found.items()
    )
    with contextlib.suppress(xml.Unreadable):
        message = wechat.to_incoming(xml.read(f"<xml>{written}</xml>").elements, NOW)
        assert message is None or (message.channel, bool(message.message_id)) == ("wechat", True)


@MANY
@given(json_values)
def test_any_json_is_an_update_or_unreadable(raw: Any) -> None:
    with contextlib.suppress(updates.Unreadable):
        updates.read(raw)


UPDATE = {
    "update_id": 5,
    "message": {
        "message_id": 7, "date": 1, "text": "李伟", "chat": {"id": 71, "type": "private"},
        "from": {"id": 71, "is_bot": False, "first_name": "伟", "language_code": "zh"},
        "contact": {"phone_number": "+8613812345678", "user_id": 71},
        "location": {"latitude": 30.1, "longitude": 120.2},
        "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}],
    },
    "callback_query": {
        "id": "q", "from": {"id": 71, "is_bot": False, "first_name": "伟"}, "data": "x", "chat_instance": "1",
    },
}  # fmt: skip


@MANY
@given(st.data())
def test_an_update_with_anything_in_one_place_is_read_or_unreadable(data: st.DataObject) -> None:
    raw = json.loads(json.dumps(UPDATE))
    where: Any = raw
    while True:
        name = data.draw(st.sampled_from(sorted(where)))
        if not isinstance(where[name], dict) or data.draw(st.booleans()):
            where[name] = data.draw(json_values)
            break
        where = where[name]
    with contextlib.suppress(updates.Unreadable):
        found = telegram.to_incoming(updates.read(raw), NOW)
        assert found is None or found.channel == "telegram"


@MANY
@given(st.binary(max_size=400) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_body_of_the_page_is_a_message_or_unreadable(body: bytes) -> None:
    with contextlib.suppress(requests.UnreadableMessage):
        requests.read_said(body)


ENTITIES = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">" + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]>"  # fmt: skip
BOMBS: dict[str, str | bytes] = {
    "entities": f"{ENTITIES}<xml><Content>&j;</Content></xml>",
    "entities behind a declaration": f'<?xml version="1.0"?>{ENTITIES}<xml><Content>&j;</Content></xml>',
    "entities inside": f"<xml>{ENTITIES}<Content>&j;</Content></xml>",
    "a file": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>',
    "unended": "<a>" * LONG,
    "unended inside": "<xml>" + "<a>" * LONG,
    "half of UTF-16": b"\xff\xfe<\x00x\x00m\x00l\x00>",
    "broken UTF-8": b"<xml><Content>\xff\xfe\xfa</Content></xml>",
}
DEEP = "<xml><Content>good</Content>" + "<a>" * LONG + "</a>" * LONG + "</xml>"


@contextlib.contextmanager
def memory_flat(body: str | bytes) -> Iterator[None]:
    """What is done with a body needs memory in proportion to it, as elements do and entities that are let in don't."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < FLAT_BYTES + MOST_FOR_A_BYTE * len(body)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_with_memory_flat(bomb: str) -> None:
    with memory_flat(BOMBS[bomb]), pytest.raises(xml.Unreadable):
        xml.read(BOMBS[bomb])


def test_what_lies_deep_is_left_out_with_memory_flat() -> None:
    with memory_flat(DEEP):
        told = xml.read(DEEP)
    assert (told.elements, told.rows) == ({"Content": "good"}, ())
