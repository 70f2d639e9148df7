"""The web chat's messages: what the page posts, and what it is answered."""

from pathlib import Path
from typing import Any

import pytest

from bot.channels.web.page import accepted_languages
from tests.channels.web_house import AGREE, choice_of, post, said, served


async def test_the_page_opens_with_the_greeting_and_its_buttons(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        answer = await post(client, said(kind="open"))
    assert answer["again"] is False
    assert answer["language"] == "zh"
    assert choice_of(answer, "agree") == AGREE
    assert [button["number"] for button in answer["messages"][0]["options"]] == [1, 2]


async def test_a_tap_and_a_typed_number_answer_the_same_question(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as tapping, web.browser() as typing:
        for client in (tapping, typing):
            await client.get("/")
            await post(client, said(kind="open"))
        tapped = await post(tapping, said(choice=AGREE))
        typed = await post(typing, said("1"))
    assert tapped["messages"] == typed["messages"]


async def test_opening_again_shows_the_question_that_was_left_open(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        await post(client, said(kind="open"))
        asked = await post(client, said(choice=AGREE))
        again = await post(client, said(kind="open"))
    assert again["messages"][-1]["options"] == asked["messages"][-1]["options"]


async def test_the_same_id_twice_gives_the_same_words_and_counts_once(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        await post(client, said(kind="open"))
        message = said(choice=AGREE)
        first, second = await post(client, message), await post(client, message)
        third = await post(client, said("1"))
    assert (first["again"], second["again"]) == (False, True)
    assert first["messages"] == second["messages"]
    assert third["messages"] != first["messages"]


async def test_more_shows_every_option_of_a_long_list(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        for text in ("你好", "1", "1", "1", "1", "1", "341225199003071233"):
            await post(client, said(text))
        asked = (await post(client, said("李伟")))["messages"][-1]
        rest = (await post(client, said("更多")))["messages"][-1]
    assert asked["short"] == 8
    assert rest["short"] == 0
    assert rest["options"] == asked["options"]


async def test_a_homes_code_opens_its_home(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        answer = await post(client, said(kind="open", scene="home_NOWHERE"))
    assert answer["messages"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr-FR,fr;q=0.9,en;q=0.5", "en"),
        ("fr", "zh"),
        ("", "zh"),
        ("en;q=0.1,zh;q=0.9", "zh"),
    ],
)
async def test_the_page_and_the_greeting_speak_the_browsers_language(
    tmp_path: Path, accepted: str, language: str
) -> None:
    async with served(tmp_path) as web, web.browser(**{"Accept-Language": accepted}) as client:
        page = await client.get("/")
        answer = await post(client, said(kind="open", language=page.headers["content-language"]))
    assert f'<html lang="{language}">' in page.text
    assert answer["language"] == language


async def test_the_language_of_the_talk_is_remembered_for_the_page(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser(**{"Accept-Language": "zh-CN"}) as client:
        await client.get("/")
        await post(client, said(kind="open"))
        changed = await post(client, said(choice={"form": "", "step": "", "value": "language:en"}))
        page = await client.get("/")
        strings = (await client.get("/chat/words/en")).json()
    assert changed["language"] == "en"
    assert '<html lang="en">' in page.text
    assert strings["words"]["send"] == web.house.words.page("en")["send"]


async def test_there_are_no_words_in_an_unknown_language(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        response = await client.get("/chat/words/xx")
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("header", "languages"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", ["zh", "zh", "en"]),
        ("en;q=0.1, zh;q=0.5", ["zh", "en"]),
        ("EN-us", ["en"]),
        ("en;q=none,zh", ["zh", "en"]),
        ("", []),
    ],
)
def test_accept_language_is_read_by_preference(header: str, languages: list[str]) -> None:
    assert accepted_languages(header) == languages


async def test_leaving_makes_the_browser_somebody_new(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        await post(client, said(kind="open"))
        await post(client, said(choice=AGREE))
        left = await client.post("/chat/leave", json={})
        answer: dict[str, Any] = await post(client, said(kind="open"))
    assert left.status_code == 200
    assert choice_of(answer, "agree") == AGREE
