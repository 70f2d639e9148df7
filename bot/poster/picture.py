"""The poster as a picture, to send or to show on a screen."""

import io

import segno
from PIL import Image, ImageDraw

from bot.certificate.fonts import SANS, SERIF, sized
from bot.poster.sheet import Poster

WIDTH, HEIGHT = 1080, 1528
INK, QUIET, ACCENT = "#17211f", "#52625f", "#0f766e"
QR_SIDE = 720
BORDER = 4  # modules, ISO/IEC 18004


def picture(sheet: Poster) -> bytes:
    """The PNG of one code."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, WIDTH - 25, HEIGHT - 25), outline=ACCENT, width=8)
    y = _words(draw, sheet.title[0], SERIF, 92, INK, 84)
    y = _words(draw, sheet.title[1], SERIF, 42, QUIET, y + 6)
    code = qr(sheet.url, QR_SIDE)
    image.paste(code, ((WIDTH - code.width) // 2, y + 16))
    y = _words(draw, sheet.code, SANS, 64, ACCENT, y + code.height + 24)
    y = _words(draw, " · ".join(part for part in (sheet.where, sheet.room[0]) if part), SANS, 38, INK, y + 4)
    y = _words(draw, sheet.steps[0][0], SANS, 44, INK, y + 34)
    y = _words(draw, sheet.steps[0][1], SANS, 28, QUIET, y)
    y = _words(draw, sheet.private[0], SANS, 32, INK, y + 26)
    _words(draw, sheet.private[1], SANS, 24, QUIET, y)
    return _packed(image)


def png(url: str, side: int) -> bytes:
    """A QR code alone."""
    return _packed(qr(url, side))


def qr(url: str, side: int) -> Image.Image:
    """A QR code of whole pixels, at most so large."""
    modules = segno.make(url, error="q", micro=False, boost_error=False).matrix
    wide = len(modules) + 2 * BORDER
    image = Image.new("RGB", (wide, wide), "#ffffff")
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            image.putpixel((x + BORDER, y + BORDER), (0, 0, 0) if dark else (255, 255, 255))
    scale = max(1, side // wide)
    return image.resize((wide * scale, wide * scale), Image.Resampling.NEAREST)


def _packed(image: Image.Image) -> bytes:
    found = io.BytesIO()
    image.quantize(64, dither=Image.Dither.NONE).save(found, "PNG", optimize=True)
    return found.getvalue()


def _words(draw: ImageDraw.ImageDraw, words: str, family: str, size: int, colour: str, y: int) -> int:
    """Words in the middle, made smaller where they don't fit; where the next line goes."""
    font = sized(family, size)
    while font.getlength(words) > WIDTH - 120 and size > 16:  # noqa: PLR2004 -- pixels
        size -= 2
        font = sized(family, size)
    draw.text(((WIDTH - font.getlength(words)) / 2, y), words, font=font, fill=colour)
    return y + round(size * 1.35)
