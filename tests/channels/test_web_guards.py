"""What the web chat lets in: identities, origins, sizes, shapes; and what it tells the browser to forbid."""

import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
from itsdangerous import TimestampSigner
from starlette.responses import Response
from structlog.testing import capture_logs

from bot.channels.web.session import KEPT_SECONDS, Sessions
from tests.channels.web_house import AGREE, WebHouse, choice_of, post, said, served

SECRET = "341225199003071233"


def sessions(web: WebHouse) -> Sessions:
    """The cookies as the program reads them."""
    return Sessions(web.house.database.vault.derived("web cookie"), secure=False)


async def open_question(web: WebHouse, cookie: str) -> dict[str, Any]:
    """What somebody with this cookie is asked."""
    async with web.browser(Cookie=f"anju={cookie}") as client:
        return await post(client, said(kind="open"))


async def agreed(client: httpx.AsyncClient) -> str:
    """Somebody who agreed; the cookie."""
    await client.get("/")
    await post(client, said(kind="open"))
    await post(client, said(choice=AGREE))
    return client.cookies["anju"]


async def test_the_cookie_leads_back_to_the_talk(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        cookie = await agreed(client)
        assert choice_of(await open_question(web, cookie), "elsewhere")


@pytest.mark.parametrize("spoil", [lambda c: "A" + c[1:], lambda c: c[:-1], lambda c: c.split(".")[0], lambda c: ""])
async def test_a_cookie_that_was_tampered_with_is_nobodys(tmp_path: Path, spoil: Any) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        cookie = await agreed(client)
        assert choice_of(await open_question(web, spoil(cookie)), "agree") == AGREE


async def test_an_expired_cookie_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await agreed(client)
        address = sessions(web).address(client.cookies)
        now = TimestampSigner("").get_timestamp()
        with monkeypatch.context() as past:
            past.setattr(TimestampSigner, "get_timestamp", lambda self: now - KEPT_SECONDS - 10)
            old = sessions(web)._identities.sign(str(address)).decode()
        assert sessions(web).address({"anju": old}) is None
        assert choice_of(await open_question(web, old), "agree") == AGREE


async def test_a_cookie_from_a_clock_that_is_ahead_of_ours_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(tmp_path) as web:
        now = TimestampSigner("").get_timestamp()
        with monkeypatch.context() as ahead:
            ahead.setattr(TimestampSigner, "get_timestamp", lambda self: now + 3_600)
            early = sessions(web)._identities.sign("somebody").decode()
        assert sessions(web).address({"anju": early}) == "somebody"


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        cookie = (await client.get("/")).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert f"max-age={KEPT_SECONDS}" in cookie


async def test_behind_https_the_cookie_is_bound_to_this_host(tmp_path: Path) -> None:
    cookies = Sessions((secrets.token_bytes(32),), secure=True)
    assert cookies.cookie == "__Host-anju"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
@pytest.mark.parametrize("path", ["/chat/messages", "/chat/leave"])
async def test_a_foreign_page_may_not_speak(tmp_path: Path, headers: dict[str, str], path: str) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        response = await client.post(path, headers={"Content-Type": "application/json", **headers}, content=b"{}")
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


async def test_a_message_that_is_too_big_is_not_read(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        declared = await client.post("/chat/messages", json=said("x" * 70_000))
        streamed = await client.post("/chat/messages", content=_pieces(), headers={"Content-Type": "application/json"})
    assert (declared.status_code, streamed.status_code) == (413, 413)


async def _pieces() -> Any:
    for _ in range(100):
        yield b" " * 1000


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"id": "a", "text": ["341225199003071233"]}, "text"),
        ({"id": "a", "text": SECRET * 300}, "text"),
        ({"id": "no spaces please " + SECRET}, "id"),
        ({"id": "a\n"}, "id"),
        ({"text": SECRET}, "id"),
        ({"id": "a", "choice": {"form": "migrant", "step": SECRET}}, "choice.value"),
        ({"id": "a", "choice": {"form": "", "step": "", "value": SECRET * 20}}, "choice.value"),
        ({"id": "a", "place": {"latitude": 91, "longitude": 0}}, "place.latitude"),
        ({"id": "a", "place": {"latitude": "NaN", "longitude": 0}}, "place.latitude"),
        ({"id": "a", "files": ["x"] * 11}, "files"),
        ({"id": "a", "kind": "unfollow"}, "kind"),
        ({"id": "a", "scene": "link_" + SECRET}, "scene"),
        ({"id": "a", "language": "../../etc"}, "language"),
        ({"id": "a", "address": SECRET}, "address"),
    ],
)
async def test_a_message_of_another_shape_is_refused_by_its_field_and_not_quoted(
    tmp_path: Path, message: dict[str, Any], field: str
) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        with capture_logs() as logs:
            response = await client.post("/chat/messages", json=message)
    assert response.status_code == 400
    assert f"`{field}`" in response.json()["error"]
    assert SECRET not in response.text
    assert SECRET not in str(logs)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'"hello"'])
async def test_what_is_no_json_object_is_refused(tmp_path: Path, body: bytes) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        response = await client.post("/chat/messages", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400


async def test_the_page_may_load_nothing_from_elsewhere_and_be_framed_by_nobody(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        page = await client.get("/")
        message = await client.post("/chat/messages", json=said(kind="open"))
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == message.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == message.headers["cache-control"] == "no-store"
    assert " style=" not in page.text
    assert page.text.count("<script") == 1


@pytest.mark.parametrize("name", ["chat.js", "chat.css", "icon.svg"])
async def test_a_file_is_sent_once_until_it_changes(tmp_path: Path, name: str) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        first = await client.get(f"/static/{name}")
        second = await client.get(f"/static/{name}", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, second.status_code) == (200, 304)
    assert first.headers["content-type"].partition(";")[0] in {"text/javascript", "text/css", "image/svg+xml"}
    assert second.content == b""


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fwords.toml", "%2e%2e%2fzh%2fwords.toml"])
async def test_no_other_file_is_served(tmp_path: Path, name: str) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        assert (await client.get(f"/static/{name}")).status_code == 404


async def test_a_database_that_is_away_is_told_in_words_and_with_a_time(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        web.house.database.close()
        response = await client.post("/chat/messages", json=said(kind="open"))
    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert response.json()["error"] == web.house.words.say("zh", "say/not_saved")


def test_a_cookie_signed_by_the_former_key_is_good_while_that_key_is_there() -> None:
    former, present = secrets.token_bytes(32), secrets.token_bytes(32)
    response = Response()
    Sessions((former,), secure=False).give(response, "somebody")
    cookies = {"anju": response.headers["set-cookie"].partition(";")[0].removeprefix("anju=")}
    assert Sessions((present, former), secure=False).address(cookies) == "somebody"
    assert Sessions((present,), secure=False).address(cookies) is None
    Sessions((present, former), secure=False).give(renewed := Response(), "somebody")
    cookies = {"anju": renewed.headers["set-cookie"].partition(";")[0].removeprefix("anju=")}
    assert Sessions((present,), secure=False).address(cookies) == "somebody"
