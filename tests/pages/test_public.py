"""The public pages: what anybody may see of a certificate, and what only the link's owner gets."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.pages.limits import Limit
from handlers.office import certificates, links
from handlers.office.links import Link
from storage.audit import Who
from tests.certified import certified, say
from tests.channels.web_house import served
from tests.faults.test_privacy import found_in
from tests.talks.typed import FACTS

UNKNOWN = ("x" * 24, "x", "x" * 500, "凭证", "..%2F..", "%00", "' OR 1=1 --")
SECRET = [value for name, value in FACTS.items() if name not in {"landlord_phone"}]


async def test_anybody_sees_validity_day_family_name_and_authority_and_nothing_more(tmp_path: Path) -> None:
    async with served(tmp_path, office_name="城东派出所") as web, web.browser() as browser:
        _, certificate = await certified(web.house)
        page = await browser.get(f"/c/{certificate.code}")
        assert page.status_code == 200
        for words in ("有效", "李**", "登记日期", "城东派出所"):
            assert words in page.text
        assert not any(secret in page.text for secret in SECRET)
        assert certificate.number not in page.text


async def test_a_revoked_one_says_since_when_it_is_over(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        _, certificate = await certified(web.house)
        now = datetime.now(UTC)
        await web.house.database.run(lambda u: certificates.revoke(u, certificate, "left", Who("staff", "s1"), now))
        page = await browser.get(f"/c/{certificate.code}", params={"lang": "en"})
        assert page.status_code == 200
        assert "Not valid any more" in page.text
        assert "Ended on" in page.text
        assert "left" not in page.text


async def test_every_unknown_code_gets_the_same_answer(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        await certified(web.house)
        pages = [await browser.get(f"/c/{code}") for code in UNKNOWN]
        assert {(page.status_code, page.text) for page in pages} == {(404, pages[0].text)}
        assert "查不到" in pages[0].text
        assert all(code not in pages[0].text for code in UNKNOWN[:1])


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [
        ("", "", "zh"), ("", "en-GB,zh;q=0.5", "en"), ("?lang=zh", "en", "zh"), ("?lang=en", "zh-CN", "en"),
        ("?lang=xx", "fr,en;q=0.2", "en"), ("?lang=<script>", "", "zh"),
    ],
)  # fmt: skip
async def test_the_language_is_asked_for_or_the_browsers(query: str, accepted: str, lang: str, tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        page = await browser.get(f"/c/{'x' * 24}{query}", headers={"Accept-Language": accepted})
        assert f'<html lang="{lang}">' in page.text
        assert page.headers["content-language"] == lang
        assert "<script" not in page.text


async def test_nobody_keeps_indexes_or_frames_the_pages(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        for path in ("/c/x", "/my/x.pdf"):
            headers = (await browser.get(path)).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert "noindex" in headers["x-robots-tag"]
            assert "no-store" in headers["cache-control"]
            assert headers["referrer-policy"] == "no-referrer"


async def test_whoever_asks_too_often_waits(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        _, certificate = await certified(web.house)
        answers = [await browser.get(f"/c/{certificate.code}") for _ in range(33)]
        assert answers[0].status_code == 200
        assert answers[-1].status_code == 429
        assert answers[-1].headers["retry-after"] == "60"
        assert "李**" not in answers[-1].text


def test_a_bucket_refills_and_is_each_clients_own() -> None:
    limit = Limit(burst=2, per_minute=60)
    assert [limit.allows("192.0.2.1", 100.0) for _ in range(3)] == [True, True, False]
    assert limit.allows("192.0.2.2", 100.0)
    assert [limit.allows("192.0.2.1", 101.0) for _ in range(2)] == [True, False]
    same = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:2::3")
    assert [limit.allows(address, 100.0) for address in same] == [True, True, False]
    assert limit.allows("2001:db8:1:3::1", 100.0)


async def test_the_links_of_the_talk_give_picture_and_pdf_until_the_certificate_ends(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        _, certificate = await certified(web.house)
        (words,) = await say(web.house, "c1", "我的凭证")
        urls = [word for word in words.replace("：", " ").split() if "/my/" in word or word.startswith("http")]
        paths = [url[url.index("/my/") :] for url in urls]
        files = [await browser.get(path) for path in paths]
        assert [file.headers["content-type"] for file in files] == ["image/png", "application/pdf"]
        assert files[0].content.startswith(b"\x89PNG")
        assert files[1].content.startswith(b"%PDF")
        assert not any(secret in path for secret in SECRET for path in paths)
        assert (await browser.get(paths[0].replace(".png", ".json"))).status_code == 404
        now = datetime.now(UTC)
        await web.house.database.run(lambda u: certificates.revoke(u, certificate, "left", Who("staff", "s1"), now))
        over = [await browser.get(path) for path in paths]
        assert {page.status_code for page in over} == {404}
        assert "我的凭证" in over[0].text


async def test_a_link_that_is_over_or_made_up_says_how_to_get_a_new_one(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        _, certificate = await certified(web.house)
        old = links.token(
            web.house.database.vault, Link("certificate", certificate.id), datetime.now(UTC) - timedelta(hours=25)
        )
        pages = [await browser.get(f"/my/{token}.pdf") for token in (old, "x", "x" * 3000)]
        assert {(page.status_code, page.text) for page in pages} == {(404, pages[0].text)}
        assert "24小时" in pages[0].text


async def test_everything_stored_is_in_the_file_that_can_be_taken_along(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        sent, certificate = await certified(web.house)
        (words,) = await say(web.house, "e1", "带走我的资料")
        assert "个人信息保护法" in words
        path = next(word for word in words.split() if "/my/" in word)
        file = await browser.get(path[path.index("/my/") :])
        assert "attachment" in file.headers["content-disposition"]
        data = json.loads(file.content)
        assert data["registrations"][0]["number"] == sent.number
        assert data["registrations"][0]["answers"]["name"][1] == "李伟"
        assert data["certificates"][0]["code"] == certificate.code
        assert data["accounts"][0]["address"] == "me"
        assert data["accounts"][0]["said"]
        assert [entry["action"] for entry in data["who_looked"]] == ["export_asked", "issued"]
        assert data["names"]["name"] == {"zh": "姓名", "en": "Name"}
        assert not found_in(path.encode())


async def test_somebody_elses_data_is_not_in_it(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        await certified(web.house)
        await say(web.house, "o1", "你好", who="other")
        words = (await say(web.house, "o2", "export", who="other"))[0]
        path = next(word for word in words.split() if "/my/" in word)
        file = await browser.get(path[path.index("/my/") :])
        assert "李伟" not in file.text
        assert json.loads(file.content)["registrations"] == []
