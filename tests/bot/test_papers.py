"""Papers by their content: what is kept, what is taken out, what is refused."""

import io
import zlib

import pikepdf
import pillow_heif
import pytest
from PIL import Image, ImageDraw, ImageFilter

from bot import papers
from bot.papers import Paper, Refused, clean

PLACE_TAG = 0x8825
MAKER_TAG = 0x010F


def picture(kind: str, size: tuple[int, int] = (640, 480), mode: str = "RGB", **options: object) -> bytes:
    output = io.BytesIO()
    Image.new(mode, size, "teal").save(output, kind, **options)
    return output.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[MAKER_TAG] = "PhoneMaker"
    exif[0x0112] = 6
    exif.get_ifd(PLACE_TAG)[2] = (30.0, 16.0, 27.0)
    return picture("JPEG", exif=exif)


def heic() -> bytes:
    output = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (640, 480), "teal")).save(output)
    return output.getvalue()


def pdf(pages: int = 1, **saving: object) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    document.docinfo["/Author"] = "PhoneMaker"
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.attachments["secret.txt"] = b"PhoneMaker"
    output = io.BytesIO()
    document.save(output, **saving)  # type: ignore[arg-type]  # options of the table below
    return output.getvalue()


def bomb() -> bytes:
    """A PNG that claims 30,000 by 30,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    side = (30_000).to_bytes(4, "big")
    head = chunk(b"IHDR", side + side + bytes([8, 0, 0, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [picture("JPEG"), picture("PNG"), picture("PNG", mode="RGBA"), picture("PNG", mode="P"), picture("WEBP"), heic(),
     picture("JPEG", mode="CMYK"), picture("PNG", mode="I;16")],
    ids=["jpeg", "png", "transparent png", "palette png", "webp", "heic", "cmyk", "16 bit"],
)  # fmt: skip
async def test_pictures_of_every_kind_become_jpeg(data: bytes) -> None:
    paper = await clean(data)
    assert isinstance(paper, Paper)
    assert paper.content_type == "image/jpeg"
    with Image.open(io.BytesIO(paper.content)) as image:
        assert (image.format, image.size) == ("JPEG", (640, 480))


async def test_a_photo_loses_its_place_and_keeps_its_direction() -> None:
    data = with_exif()
    assert b"PhoneMaker" in data
    paper = await clean(data)
    assert isinstance(paper, Paper)
    with Image.open(io.BytesIO(paper.content)) as image:
        assert image.size == (480, 640)
        assert not image.getexif()
    assert b"PhoneMaker" not in paper.content


async def test_what_hides_behind_a_picture_is_dropped() -> None:
    paper = await clean(picture("JPEG") + b"PK\x03\x04 PhoneMaker")
    assert isinstance(paper, Paper)
    assert b"PhoneMaker" not in paper.content


async def test_a_large_photo_is_made_smaller() -> None:
    paper = await clean(picture("JPEG", (4800, 3600)))
    assert isinstance(paper, Paper)
    with Image.open(io.BytesIO(paper.content)) as image:
        assert max(image.size) == 3000


async def test_a_pdf_loses_author_script_and_attachment() -> None:
    paper = await clean(pdf(2))
    assert isinstance(paper, Paper)
    assert paper.content_type == "application/pdf"
    with pikepdf.open(io.BytesIO(paper.content)) as document:
        assert len(document.pages) == 2
        assert "/OpenAction" not in document.Root
        assert len(document.attachments) == 0
    assert b"PhoneMaker" not in paper.content


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\x00 program", "file_kind"),
        (b"<html><script>", "file_kind"),
        (picture("GIF"), "file_kind"),
        (b"\xff\xd8\xff\xe0 not a picture", "file_broken"),
        (picture("JPEG")[:400], "file_broken"),
        (heic()[:300], "file_broken"),
        (picture("PNG", (64, 64)), "file_too_small"),
        (bomb(), "file_bomb"),
        (b"%PDF-1.7 nothing", "file_broken"),
        (pdf(encryption=pikepdf.Encryption(user="x", owner="y")), "file_encrypted"),
        (pdf(41), "file_too_large"),
    ],
)
async def test_what_can_not_be_kept_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    assert await clean(data) == Refused(reason)


async def test_a_file_over_the_limit_is_not_even_read() -> None:
    assert await clean(b"\xff\xd8\xff" + bytes(papers.LARGEST)) == Refused("file_too_large")


async def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "SECONDS", 0.001)
    assert await clean(picture("JPEG")) == Refused("file_bomb")


def printed(blur: float = 0, size: tuple[int, int] = (1600, 1200), ink: str = "black") -> bytes:
    """A page of print, out of focus by so many pixels."""
    output, page = io.BytesIO(), Image.new("RGB", size, "white")
    for line in range(40, size[1] - 40, 45):
        ImageDraw.Draw(page).text((60, line), "Lease contract, Xingfu Road 18, until 2027 " * 2, ink, font_size=28)
    page.filter(ImageFilter.GaussianBlur(blur)).save(output, "JPEG")
    return output.getvalue()


def portrait(blur: float = 0) -> bytes:
    """A face before a white wall, as small as an identity photo may be."""
    output, page = io.BytesIO(), Image.new("RGB", (358, 441), "white")
    draw = ImageDraw.Draw(page)
    draw.ellipse((90, 80, 260, 300), "peachpuff")
    for eye in (130, 190):
        draw.ellipse((eye, 160, eye + 24, 172), "black")
    page.filter(ImageFilter.GaussianBlur(blur)).save(output, "JPEG")
    return output.getvalue()


@pytest.mark.parametrize(
    ("data", "unclear"),
    [
        (printed(), False), (printed(1), False), (printed(4), True), (printed(12), True),
        (printed(size=(300, 300)), True), (portrait(), False), (portrait(6), True), (pdf(), False),
        (picture("JPEG"), True),
    ],
)  # fmt: skip
async def test_a_photo_that_cannot_be_read_is_told_apart(data: bytes, unclear: bool) -> None:
    cleaned = await clean(data)
    assert isinstance(cleaned, Paper)
    assert cleaned.unclear == unclear
