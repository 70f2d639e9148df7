"""One notice's file: a header of `name: value` lines, an empty line, and the words."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date

from regulations.errors import (
    BadCheckDay,
    BadOrder,
    HeaderIncomplete,
    HeaderLineUnclear,
    NameUnfit,
    NoticeEmpty,
    NoticeTooLong,
    NotSure,
    TitleTooLong,
    Uncited,
    UnknownAudience,
    UnknownPlace,
    UnknownTopic,
)

FOLDER = "notice"
SUFFIX = ".txt"
ROOM = 1400  # bytes for title, words and sources; a WeChat text holds 2,048, and what stands around them takes the rest
LONGEST_TITLE = 40  # a title may be typed, and longer messages are read as no command
SURE = "full text"

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_NAME = 40  # a button's data is 64 bytes at Telegram
_LINE = re.compile(r"(?P<key>[a-z ]+?)\s*[:：]\s*(?P<value>.+)")
_ONCE = ("title", "topic", "order", "audience", "place", "certainty", "checked on", "next check")
_CITED = ("law", "article")
_FIGURE = re.compile(r"\d+|[零一二三四五六七八九十百千]+")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class Source:
    """Where it is written: a law and its articles, in the file's language."""

    law: str
    article: str


@dataclass(frozen=True, slots=True)
class Header:
    """What is the same in every language. order: where it stands in its topic, small numbers first."""

    topic: str
    order: int
    audience: str
    place: str
    certainty: str
    checked_on: date
    next_check_on: date

    def differences(self, other: "Header") -> list[str]:
        """The names of what isn't the same."""
        return [each.name for each in fields(self) if getattr(self, each.name) != getattr(other, each.name)]


@dataclass(frozen=True, slots=True)
class NoticeFile:
    """A notice in one language."""

    header: Header
    title: str
    sources: tuple[Source, ...]
    text: str

    def cited(self) -> str:
        """Every law with its articles, as a hint for whoever mends the file."""
        return ", ".join(f"{source.law} {source.article}" for source in self.sources)


def read_file(
    path: str, content: str, topics: Collection[str], audiences: Collection[str], places: Collection[str]
) -> NoticeFile:
    """A file's notice; raises the NoticeRefused that names the first thing wrong."""
    name = path.rpartition("/")[2]
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME or name in topics:
        raise NameUnfit(path)
    head, _, text = content.replace("\r\n", "\n").lstrip("\ufeff\n").partition("\n\n")
    once, sources = _header(path, head.splitlines())
    _check_names(path, once, topics, audiences, places)
    if not once["order"].isdecimal():
        raise BadOrder(path, repr(once["order"]))
    header = Header(
        topic=once["topic"],
        order=int(once["order"]),
        audience=once["audience"],
        place=once["place"],
        certainty=once["certainty"],
        checked_on=_day(path, once["checked on"]),
        next_check_on=_day(path, once["next check"]),
    )
    if header.next_check_on <= header.checked_on:
        raise BadCheckDay(path, "next check must come after checked on")
    found = NoticeFile(header, once["title"], sources, text.strip())
    _check_size(path, found)
    return found


def figures(article: str) -> list[int]:
    """The numbers in a citation, in order: the same for 第十条第二款 and art. 10 para. 2."""
    return [_number(found) for found in _FIGURE.findall(article)]


def _header(path: str, lines: Iterable[str]) -> tuple[dict[str, str], tuple[Source, ...]]:
    once: dict[str, str] = {}
    cited: list[tuple[str, str]] = []
    for line in lines:
        found = _LINE.fullmatch(line.strip())
        key = found["key"] if found else ""
        if found and key in _CITED:
            cited.append((key, found["value"]))
        elif found and key in _ONCE and key not in once:
            once[key] = found["value"]
        else:
            raise HeaderLineUnclear(path, repr(line))
    if missing := [key for key in _ONCE if key not in once]:
        raise HeaderIncomplete(path, ", ".join(missing))
    return once, _sources(path, cited)


def _sources(path: str, cited: list[tuple[str, str]]) -> tuple[Source, ...]:
    """Each law is followed by its article."""
    pairs = [(cited[at], cited[at + 1]) for at in range(0, len(cited) - 1, 2)]
    ordered = all((law[0], article[0]) == _CITED and figures(article[1]) for law, article in pairs)
    if not pairs or len(cited) % 2 or not ordered:
        raise Uncited(path)
    return tuple(Source(law[1], article[1]) for law, article in pairs)


def _check_names(
    path: str, once: dict[str, str], topics: Collection[str], audiences: Collection[str], places: Collection[str]
) -> None:
    for key, known, refusal in (
        ("topic", topics, UnknownTopic),
        ("audience", audiences, UnknownAudience),
        ("place", places, UnknownPlace),
        ("certainty", (SURE,), NotSure),
    ):
        if once[key] not in known:
            raise refusal(path, f"{once[key]!r}; known: {', '.join(sorted(known))}")


def _check_size(path: str, found: NoticeFile) -> None:
    if not found.text:
        raise NoticeEmpty(path)
    if len(found.title) > LONGEST_TITLE:
        raise TitleTooLong(path, f"{len(found.title)} signs, {LONGEST_TITLE} at most")
    size = len("".join((found.title, found.text, found.cited())).encode())
    if size > ROOM:
        raise NoticeTooLong(path, f"{size} bytes, {ROOM} at most")


def _day(path: str, written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise BadCheckDay(path, f"{written!r}; a day is written 2026-11-23") from error


def _number(written: str) -> int:
    """Digits, or a Chinese numeral."""
    if written.isdecimal():
        return int(written)
    total, digit = 0, 0
    for character in written:
        if character in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[character], 0
        else:
            digit = _DIGITS[character]
    return total + digit
