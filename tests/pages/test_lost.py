"""An address that leads nowhere."""

from pathlib import Path

from tests.channels.web_house import served

PAGE = {"Accept": "text/html,application/xhtml+xml"}


async def test_a_person_with_half_a_link_reads_where_to_go_on_in_their_language(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser(**PAGE) as browser:
        for address in ("/chat", "/my/half-a-secret", "/favicon.ico", "/静安"):
            page = await browser.get(address)
            assert page.status_code == 404
            assert "链接可能不完整" in page.text
            assert 'href="/"' in page.text
            assert "half-a-secret" not in page.text
            assert page.headers["x-content-type-options"] == "nosniff"
        english = await browser.get("/chat", headers={"Accept-Language": "en"})
        assert "There is no page here" in english.text
        assert 'href="?lang=zh"' in english.text
        assert "链接可能不完整" in (await browser.get("/chat?lang=zh", headers={"Accept-Language": "en"})).text


async def test_a_program_gets_a_bare_answer(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as browser:
        answers = [await browser.get("/chat"), await browser.post("/chat", content=b"{}"), await browser.head("/chat")]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].text == "Not Found"
