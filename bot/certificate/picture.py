"""The certificate as a picture for the phone: one column, large type, a QR code that is read from the screen."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import segno
from PIL import Image, ImageDraw, ImageFont

from bot.certificate.fonts import SANS, SERIF, sized
from bot.certificate.sheet import Line, Sheet

WIDTH = 1080
MARGIN = 48
INSIDE = 104
PAPER, INK, QUIET, ACCENT, TINT = "#ffffff", "#17211f", "#52625f", "#0f766e", "#f1f7f6"
QR_SIZE = 360
QR_BORDER = 4  # modules, ISO/IEC 18004
GAP = 34
VALUE = 48


@dataclass(slots=True)
class Page:
    """A picture that grows downwards; `y` is where the next line goes."""

    draw: ImageDraw.ImageDraw
    y: int = 0

    def text(self, x: int, words: str, font: ImageFont.FreeTypeFont, colour: str, weight: int = 0) -> None:
        """Words at a place, the page going on below them; `weight` pixels of stroke make them bolder."""
        self.draw.text((x, self.y), words, font=font, fill=colour, stroke_width=weight, stroke_fill=colour)
        self.y += round(font.size * 1.36)

    def centred(self, words: str, font: ImageFont.FreeTypeFont, colour: str, weight: int = 0) -> None:
        """Words in the middle."""
        self.text(round((WIDTH - font.getlength(words)) / 2), words, font, colour, weight)


def picture(sheet: Sheet) -> bytes:
    """The PNG, 1080 pixels wide; as long as it must be."""
    height = _drawn(Image.new("RGB", (WIDTH, 8), PAPER), sheet)
    image = Image.new("RGB", (WIDTH, height), PAPER)
    _drawn(image, sheet)
    _frame(ImageDraw.Draw(image), height)
    found = io.BytesIO()
    image.quantize(64, dither=Image.Dither.NONE).save(found, "PNG", optimize=True)
    return found.getvalue()


def wrapped(words: str, font: ImageFont.FreeTypeFont, width: int) -> Sequence[str]:
    """Words in lines of at most so many pixels; Chinese breaks anywhere, English between words."""
    lines, line = [], ""
    for piece in _pieces(words):
        if line and font.getlength(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]


def _pieces(words: str) -> list[str]:
    pieces: list[str] = []
    for letter in words:
        if pieces and letter.isascii() and pieces[-1].isascii() and not pieces[-1].endswith(" "):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _drawn(image: Image.Image, sheet: Sheet) -> int:
    """Draw everything; how high the page must be. Drawn once on nothing to learn that."""
    page = Page(ImageDraw.Draw(image), MARGIN + 64)
    page.centred(sheet.title[0], sized(SERIF, 92), INK, 1)
    page.centred(sheet.title[1], sized(SERIF, 36), QUIET)
    page.y += GAP
    page.draw.line((INSIDE, page.y, WIDTH - INSIDE, page.y), ACCENT, 3)
    page.y += GAP
    for row in _rows(sheet.lines):
        _row(page, row)
    page.y += 6
    page.draw.line((INSIDE, page.y, WIDTH - INSIDE, page.y), "#d3dcda", 2)
    page.y += GAP
    _row(page, (sheet.authority,))
    _row(page, (sheet.issued,))
    return _foot(image, page, sheet)


def _rows(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """Short lines that follow each other stand side by side."""
    rows: list[tuple[Line, ...]] = []
    for line in lines:
        if rows and len(rows[-1]) == 1 and _is_short(rows[-1][0]) and _is_short(line):
            rows[-1] = (rows[-1][0], line)
        else:
            rows.append((line,))
    return rows


def _is_short(line: Line) -> bool:
    return bool(line.also) and sized(SANS, VALUE).getlength(line.value) < (WIDTH - 2 * INSIDE) / 4


def _row(page: Page, row: Sequence[Line]) -> None:
    """Lines side by side; the page goes on below the longest."""
    top, bottom = page.y, page.y
    width = (WIDTH - 2 * INSIDE) // len(row)
    for number, line in enumerate(row):
        page.y = top
        _line(page, line, INSIDE + number * width, width)
        bottom = max(bottom, page.y)
    page.y = bottom + GAP - 10


def _line(page: Page, line: Line, left: int, width: int) -> None:
    """The label in both languages, the value below it in large type, English beside it or under it."""
    page.text(left, f"{line.label[0]}  {line.label[1]}", sized(SANS, 30), QUIET)
    value, also = sized(SANS, VALUE), sized(SANS, 34)
    end = left + value.getlength(line.value) + 24
    for words in wrapped(line.value, value, width):
        page.text(left, words, value, INK, 1)
    if not line.also or line.also == line.value:
        return
    if end + also.getlength(line.also) <= left + width:
        page.draw.text((end, page.y - 50), line.also, font=also, fill=QUIET)
        return
    for words in wrapped(line.also, also, width):
        page.text(left, words, also, QUIET)


def _foot(image: Image.Image, page: Page, sheet: Sheet) -> int:
    """The QR code and the number, and where the law says so."""
    top, code = page.y + 4, qr(sheet.url, QR_SIZE)
    bottom = top + code.height + 56
    page.draw.rectangle((INSIDE - 28, top, WIDTH - INSIDE + 28, bottom), TINT)
    if image.height > bottom:
        image.paste(code, (INSIDE, top + 28))
    left = INSIDE + code.width + 44
    page.y = top + 88
    page.text(left, sheet.scan[0], sized(SANS, 46), INK, 1)
    page.text(left, sheet.scan[1], sized(SANS, 34), QUIET)
    page.y += 44
    page.text(left, sheet.number, sized(SANS, 46), ACCENT, 1)
    page.y = bottom + 24
    for law in sheet.law:
        for words in wrapped(law, sized(SANS, 24), WIDTH - 2 * INSIDE + 56):
            page.text(INSIDE - 28, words, sized(SANS, 24), QUIET)
    return page.y + MARGIN + 44


def qr(url: str, size: int) -> Image.Image:
    """A QR code of whole pixels, at most so large."""
    modules = segno.make(url, error="m", micro=False, boost_error=False).matrix
    side = len(modules) + 2 * QR_BORDER
    image = Image.new("RGB", (side, side), "#ffffff")
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            image.putpixel((x + QR_BORDER, y + QR_BORDER), (0, 0, 0) if dark else (255, 255, 255))
    scale = size // side
    return image.resize((side * scale, side * scale), Image.Resampling.NEAREST)


def _frame(draw: ImageDraw.ImageDraw, height: int) -> None:
    """A double line around, as certificates have it."""
    draw.rectangle((MARGIN - 16, MARGIN - 16, WIDTH - MARGIN + 15, height - MARGIN + 15), outline=ACCENT, width=6)
    draw.rectangle((MARGIN, MARGIN, WIDTH - MARGIN - 1, height - MARGIN - 1), outline=ACCENT, width=2)
