"""Files through the web chat: uploaded first, then named in a message by a ticket."""

import io
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.channels.web_house import WebHouse, choice_of, post, said, served

UPLOAD = {"X-Anju-File": "1"}
BEFORE_PAPERS = (
    "你好", "同意", "1", "1", "1", "1", "341225199003071233", "李伟", "汉族", "安徽省阜南县王店镇李庄村3组12号",
    "13812345678", "1", "1", "1", "1", "1", "幸福路18号3幢502室", "2", "昨天", "1", "1", "幸福餐馆", "1", "1",
)  # fmt: skip


def photo(size: tuple[int, int] = (640, 480)) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, "teal").save(output, "JPEG")
    return output.getvalue()


async def asked_for_papers(web: WebHouse, client: httpx.AsyncClient) -> None:
    """A talk up to the question for the identity paper."""
    await client.get("/")
    for text in BEFORE_PAPERS:
        answer = await post(client, said(text))
    assert choice_of(answer, "counter")["step"] == "paper_identity"


async def test_an_uploaded_photo_answers_the_question_for_a_paper(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await asked_for_papers(web, client)
        ticket = (await client.post("/chat/files", content=photo(), headers=UPLOAD)).json()["id"]
        answer = await post(client, said(files=[ticket]))
    assert choice_of(answer, "done")["step"] == "paper_identity"


async def test_the_ticket_of_another_identity_is_worth_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as owner, web.browser() as thief:
        await asked_for_papers(web, owner)
        await asked_for_papers(web, thief)
        ticket = (await owner.post("/chat/files", content=photo(), headers=UPLOAD)).json()["id"]
        stolen = await post(thief, said(files=[ticket]))
        forged = await post(thief, said(files=[ticket.partition(".")[0], "x.y", ""]))
    for answer in (stolen, forged):
        with pytest.raises(StopIteration):
            choice_of(answer, "done")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "file_empty"), (b"hello, this is no picture at all" * 50, "file_kind"), (photo((8, 8)), "file_too_small")],
)
async def test_what_is_no_usable_paper_is_refused_in_words(tmp_path: Path, content: bytes, reason: str) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await asked_for_papers(web, client)
        response = await client.post("/chat/files", content=content, headers=UPLOAD)
    assert response.status_code == 422
    assert response.json() == {"reason": reason, "text": web.house.words.say("zh", f"invalid/{reason}")}


async def test_a_file_outside_a_talk_is_not_kept(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        response = await client.post("/chat/files", content=photo(), headers=UPLOAD)
    assert response.json()["reason"] == "file_not_expected"


async def test_a_file_over_ten_megabytes_is_not_read(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        response = await client.post("/chat/files", content=bytes(10 * 1024 * 1024 + 1), headers=UPLOAD)
    assert response.status_code == 413


@pytest.mark.parametrize("headers", [{}, {**UPLOAD, "Origin": "https://elsewhere.example"}])
async def test_a_foreign_page_may_not_upload(tmp_path: Path, headers: dict[str, str]) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        await client.get("/")
        response = await client.post("/chat/files", content=photo(), headers=headers)
    assert response.status_code == 403


async def test_nobody_without_an_identity_uploads(tmp_path: Path) -> None:
    async with served(tmp_path) as web, web.browser() as client:
        assert (await client.post("/chat/files", content=photo(), headers=UPLOAD)).status_code == 403
