"""Whole talks over HTTP, in every mode: what the platform gets, and what the person reads."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from tests.channels.wechat_house import NEW_KEY, OLD_KEY, Office, office
from tests.doubles.wechat_phone import links, shown, signed

ANSWERS = {
    "consent": "同意", "hukou_kind": "外地", "lodging": "1", "stay_length": "1", "subject": "自己",
    "id_number": "11010519491231002X", "name": "李伟", "ethnicity": "37", "hukou_address": "花园路100号3单元",
    "phone": "13800138000", "education": "高中", "marital_status": "未婚", "political_status": "群众",
    "area_street": "1", "area": "1", "address": "文三路10号2幢301室", "stay_kind": "1", "landlord_name": "王芳",
    "landlord_phone": "13900139000", "arrived_on": "昨天", "stay_months": "1年以上", "reason": "工作",
    "employer": "某某公司", "industry": "1", "social_insurance": "1", "paper_identity": "以后再发",
    "paper_dwelling": "以后再发", "confirm": "确认提交",
}  # fmt: skip
MODES: dict[str, dict[str, Any]] = {
    "plain": {},
    "safe": {"aes_key": NEW_KEY},
    "safe, previous key": {"aes_key": OLD_KEY},
    "compatible": {"aes_key": NEW_KEY, "compatible": True},
}
QUESTIONS = 40


async def reach(place: Office, step: str) -> str:
    """Answer until a step is asked; the text that asks for it. Each reply's length is checked by the phone."""
    text = place.phone.replies[-1] if place.phone.replies else await place.phone.event("subscribe", EventKey="")
    for _ in range(QUESTIONS):
        asked = await place.asked()
        if asked == step:
            return text
        text = await place.phone.say(ANSWERS[asked])
    raise AssertionError(step)


@pytest.mark.parametrize("mode", MODES)
async def test_a_registration_from_following_to_the_receipt(mode: str, tmp_path: Path) -> None:
    keys = f"{NEW_KEY},{OLD_KEY}" if MODES[mode] else ""
    async with office(tmp_path, wechat_aes_key=keys) as place:
        for name, value in MODES[mode].items():
            setattr(place.phone, name, value)
        await reach(place, "")
        assert "..household" in place.phone.replies[-1]
        assert len(place.phone.replies) > 25


async def test_a_registration_in_english(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await reach(place, "consent")
        await place.phone.say("English")
        await reach(place, "ethnicity")
        assert links(place.phone.replies[-1])[-1].says == place.house.words.label("en", "commands", "more")
        await reach(place, "")
        assert any(link.id == "..my_data" for link in links(place.phone.replies[-1]))


async def test_questions_are_answered_by_their_links(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await reach(place, "education")
        await place.phone.tap("高中")
        assert await place.asked() == "marital_status"
        await place.phone.tap("上一题")
        assert await place.asked() == "education"


async def test_a_list_is_continued_by_more_and_its_links_still_answer(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        text = await reach(place, "ethnicity")
        seen = shown(text)
        while any(link.id == "..more" for link in links(text)):
            text = await place.phone.deliver(
                place.phone.message("text", Content="更多", bizmsgmenuid=links(text)[-1].id)
            )
            seen += "\n" + shown(text)
        assert all(f"\n{number}. " in seen for number in range(1, 59))
        await place.phone.tap(links(text)[0].label)
        assert await place.asked() == "hukou_address"


async def test_a_message_delivered_again_gets_the_same_words_and_changes_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await reach(place, "name")
        xml = place.phone.message("text", Content="李伟")
        first = await place.phone.deliver(xml)
        await place.phone.say("37")
        assert await place.phone.deliver(xml) == first
        assert await place.asked() == "hukou_address"


@pytest.mark.parametrize("aes", ["", NEW_KEY], ids=["plain", "safe"])
async def test_an_answer_that_ends_a_cdata_section_injects_nothing(aes: str, tmp_path: Path) -> None:
    said = "文三路10号]]></Content><MsgType>news</MsgType>&amp;<a href='http://evil.example'>x</a>"
    async with office(tmp_path, wechat_aes_key=aes) as place:
        place.phone.aes_key = aes
        await reach(place, "address")
        await place.phone.say(said)
        text = await place.phone.say("我的资料")
        assert "文三路10号]]>" in text
        assert "evil.example" in text
        assert all(part.startswith('a href="weixin://') or part.startswith("/a>") for part in text.split("<")[1:])


EVENTS: list[tuple[str, dict[str, str]]] = [
    ("LOCATION", {"Latitude": "30", "Longitude": "120", "Precision": "1"}),
    ("VIEW", {"EventKey": "https://a"}),
    ("TEMPLATESENDJOBFINISH", {"MsgID": "1", "Status": "success"}),
    ("MASSSENDJOBFINISH", {"MsgID": "1", "Status": "send success"}),
    ("subscribe_msg_popup_event", {}),
    ("unsubscribe", {"EventKey": ""}),
    ("never_heard_of", {}),
]


@pytest.mark.parametrize(("event", "elements"), EVENTS)
async def test_events_nobody_answers_are_acknowledged(event: str, elements: dict[str, str], tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        assert await place.phone.event(event, **elements) == ""


async def test_following_scanning_and_the_menu_are_answered(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        for event, key in [("subscribe", "qrscene_home_ABCD"), ("SCAN", "home_ABCD"), ("CLICK", "law")]:
            assert await place.phone.event(event, EventKey=key)


KINDS: list[tuple[str, dict[str, str]]] = [
    ("text", {"Content": "你好"}),
    ("text", {}),
    ("text", {"Content": "x", "bizmsgmenuid": "migrant.nothing.like-this"}),
    ("text", {"Content": "x", "bizmsgmenuid": "nobody.sex.1"}),
    ("text", {"Content": "x", "bizmsgmenuid": "..nothing"}),
    ("text", {"Content": "字" * 2000}),
    ("image", {"MediaId": "m1", "PicUrl": "http://a"}),
    ("voice", {"MediaId": "m1", "Format": "amr", "Recognition": ""}),
    ("video", {"MediaId": "m1", "ThumbMediaId": "m2"}),
    ("shortvideo", {"MediaId": "m1"}),
    ("location", {"Location_X": "30.2", "Location_Y": "120.1", "Scale": "15", "Label": "西湖区"}),
    ("location", {"Location_X": "?", "Location_Y": ""}),
    ("link", {"Title": "a", "Description": "b", "Url": "http://a"}),
    ("file", {"Title": "a.pdf", "FileKey": "k"}),
    ("hologram", {}),
]


@pytest.mark.parametrize("step", ["consent", "name", "address", "paper_identity", "confirm", ""])
async def test_every_kind_of_message_is_answered_wherever_the_talk_is(step: str, tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await reach(place, step)
        for kind, elements in KINDS:
            reply = await place.phone.deliver(place.phone.message(kind, **elements))
            assert reply, kind
            assert place.house.words.say("zh", "say/trouble") not in reply, kind


async def test_the_log_holds_nothing_that_was_said(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with office(tmp_path) as place:
            await reach(place, "")
            openid = place.phone.openid
    assert logs
    told = repr(logs)
    assert not [word for word in ("李伟", "13800138000", "11010519491231002X", openid) if word in told]


UNREADABLE = ["no XML", "<xml/>", "<xml>x</xml>", "<xml><ToUserName>gh_0123456789ab</ToUserName></xml>"]


@pytest.mark.parametrize("body", UNREADABLE)
async def test_a_signed_body_that_makes_no_sense_is_acknowledged(body: str, tmp_path: Path) -> None:
    async with office(tmp_path, wechat_account="") as place:
        assert (await place.phone.post(body)).text == "success"


async def test_a_stranger_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        place.phone.token = "another"
        assert (await place.phone.post(place.phone.message("text", Content="x"))).status_code == 403


async def test_a_body_beyond_all_messages_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        response = await place.phone.post(place.phone.message("text", Content="x" * 70_000))
        assert response.status_code == 413


def check(token: str, **changes: str) -> dict[str, str]:
    """The query by which the platform checks the server's address; empty changes leave a part out."""
    query = {"timestamp": "1795399200", "nonce": "n", "echostr": "5201314"}
    query["signature"] = signed(token, query["timestamp"], query["nonce"])
    return {name: value for name, value in (query | changes).items() if value}


GETS = [
    (check("token-of-the-server-page"), 200, "5201314"),
    (check("token-of-the-server-page", encrypt_type="aes"), 200, "5201314"),
    (check("another"), 403, ""),
    (check("token-of-the-server-page", signature="x"), 403, ""),
    (check("token-of-the-server-page", signature=""), 403, ""),
    (check("token-of-the-server-page", timestamp=""), 403, ""),
    (check("token-of-the-server-page", nonce=""), 403, ""),
    (check("token-of-the-server-page", timestamp="1795399201"), 403, ""),
    ({}, 403, ""),
]


@pytest.mark.parametrize(("query", "status", "text"), GETS)
async def test_the_address_is_confirmed_to_the_platform_only(
    query: dict[str, str], status: int, text: str, tmp_path: Path
) -> None:
    async with office(tmp_path) as place, httpx.AsyncClient() as client:
        response = await client.get(f"{place.phone.url}/wechat", params=query)
        assert (response.status_code, response.text) == (status, text)
