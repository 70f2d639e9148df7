"""The certificate as a PDF to print: one A4 page, real text, the fonts embedded as far as they are used."""

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import segno

from bot.certificate.fonts import SANS, SERIF
from bot.certificate.sheet import Line, Sheet

if TYPE_CHECKING:
    from fpdf import FPDF

INK, QUIET, ACCENT, EDGE = (23, 33, 31), (82, 98, 95), (15, 118, 110), (211, 220, 218)
LEFT, WIDTH, LABEL = 28, 154, 50  # millimetres
QR_SIZE = 40


def document(sheet: Sheet) -> bytes:
    """The PDF; the same sheet gives the same bytes."""
    pdf = _blank(sheet)
    _title(pdf, sheet)
    for line in sheet.lines:
        _line(pdf, line)
    _rule(pdf, EDGE, 0.2)
    _line(pdf, sheet.authority)
    _line(pdf, sheet.issued)
    _foot(pdf, sheet)
    _frame(pdf)
    return bytes(pdf.output())


def _blank(sheet: Sheet) -> "FPDF":
    from fpdf import FPDF  # takes as long to load as the rest of the program: at the first paper

    pdf = FPDF(format="A4")
    pdf.set_creation_date(datetime.combine(sheet.issued_on, time(), UTC))
    pdf.set_title(f"{sheet.title[0]} {sheet.number}")
    pdf.set_lang("zh-CN")
    pdf.set_producer("Anju")
    pdf.add_font("sans", fname=SANS)
    pdf.add_font("serif", fname=SERIF)
    pdf.set_auto_page_break(auto=False)
    pdf.set_margins(LEFT, 26, LEFT)
    pdf.add_page()
    return pdf


def _title(pdf: "FPDF", sheet: Sheet) -> None:
    pdf.set_y(32)
    _set(pdf, "serif", 34, INK)
    pdf.cell(WIDTH, 16, sheet.title[0], align="C", new_x="LMARGIN", new_y="NEXT")
    _set(pdf, "serif", 13, QUIET)
    pdf.cell(WIDTH, 8, sheet.title[1], align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)
    _set(pdf, "sans", 12, ACCENT)
    pdf.cell(WIDTH, 7, sheet.number, align="C", new_x="LMARGIN", new_y="NEXT")
    _rule(pdf, ACCENT, 0.5)


def _line(pdf: "FPDF", line: Line) -> None:
    """Label at the left, value at the right; the value may take several lines."""
    top = pdf.get_y()
    _set(pdf, "sans", 12, QUIET)
    pdf.cell(LABEL, 7, line.label[0], new_x="LMARGIN", new_y="NEXT")
    _set(pdf, "sans", 8.5, QUIET)
    pdf.cell(LABEL, 4, line.label[1])
    pdf.set_xy(LEFT + LABEL, top)
    _set(pdf, "sans", 14, INK)
    pdf.multi_cell(WIDTH - LABEL, 7, line.value, align="L", new_x="LEFT", new_y="NEXT")
    if line.also and line.also != line.value:
        _set(pdf, "sans", 9.5, QUIET)
        pdf.multi_cell(WIDTH - LABEL, 4.5, line.also, align="L", new_x="LEFT", new_y="NEXT")
    pdf.set_xy(LEFT, max(pdf.get_y(), top + 11) + 3.5)


def _foot(pdf: "FPDF", sheet: Sheet) -> None:
    pdf.ln(2)
    top = pdf.get_y()
    _qr(pdf, sheet.url, LEFT, top)
    pdf.set_left_margin(LEFT + QR_SIZE + 8)
    pdf.set_y(top + 6)
    _set(pdf, "sans", 13, INK)
    pdf.cell(0, 7, sheet.scan[0], new_x="LMARGIN", new_y="NEXT")
    _set(pdf, "sans", 10, QUIET)
    pdf.cell(0, 6, sheet.scan[1], new_x="LMARGIN", new_y="NEXT")
    pdf.ln(4)
    _set(pdf, "sans", 8.5, QUIET)
    for law in sheet.law:
        pdf.multi_cell(WIDTH - QR_SIZE - 8, 4.5, law, align="L", new_x="LMARGIN", new_y="NEXT")


def _qr(pdf: "FPDF", url: str, left: float, top: float) -> None:
    """The QR code as squares, sharp at any size."""
    modules = segno.make(url, error="m", micro=False, boost_error=False).matrix
    side = QR_SIZE / len(modules)
    pdf.set_fill_color(0, 0, 0)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                pdf.rect(left + x * side, top + y * side, side, side, style="F")


def _frame(pdf: "FPDF") -> None:
    pdf.set_draw_color(*ACCENT)
    for margin, width in ((12.0, 0.9), (14.0, 0.3)):
        pdf.set_line_width(width)
        pdf.rect(margin, margin, 210 - 2 * margin, 297 - 2 * margin)


def _rule(pdf: "FPDF", colour: tuple[int, int, int], width: float) -> None:
    pdf.ln(3)
    pdf.set_draw_color(*colour)
    pdf.set_line_width(width)
    pdf.line(LEFT, pdf.get_y(), LEFT + WIDTH, pdf.get_y())
    pdf.ln(6)


def _set(pdf: "FPDF", family: str, size: float, colour: tuple[int, int, int]) -> None:
    pdf.set_font(family, size=size)
    pdf.set_text_color(*colour)
