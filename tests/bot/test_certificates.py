"""Certificates: issued once, replaced, revoked, told, rendered so that text and QR code can be read again."""

import asyncio
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
import zxingcpp
from PIL import Image

from bot.certificate.document import document
from bot.certificate.fonts import SANS, sized
from bot.certificate.picture import WIDTH, picture, wrapped
from bot.certificate.sheet import Sheet, sheet
from bot.house import House
from handlers.messages import Incoming
from handlers.office import certificates, links
from handlers.office.certificates import UnknownReason, masked
from handlers.office.links import Link
from storage import audit, audit_check, deliveries
from storage import certificates as kept
from storage.audit import Subject, Who
from storage.certificates import Certificate
from tests.certified import certified, registered, say
from tests.handlers.answers.telling import id_number

STAFF = Who("staff", "s1")
RARE = {"name": "欧阳䶮", "hukou_address": "新疆维吾尔自治区和静县巴音布鲁克镇赛热木东路128号" * 3}


def paper(house: House, certificate: Certificate) -> Sheet:
    return sheet(certificate, house.words, house.settings.zone, house.settings.public_url)


def text_of(pdf: bytes) -> str:
    (page,) = pypdf.PdfReader(io.BytesIO(pdf)).pages
    # pypdf reads the two bytes of a character apart where the font brings its own encoding; poppler and browsers don't
    return "".join(page.extract_text().replace("\0", "").split())


def codes_in(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


async def test_a_certificate_is_issued_once_however_often_it_is_asked_for(house: House) -> None:
    sent, first = await certified(house)
    now, office = datetime.now(UTC), house.chat.office
    again = await asyncio.gather(
        *(house.database.run(lambda unit: certificates.issue(unit, sent, office, now)) for _ in range(8))
    )
    assert {one.code for one in again} == {first.code}
    assert first.number == sent.number
    assert len(first.code) == 24
    entries = await house.database.read(lambda unit: audit.about(unit, [Subject("submission", str(sent.id))]))
    assert [entry.act.action for entry in entries] == ["issued"]


async def test_a_revoked_certificate_stays_revoked(house: House) -> None:
    sent, first = await certified(house)
    now, office = datetime.now(UTC), house.chat.office
    done = [await house.database.run(lambda unit: certificates.revoke(unit, first, "left", STAFF, now)) for _ in "12"]
    assert done == [True, False]
    again = await house.database.run(lambda unit: certificates.issue(unit, sent, office, now))
    assert (again.code, again.end_reason) == (first.code, "left")
    checked = await house.database.read(lambda unit: certificates.checked(unit, first.code, office, now))
    assert checked is not None
    assert (checked.valid, checked.ended_on) == (False, now.astimezone(office.zone).date())
    with pytest.raises(UnknownReason):
        await house.database.run(lambda unit: certificates.revoke(unit, first, "no idea", STAFF, now))


async def test_replacing_twice_at_once_is_replacing_once(house: House) -> None:
    sent, first = await certified(house)
    now, office = datetime.now(UTC), house.chat.office
    new = await asyncio.gather(
        *(house.database.run(lambda u: certificates.replace(u, first, sent, office, now, STAFF)) for _ in range(6))
    )
    assert {one.number for one in new} == {f"{sent.number}/2"}
    assert {one.code for one in new} != {first.code}
    old = await house.database.read(lambda unit: kept.by_code(unit, first.code))
    assert old is not None
    assert old.end_reason == "replaced"
    assert await asyncio.to_thread(lambda: list(audit_check.verify(house.database))) == []


async def test_the_person_is_told_once_and_finds_the_links_in_the_talk(house: House) -> None:
    sent, certificate = await certified(house)
    now = datetime.now(UTC)
    told = [await house.database.run(lambda u: certificates.push(u, certificate, sent, now)) for _ in "12"]
    assert told == [True, False]
    assert sum((await house.database.read(deliveries.counts)).values()) == 1
    (words,) = await say(house, "c1", "我的凭证")
    assert sent.number in words
    assert words.count("/my/") == 2
    assert "李伟" in words
    assert (await say(house, "c2", "my certificate", who="stranger"))[0].count("/my/") == 0


async def test_what_waits_for_review_is_told_as_waiting(house: House) -> None:
    sent = await registered(house)
    (words,) = await say(house, "c1", "凭证")
    assert "还在审核" in words
    assert sent.number in words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("李伟", "李**"), ("欧阳娜娜", "欧阳**"), ("欧阳", "欧**"), ("司马光", "司马**"), ("阿迪力·买买提", "阿**"),
        ("Li Wei", "L**"), ("", "**"),
    ],
)  # fmt: skip
def test_only_the_family_name_is_shown(name: str, shown: str) -> None:
    assert masked(name) == shown


async def test_a_link_is_good_for_a_day_and_only_as_it_was_made(house: House) -> None:
    vault, now = house.database.vault, datetime.now(UTC)
    token = links.token(vault, Link("certificate", 7), now)
    assert links.opened(vault, token, now) == Link("certificate", 7)
    assert links.opened(vault, token, now + timedelta(hours=23, minutes=59)) == Link("certificate", 7)
    assert links.opened(vault, token, now + timedelta(hours=24)) is None
    spoilt = (
        "",
        "x",
        token[:-1],
        "B" + token[1:],
        token + "A",
        token * 3,
        "凭证",
        vault.seal(b"1", "other.place").hex(),
    )
    assert [links.opened(vault, bad, now) for bad in spoilt] == [None] * len(spoilt)


async def test_the_pdf_says_everything_and_its_code_leads_to_the_check(house: House) -> None:
    _, certificate = await certified(house)
    pdf = document(paper(house, certificate))
    told = text_of(pdf)
    for words in ("居住登记凭证", "李伟", "女", "汉族", "1949年12月31日", "11010519491231002X", "幸福路18号3幢502室"):
        assert words in told
    for words in (
        "安徽省阜南县王店镇李庄村3组12号",
        "杭州市区居住登记机构",
        "ResidenceRegistration",
        certificate.number,
    ):
        assert words in told
    assert len(pdf) < 120_000
    fonts = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"]  # type: ignore[index]  # pypdf's objects
    embedded = [font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts.values()]
    assert all("/FontFile3" in descriptor for descriptor in embedded)


async def test_the_picture_is_made_for_a_phone_and_its_code_is_read_from_it(house: House) -> None:
    _, certificate = await certified(house)
    content = picture(paper(house, certificate))
    image = Image.open(io.BytesIO(content))
    assert image.width == WIDTH
    assert 1800 < image.height < 3200
    assert len(content) < 250_000
    expected = f"{house.settings.public_url}/c/{certificate.code}"
    assert codes_in(image.convert("RGB")) == [expected]
    small = image.convert("RGB").resize((540, image.height // 2))
    assert codes_in(small) == [expected]


async def test_long_and_rare_words_fit(house: House) -> None:
    _, certificate = await certified(house, id_number=id_number("652827", "19830412", "328"), **RARE)
    made = paper(house, certificate)
    assert "欧阳䶮" in text_of(document(made))
    assert masked(str(certificate.content["name"])) == "欧阳**"
    assert Image.open(io.BytesIO(picture(made))).height < 3400


async def test_the_same_certificate_gives_the_same_bytes(house: House) -> None:
    _, certificate = await certified(house)
    assert document(paper(house, certificate)) == document(paper(house, certificate))
    assert picture(paper(house, certificate)) == picture(paper(house, certificate))


@pytest.mark.parametrize(
    ("words", "width", "lines"),
    [
        ("安徽省阜南县", 30 * 4, ["安徽省阜", "南县"]),
        ("one two three", 30 * 4, ["one two", "three"]),
        ("", 100, [""]),
    ],
)
def test_words_are_broken_where_their_script_allows(words: str, width: int, lines: list[str]) -> None:
    assert list(wrapped(words, sized(SANS, 30), width)) == lines


async def test_a_pack_with_a_validity_sets_the_last_day(house: House) -> None:
    from dataclasses import replace
    from types import MappingProxyType

    office = house.chat.office
    months = replace(office.pack.rule("permit.eligibility.residence"), key=certificates.VALIDITY)
    pack = replace(office.pack, versions=MappingProxyType({**office.pack.versions, certificates.VALIDITY: (months,)}))
    limited, now = replace(office, pack=pack), datetime(2026, 11, 23, 2, tzinfo=UTC)
    sent = await registered(house)
    made: Any = await house.database.run(lambda unit: certificates.issue(unit, sent, limited, now))
    assert str(made.valid_until) == "2027-05-23"
    assert made.holds_on(made.valid_until)
    assert not made.holds_on(made.valid_until + timedelta(days=1))
    assert any(line.value == "2027年5月23日" for line in paper(house, made).lines)


async def test_a_message_to_a_stranger_holds_no_certificate(house: House) -> None:
    await certified(house)
    incoming = Incoming("engine", "other", "m1", datetime.now(UTC), text="我的凭证")
    await house.chat.answer(Incoming("engine", "other", "m0", datetime.now(UTC), text="你好"))
    answered = await house.chat.answer(incoming)
    assert answered.replies[0].data["valid"] == []
