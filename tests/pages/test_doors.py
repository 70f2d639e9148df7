"""A poster is printed, scanned, and leads into the right home on each channel."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pypdf
import pytest
import zxingcpp
from PIL import Image

from bot.house import office_facts
from bot.poster.document import poster, stickers
from bot.poster.picture import picture
from bot.poster.sheet import Poster, posters
from handlers.office import home_codes, links, tenancies
from handlers.office.links import Link
from handlers.office.tenancies import Report
from storage import conversations, homes
from storage.records import Home
from storage.unit import Unit
from tests.channels.telegram_house import SECRET, Person
from tests.channels.web_house import WebHouse, post, said, served
from tests.channels.wechat_house import TOKEN
from tests.conftest import NOW
from tests.doubles.telegram import telegram_double
from tests.doubles.wechat import wechat_double
from tests.doubles.wechat_phone import Phone
from tests.handlers.filed import OFFICE
from tests.housed import let
from tests.pages.drawing import drawn

SECRETS = ("王芳", "13912345678", "李伟", "幸福路20号")


async def home_of(web: WebHouse, *rooms: str) -> Home:
    return await web.house.database.run(lambda unit: let(unit, *rooms))


async def sheets(web: WebHouse, home: Home) -> tuple[Poster, ...]:
    codes = await web.house.database.read(lambda unit: homes.codes(unit, home.code))
    return posters(home, codes, web.house.words, office_facts(web.house.settings))


def scanned(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


def path(url: str) -> str:
    return urlsplit(url).path


async def test_the_picture_and_every_page_of_the_pdf_lead_to_their_code(tmp_path: Path) -> None:
    async with served(tmp_path) as web:
        made = await sheets(web, await home_of(web, "301", "302"))
        assert scanned(Image.open(io.BytesIO(picture(made[0]))).convert("RGB")) == [made[0].url]
        printed = drawn(poster(made))
        assert [scanned(page) for page in printed] == [[sheet.url] for sheet in made]
        (cards,) = drawn(stickers(made))
        assert sorted(scanned(cards)) == sorted(sheet.url for sheet in made[1:])


async def test_a_poster_says_what_to_do_and_not_who_lives_there(tmp_path: Path) -> None:
    async with served(tmp_path, office_name="城东派出所", office_phone="0571-87654321") as web:
        home = await home_of(web, "302")
        made = await sheets(web, home)
        pages = [page.extract_text().replace("\0", "") for page in pypdf.PdfReader(io.BytesIO(poster(made))).pages]
        for words in ("扫码登记居住", "Scan to register", "城东派出所", home_codes.clear(home.code)):
            assert words in pages[0]
        assert "302" in pages[1]
        assert not any(secret in page for page in pages for secret in ("王芳", "139"))
        assert poster(made) == poster(made)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_page_of_a_code_tells_the_community_and_nothing_of_people(language: str, tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        home = await home_of(web, "302")
        page = await browser.get(f"/h/{home.code}", params={"lang": language})
        assert page.status_code == 200
        assert home_codes.clear(home.code) in page.text
        assert f"/?home={home.code}" in page.text
        assert not any(secret in page.text for secret in SECRETS)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (await browser.get(f"/h/{home_codes.clear(home.code).lower()}")).status_code == 200


async def test_a_lost_posters_code_says_kindly_that_it_was_replaced(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        home = await home_of(web, "302")
        before = await web.house.database.read(lambda unit: homes.codes(unit, home.code))
        assert await web.house.database.run(lambda unit: home_codes.renew(unit, home.code, NOW)) == 2
        after = await web.house.database.read(lambda unit: homes.codes(unit, home.code))
        for code in before:
            page = await browser.get(f"/h/{code.code}")
            assert page.status_code == 200
            assert "海报换新的了" in page.text
        assert not {code.code for code in before} & {code.code for code in after}
        assert (await browser.get(f"/h/{after[0].code}")).text.count("在这里登记") == 1
        assert [code.room_id for code in before] == [code.room_id for code in after]


async def test_every_unknown_code_gets_the_same_answer_and_whoever_asks_too_often_waits(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        await home_of(web)
        pages = [await browser.get(f"/h/{code}") for code in ("X" * 12, "x" * 500, "..%2F..", home_codes.draw())]
        assert {(page.status_code, page.text) for page in pages} == {(404, pages[0].text)}
        answers = [await browser.get("/h/NOWHERE") for _ in range(33)]
        assert answers[-1].status_code == 429


async def test_the_landlords_links_give_files_until_the_code_is_replaced(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        home = await home_of(web, "302")
        codes = await web.house.database.read(lambda unit: homes.codes(unit, home.code))
        token = links.token(web.house.database.vault, Link("poster", codes[0].id), datetime.now(UTC))
        files = [await browser.get(f"/poster/{token}.{ending}") for ending in ("png", "pdf", "stickers.pdf")]
        assert [file.headers["content-type"] for file in files] == ["image/png", "application/pdf", "application/pdf"]
        assert (await browser.get(f"/poster/{token}.exe")).status_code == 404
        assert (await browser.get(f"/my/{token}.png")).status_code == 404
        await web.house.database.run(lambda unit: home_codes.renew(unit, home.code, NOW))
        assert (await browser.get(f"/poster/{token}.pdf")).status_code == 404


async def scene_of(web: WebHouse, channel: str, address: str) -> str:
    found = await web.house.database.read(lambda unit: conversations.find(unit, channel, address))
    assert found is not None
    return found.scene


async def printed(web: WebHouse) -> tuple[str, str, Home]:
    """What a reader reads off the picture of a home, and off the PDF's page of its room 302."""
    home = await home_of(web, "301", "302")
    made = await sheets(web, home)
    (of_home,) = scanned(Image.open(io.BytesIO(picture(made[0]))).convert("RGB"))
    (of_room,) = scanned(drawn(poster(made))[2])
    return path(of_home), path(of_room), home


async def room_of(web: WebHouse, code: str, home: Home) -> str:
    """The room that a talk knows by a code; the home must be the right one."""
    found = await web.house.database.read(lambda unit: homes.by_code(unit, code))
    assert found is not None
    assert found.code == home.code
    return found.room.name if found.room else ""


async def test_scanned_it_leads_into_the_web_chat_with_the_room_known(tmp_path: Path) -> None:
    async with served(tmp_path) as web:
        of_home, of_room, home = await printed(web)
        for scan, room in ((of_home, ""), (of_room, "302")):
            async with web.browser() as browser:
                (way,) = re.findall(r'href="(/\?home=[^"]+)"', (await browser.get(scan)).text)
                await browser.get(way)
                code = way.partition("=")[2]
                await post(browser, said(kind="open", scene=f"home_{code}"))
                address = web.channel._sessions.address(browser.cookies)
                known = await scene_of(web, "web", address or "")
            assert await room_of(web, known, home) == room


async def test_scanned_it_leads_into_telegram_with_the_room_known(tmp_path: Path) -> None:
    async with telegram_double() as api:
        changes = {"telegram_mode": "webhook", "telegram_token": api.token, "telegram_name": "anju_example_bot"}
        keys = {"telegram_secret": SECRET, "telegram_api_base": api.base}
        async with served(tmp_path, **changes, **keys) as web, web.browser() as browser:
            of_home, of_room, home = await printed(web)
            for number, (scan, room) in enumerate(((of_home, ""), (of_room, "302"))):
                page = (await browser.get(scan)).text
                (payload,) = re.findall(r"https://t\.me/anju_example_bot\?start=(\w+)", page)
                person = Person(api, web.url, id=7_000_001 + number)
                await person.say(f"/start {payload}")
                assert await room_of(web, await scene_of(web, "telegram", str(person.id)), home) == room


async def test_scanned_it_leads_into_wechat_with_the_home_known(tmp_path: Path) -> None:
    async with wechat_double() as api:
        changes = {"wechat_token": TOKEN, "wechat_app_id": api.app_id, "wechat_app_secret": api.secret}
        async with served(tmp_path, wechat_api_base=api.base, **changes) as web, web.browser() as browser:
            of_home, of_room, home = await printed(web)
            assert of_home == f"/h/{home.code}"
            page = await browser.get(of_home)
            assert f'src="/h/{home.code}/wechat.png"' in page.text
            codes = [await browser.get(f"/h/{home.code}/wechat.png") for _ in range(2)]
            (address,) = scanned(Image.open(io.BytesIO(codes[0].content)).convert("RGB"))
            assert api.scenes == {address: f"home_{home.code}"}
            phone = Phone(web.url, TOKEN)
            await phone.event("subscribe", EventKey=f"qrscene_{api.scenes[address]}", Ticket="t")
            assert await scene_of(web, "wechat", phone.openid) == home.code
            room = await browser.get(f"{of_room}/wechat.png")
            (address,) = scanned(Image.open(io.BytesIO(room.content)).convert("RGB"))
            await phone.event("SCAN", EventKey=api.scenes[address], Ticket="t")
            assert await room_of(web, await scene_of(web, "wechat", phone.openid), home) == "302"
            assert (await browser.get("/h/NOWHERE/wechat.png")).status_code == 404


def test_codes_are_drawn_without_look_alikes_and_a_mistyped_one_is_noticed() -> None:
    codes = {home_codes.draw() for _ in range(500)}
    assert len(codes) == 500
    assert not set("".join(codes)) & set("01ILOU")
    for code in list(codes)[:50]:
        assert home_codes.typed(home_codes.clear(code).lower()) == code
        wrong = ("2" if code[3] != "2" else "3").join((code[:3], code[4:]))
        assert home_codes.typed(home_codes.clear(wrong)) == ""
    assert home_codes.typed("李伟") == home_codes.typed("ABCD") == ""


def report(unit: Unit, home: Home) -> str:
    told = Report({"name": "李伟", "phone": "+8613812345678"}, None, NOW.date())
    tenancy, _ = tenancies.report(unit, home, told, OFFICE, NOW)
    return tenancies.invite(unit, tenancy.id, datetime.now(UTC))


async def test_an_invitations_page_tells_nothing_of_the_tenant(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        home = await home_of(web)
        code = await web.house.database.run(lambda unit: report(unit, home))
        page = await browser.get(f"/h/{code}")
        assert "房东邀请您登记" in page.text
        assert not any(secret in page.text for secret in SECRETS)
