"""The filled squares of a PDF's pages as pictures: enough to read a QR code off the page as it is printed."""

import io

import pypdf
from PIL import Image, ImageDraw
from pypdf.generic import ContentStream

SCALE = 4  # pixels a point


def drawn(pdf: bytes) -> list[Image.Image]:
    """Each page with its black squares; frames and colours don't matter to a reader."""
    return [_page(page) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def _page(page: pypdf.PageObject) -> Image.Image:
    width, height = (round(float(side) * SCALE) for side in page.mediabox[2:])
    image = Image.new("RGB", (width, height), "#ffffff")
    draw, black, kept, waiting = ImageDraw.Draw(image), True, [], []
    content = page.get_contents()
    assert content is not None
    for operands, operator in ContentStream(content, page.pdf).operations:
        if operator == b"q":
            kept.append(black)
        elif operator == b"Q":
            black = kept.pop()
        elif operator in {b"g", b"rg"}:
            black = all(float(one) == 0 for one in operands)
        elif operator == b"re":
            waiting.append([float(one) * SCALE for one in operands])
        elif operator in {b"f", b"S"}:
            for left, bottom, wide, high in waiting if operator == b"f" and black else ():
                top = height - bottom - max(high, 0)
                draw.rectangle((left, top, left + wide - 1, top + abs(high) - 1), fill="#000000")
            waiting = []
    return image
