"""What stands on a certificate, in words: each line in Chinese, with English beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from bot.render import Words
from storage.certificates import Certificate

LANGUAGES = ("zh", "en")
CODED = ("sex", "ethnicity")
DAYS = ("birth_date", "arrived_on")
ORDER = ("name", "sex", "ethnicity", "birth_date", "id_number", "hukou_address", "address", "arrived_on")
Both = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its label in both languages, its value, and the value in English where that says more."""

    label: Both
    value: str
    also: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that a picture or a PDF shows; `url` is what the QR code holds."""

    title: Both
    number: str
    lines: tuple[Line, ...]
    authority: Line
    issued: Line
    scan: Both
    law: Both
    url: str
    issued_on: date


def sheet(certificate: Certificate, words: Words, zone: ZoneInfo, public_url: str) -> Sheet:
    """The certificate in words; the same certificate gives the same sheet."""
    tables = {language: words.table(language, "certificate") for language in LANGUAGES}
    content, issued_on = certificate.content, certificate.issued_at.astimezone(zone).date()
    lines = [_line(step, content, words, tables) for step in ORDER if content.get(step)]
    if certificate.valid_until is not None:
        lines.append(_day("until", certificate.valid_until.isoformat(), words, tables))
    return Sheet(
        title=_both(tables, "title"),
        number=certificate.number,
        lines=tuple(lines),
        authority=_authority(str(content["authority"]), tables),
        issued=_day("issued", issued_on.isoformat(), words, tables),
        scan=_both(tables, "scan"),
        law=_both(tables, "law"),
        url=f"{public_url}/c/{certificate.code}",
        issued_on=issued_on,
    )


def _line(step: str, content: Mapping[str, Any], words: Words, tables: Mapping[str, Mapping[str, str]]) -> Line:
    value = str(content[step])
    if step in DAYS:
        return _day(step, value, words, tables)
    label = _both(tables, step)
    if step in CODED:
        return Line(label, words.label("zh", step, value), words.label("en", step, value))
    if step == "address":
        return Line(label, f"{content['place']['zh']}{value}", content["place"]["en"])
    return Line(label, value)


def _day(name: str, iso: str, words: Words, tables: Mapping[str, Mapping[str, str]]) -> Line:
    return Line(_both(tables, name), words.day("zh", iso), words.day("en", iso))


def _authority(name: str, tables: Mapping[str, Mapping[str, str]]) -> Line:
    label = _both(tables, "authority")
    return Line(label, name) if name else Line(label, *_both(tables, "unnamed_authority"))


def _both(tables: Mapping[str, Mapping[str, str]], name: str) -> Both:
    return tables["zh"][name], tables["en"][name]
