"""Posters as PDFs to print: an A4 page for each code, or sheets of stickers to cut out. The fonts are embedded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import segno

from bot.certificate.fonts import SANS, SERIF
from bot.poster.sheet import Poster

if TYPE_CHECKING:
    from fpdf import FPDF

INK, QUIET, ACCENT, EDGE = (23, 33, 31), (82, 98, 95), (15, 118, 110), (190, 202, 199)
WIDTH, HEIGHT = 210, 297  # millimetres
LEFT, INSIDE = 24, 162
QR_SIDE = 104
COLUMNS, ROWS, CARD = 3, 4, (62, 68)  # stickers on a page, each in millimetres
CARD_QR = 40


def poster(sheets: Sequence[Poster]) -> bytes:
    """A page for each code; the same sheets give the same bytes."""
    pdf = _blank(sheets[0])
    for sheet in sheets:
        pdf.add_page()
        _page(pdf, sheet)
    return bytes(pdf.output())


def stickers(sheets: Sequence[Poster]) -> bytes:
    """Twelve on a page: of each room, or the same twelve times where a home has no rooms."""
    wanted = [sheet for sheet in sheets if sheet.room[0]] or [sheets[0]] * (COLUMNS * ROWS)
    pdf = _blank(sheets[0])
    for number, sheet in enumerate(wanted):
        place = number % (COLUMNS * ROWS)
        if place == 0:
            pdf.add_page()
        _card(pdf, sheet, 12 + place % COLUMNS * CARD[0], 12 + place // COLUMNS * CARD[1])
    return bytes(pdf.output())


def _blank(sheet: Poster) -> "FPDF":
    from fpdf import FPDF  # takes as long to load as the rest of the program: at the first paper

    pdf = FPDF(format="A4")
    pdf.set_creation_date(sheet.made_at)
    pdf.set_title(f"{sheet.title[0]} {sheet.code}")
    pdf.set_lang("zh-CN")
    pdf.set_producer("Anju")
    pdf.add_font("sans", fname=SANS)
    pdf.add_font("serif", fname=SERIF)
    pdf.set_auto_page_break(auto=False)
    pdf.set_margins(LEFT, 20, LEFT)
    return pdf


def _page(pdf: "FPDF", sheet: Poster) -> None:
    pdf.set_y(24)
    _centred(pdf, "serif", 40, INK, sheet.title[0], 18)
    _centred(pdf, "serif", 17, QUIET, sheet.title[1], 9)
    top = pdf.get_y() + 5
    _qr(pdf, sheet.url, (WIDTH - QR_SIDE) / 2, top, QR_SIDE)
    pdf.set_y(top + QR_SIDE + 3)
    _centred(pdf, "sans", 24, ACCENT, sheet.code, 11)
    _centred(pdf, "sans", 13, INK, " · ".join(part for part in (sheet.where, sheet.room[0]) if part), 8)
    _centred(pdf, "sans", 9, QUIET, " · ".join(sheet.typed), 5)
    pdf.set_y(pdf.get_y() + 4)
    for number, step in enumerate(sheet.steps, 1):
        _step(pdf, number, step)
    pdf.set_y(HEIGHT - 45)
    _centred(pdf, "sans", 11, INK, sheet.private[0], 6)
    _centred(pdf, "sans", 9, QUIET, sheet.private[1], 5)
    pdf.set_y(pdf.get_y() + 2)
    _centred(pdf, "sans", 10, QUIET, sheet.office[0], 5)
    _centred(pdf, "sans", 9, QUIET, sheet.office[1], 5)
    pdf.set_draw_color(*ACCENT)
    pdf.set_line_width(0.9)
    pdf.rect(12, 12, WIDTH - 24, HEIGHT - 24)


def _step(pdf: "FPDF", number: int, step: tuple[str, str]) -> None:
    top = pdf.get_y()
    pdf.set_fill_color(*ACCENT)
    pdf.ellipse(LEFT, top + 0.5, 9, 9, style="F")
    _set(pdf, "sans", 13, (255, 255, 255))
    pdf.set_xy(LEFT, top + 0.5)
    pdf.cell(9, 9, str(number), align="C")
    pdf.set_xy(LEFT + 14, top)
    _set(pdf, "sans", 15, INK)
    pdf.cell(INSIDE - 14, 6.5, step[0], new_x="LEFT", new_y="NEXT")
    _set(pdf, "sans", 10, QUIET)
    pdf.cell(INSIDE - 14, 5, step[1], new_x="LMARGIN", new_y="NEXT")
    pdf.set_y(top + 15)


def _card(pdf: "FPDF", sheet: Poster, left: float, top: float) -> None:
    """A sticker; the thin line is where to cut."""
    pdf.set_draw_color(*EDGE)
    pdf.set_line_width(0.2)
    pdf.rect(left, top, *CARD)
    _line(pdf, ("serif", 12), INK, sheet.title[0], (left, top + 2))
    _line(pdf, ("serif", 8), QUIET, sheet.title[1], (left, top + 6.5))
    _qr(pdf, sheet.url, left + (CARD[0] - CARD_QR) / 2, top + 11, CARD_QR)
    _line(pdf, ("sans", 10.5), ACCENT, sheet.code, (left, top + 51))
    _line(pdf, ("sans", 10), INK, " · ".join(sheet.room) if sheet.room[0] else sheet.where, (left, top + 56))
    _line(pdf, ("sans", 6.5), QUIET, sheet.private[0], (left, top + 60))
    _line(pdf, ("sans", 5.5), QUIET, sheet.private[1], (left, top + 63))


def _line(
    pdf: "FPDF", font: tuple[str, float], colour: tuple[int, int, int], words: str, at: tuple[float, float]
) -> None:
    """Words in the middle of a sticker, made smaller where they don't fit."""
    family, size = font
    _set(pdf, family, size, colour)
    wide = pdf.get_string_width(words)
    if wide > CARD[0] - 4:
        pdf.set_font_size(size * (CARD[0] - 4) / wide)
    pdf.set_xy(*at)
    pdf.cell(CARD[0], 5, words, align="C")


def _centred(pdf: "FPDF", family: str, size: float, colour: tuple[int, int, int], words: str, high: float) -> None:
    _set(pdf, family, size, colour)
    pdf.set_x(LEFT)
    pdf.multi_cell(INSIDE, high, words, align="C", new_x="LMARGIN", new_y="NEXT")


def _qr(pdf: "FPDF", url: str, left: float, top: float, side: float) -> None:
    """The QR code as squares, sharp at any size, with the quiet margin that readers need (ISO/IEC 18004)."""
    modules = segno.make(url, error="q", micro=False, boost_error=False).matrix
    module = side / (len(modules) + 8)
    pdf.set_fill_color(0, 0, 0)
    for y, row in enumerate(modules, 4):
        for x, dark in enumerate(row, 4):
            if dark:
                pdf.rect(left + x * module, top + y * module, module, module, style="F")


def _set(pdf: "FPDF", family: str, size: float, colour: tuple[int, int, int]) -> None:
    pdf.set_font(family, size=size)
    pdf.set_text_color(*colour)
