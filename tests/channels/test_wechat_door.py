"""Who may come in: the platform only, in every mode, and nobody ever sees a 500."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from wechatpy.crypto import WeChatCrypto

from bot.channels.wechat import xml
from bot.channels.wechat.door import Door, NotLetIn
from bot.channels.wechat.envelope import BadEnvelope, Seal
from bot.channels.wechat.xml import Unreadable
from tests.channels.wechat_house import ACCOUNT, FOREIGN_KEY, NEW_KEY, OLD_KEY, TOKEN
from tests.doubles.wechat_phone import Phone, signed

APP = "wx0000000000000001"
SEALS = (Seal.of(APP, NEW_KEY), Seal.of(APP, OLD_KEY))
PLAIN = Phone("", TOKEN)
SAFE = Phone("", TOKEN, aes_key=NEW_KEY)
COMPATIBLE = replace(SAFE, compatible=True)

Query = dict[str, str]
Spoil = Callable[[Query, str], tuple[Query, str]]


def delivered(phone: Phone, text: str = "你好") -> tuple[Query, str]:
    """What the platform sends for a text."""
    return phone.envelope(phone.message("text", Content=text))


def opened(door: Door, query: Query, body: str) -> str:
    """The text that came in."""
    return door.open(query, body.encode()).elements["Content"]


@pytest.mark.parametrize(
    ("door", "phone"),
    [
        (Door(TOKEN), PLAIN),
        (Door(TOKEN, account=ACCOUNT), PLAIN),
        (Door(TOKEN, SEALS, ACCOUNT), SAFE),
        (Door(TOKEN, SEALS, ACCOUNT), COMPATIBLE),
        (Door(TOKEN, SEALS), replace(SAFE, aes_key=OLD_KEY)),
    ],
    ids=["plain", "plain, account given", "safe", "compatible", "safe, previous key"],
)
def test_the_platform_comes_in(door: Door, phone: Phone) -> None:
    assert opened(door, *delivered(phone)) == "你好"


def without(name: str) -> Spoil:
    """The query lacks something."""
    return lambda query, body: ({key: value for key, value in query.items() if key != name}, body)


def changed(name: str, value: str) -> Spoil:
    """The query says something else."""
    return lambda query, body: (query | {name: value}, body)


def swapped(old: str, new: str) -> Spoil:
    """The body says something else."""
    return lambda query, body: (query, body.replace(old, new))


PLAIN_REFUSALS: list[tuple[Spoil, str]] = [
    (without("signature"), "signature"),
    (without("timestamp"), "signature"),
    (without("nonce"), "signature"),
    (changed("signature", "0" * 40), "signature"),
    (changed("signature", ""), "signature"),
    (changed("signature", "签名"), "signature"),
    (changed("timestamp", "1"), "signature"),
    (changed("nonce", "1"), "signature"),
    (changed("encrypt_type", "aes"), "no_key"),
    (swapped(ACCOUNT, "gh_someone_else"), "account"),
    (swapped("ToUserName", "Elsewhere"), "account"),
]


@pytest.mark.parametrize(("spoil", "reason"), PLAIN_REFUSALS)
def test_a_plain_message_that_is_not_the_platforms_is_refused(spoil: Spoil, reason: str) -> None:
    with pytest.raises(NotLetIn) as refusal:
        opened(Door(TOKEN, account=ACCOUNT), *spoil(*delivered(PLAIN)))
    assert refusal.value.reason == reason


def flipped(query: Query, body: str) -> tuple[Query, str]:
    """One character of the encrypted part differs."""
    place = body.index("<Encrypt><![CDATA[") + 60
    other = "A" if body[place] != "A" else "B"
    return query, body[:place] + other + body[place + 1 :]


def resigned(query: Query, closed: str) -> tuple[Query, str]:
    """Something signed well that isn't an envelope: only whoever knows the token can do this."""
    good = signed(TOKEN, query["timestamp"], query["nonce"], closed)
    return query | {"msg_signature": good}, f"<xml><Encrypt>{closed}</Encrypt></xml>"


SAFE_REFUSALS: list[tuple[Spoil, str]] = [
    (without("msg_signature"), "signature"),
    (without("timestamp"), "signature"),
    (changed("msg_signature", "0" * 40), "signature"),
    (lambda query, body: (query | {"msg_signature": query["signature"]}, body), "signature"),
    (flipped, "signature"),
    (without("encrypt_type"), "not_encrypted"),
    (changed("encrypt_type", "raw"), "not_encrypted"),
    (swapped("Encrypt", "Encrypted"), "not_encrypted"),
    (lambda query, body: (query, "no XML"), "not_encrypted"),
    (lambda query, body: (query, ""), "not_encrypted"),
    (lambda query, body: delivered(PLAIN), "not_encrypted"),
    (lambda query, body: delivered(replace(SAFE, aes_key=FOREIGN_KEY)), "envelope"),
    (lambda query, body: delivered(replace(SAFE, app_id="wx0000000000000002")), "envelope"),
    (lambda query, body: delivered(replace(SAFE, account="gh_someone_else")), "account"),
    (lambda query, body: delivered(replace(SAFE, token="another")), "signature"),
    *((lambda query, body, closed=closed: resigned(query, closed), "envelope") for closed in ("!", "AAAA", "A" * 64)),
]


@pytest.mark.parametrize(("spoil", "reason"), SAFE_REFUSALS)
def test_an_encrypted_message_that_is_not_the_platforms_is_refused(spoil: Spoil, reason: str) -> None:
    with pytest.raises(NotLetIn) as refusal:
        opened(Door(TOKEN, SEALS, ACCOUNT), *spoil(*delivered(SAFE)))
    assert refusal.value.reason == reason


def test_of_a_compatible_body_only_the_encrypted_part_counts() -> None:
    query, body = delivered(COMPATIBLE, "我是本人")
    assert opened(Door(TOKEN, SEALS), query, body.replace("我是本人", "我是别人", 1)) == "我是本人"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no XML",
        "<xml>",
        "<xml/>",
        "<other/>",
        "<xml>text</xml>",
        '<!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>',
        '<!-- <xml> --><!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>',
        '<?other <xml> ?><!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>',
        '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><Content>&a;</Content></xml>',
        '<?xml version="1.0" encoding="gb2312"?><xml/>',
        '<?xml version="1.0" encoding="nothing"?><xml/>',
    ],
)
def test_a_signed_body_that_is_no_message_is_unreadable(body: str) -> None:
    query, _ = delivered(PLAIN)
    with pytest.raises(Unreadable):
        Door(TOKEN).open(query, body.encode())


def test_whoever_writes_about_xml_is_read() -> None:
    said = "<!DOCTYPE xml [<!ENTITY a 'b'>]> & <xml>"
    told = xml.read(
        f'<?xml version="1.0"?>\n<xml><Content><![CDATA[ {said} ]]></Content><Empty> </Empty></xml>'.encode()
    )
    assert told.elements == {"Content": said}


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 31, 32, 33, 500])
def test_envelopes_are_those_of_another_implementation(length: int) -> None:
    crypto, text = WeChatCrypto(TOKEN, NEW_KEY, APP), "x" * length
    closed = crypto.encrypt_message(f"<xml>{text}</xml>", "nonce", "1").split("<![CDATA[")[1].split("]]>")[0]
    assert SEALS[0].open(closed) == f"<xml>{text}</xml>"
    assert SEALS[0].open(SEALS[0].close(text)) == text


def test_an_envelope_under_another_key_stays_closed() -> None:
    with pytest.raises(BadEnvelope):
        SEALS[1].open(SEALS[0].close("x" * 100))
