"""The form of a broadcast: what was typed, read into a broadcast; and what is wrong with it, all at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile

from bot import places
from bot.console.calls import choices
from bot.console.errand import Errand
from bot.places import Fault
from handlers.office.quick_words import NUMBER
from regulations.codelists import codes
from storage.audiences import ROLES, Audience
from storage.broadcasts import Broadcast, Content

ASKS = ("", "read", "answer")
SAID = ("", "answered", "silent")
STATUSES = ("received", "in_review", "needs_answers", "registered", "moved_out", "refused")
REASONS = ("work", "study", "business", "family", "medical", "other")
HOMES = ("rented", "own", "dormitory", "relatives", "other")
PERMITS = ("none", "accepted", "issued", "suspended", "ended")
CHANNELS = ("wechat", "telegram", "web")
TITLE, LINK, WHY = 60, 300, 200
LISTED = 20_000
BIGGEST = 2**31
_FOUND = re.compile(rf"(?<![0-9A-Za-z]){NUMBER.pattern}(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that can't stay: the field, what is wrong, and for a text its place."""

    field: str
    wrong: str
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds: the broadcast as it would be, listed numbers, and all that is wrong."""

    broadcast: Broadcast
    numbers: tuple[str, ...]
    troubles: Sequence[Trouble]
    starts: str
    ends: str


async def typed(errand: Errand, before: Broadcast) -> Typed:
    """The form that was sent."""
    starts, ends = errand.field("starts_at"), errand.field("not_after")
    first, last = _instant(errand, starts), _instant(errand, ends)
    numbers = _numbers(await _listed(errand))
    content = _content(errand, before)
    changed = replace(
        before,
        content=content,
        audience=_audience(errand, before.audience, listed=bool(numbers)),
        urgent=bool(errand.field("urgent")),
        starts_at=first,
        not_after=last,
    )
    troubles = [*_about_words(content, changed.urgent), *_about_times(errand, changed, starts, ends)]
    if len(numbers) > LISTED:
        troubles.append(Trouble("numbers", "many_numbers"))
    return Typed(changed, numbers, troubles, starts, ends)


def shown(errand: Errand, found: Broadcast) -> Typed:
    """A broadcast as its form shows it."""
    pages = errand.desk.pages
    times = [f"{pages.local(at):%Y-%m-%dT%H:%M}" if at else "" for at in (found.starts_at, found.not_after)]
    return Typed(found, (), (), *times)


def lists(errand: Errand) -> dict[str, object]:
    """What can be chosen from."""
    return {
        "choices": choices(errand),
        "asks": ASKS,
        "roles": ROLES,
        "statuses": STATUSES,
        "reasons": REASONS,
        "homes": HOMES,
        "permits": PERMITS,
        "channels": CHANNELS,
        "saids": SAID,
        "industries": codes("industry"),
        "provinces": codes("province"),
    }


def _content(errand: Errand, before: Broadcast) -> Content:
    tongues = errand.desk.house.words.languages
    written = {code: _text(errand, f"text.{code}") for code in tongues}
    keep = before.content if not errand.field("drop_file") else replace(before.content, file="", file_name="")
    return Content(
        title=errand.field("title")[:TITLE],
        texts={code: text for code, text in written.items() if text},
        link=errand.field("link")[: LINK + 1],
        ask=errand.field("ask") if errand.field("ask") in ASKS else "",
        why=errand.field("why")[:WHY],
        file=keep.file,
        file_name=keep.file_name,
    )


def _audience(errand: Errand, before: Audience, *, listed: bool) -> Audience:
    mine = {area.code for area in choices(errand)}
    several = errand.fields.getlist
    earlier = errand.field("earlier")
    return Audience(
        areas=tuple(str(code) for code in several("areas") if code in mine),
        role=errand.field("role") if errand.field("role") in ROLES else "",
        languages=_known(errand, "languages", errand.desk.house.words.languages),
        channels=_known(errand, "channels", CHANNELS),
        statuses=_known(errand, "statuses", STATUSES),
        origins=_known(errand, "origins", [code.code[:2] for code in codes("province")]),
        reasons=_known(errand, "reasons", REASONS),
        industries=_known(errand, "industries", [code.code for code in codes("industry")]),
        homes=_known(errand, "homes", HOMES),
        permits=_known(errand, "permits", PERMITS),
        arrived_from=_day(errand.field("arrived_from")),
        arrived_to=_day(errand.field("arrived_to")),
        earlier=int(earlier) if earlier.isdecimal() and int(earlier) < BIGGEST else 0,
        said=errand.field("said") if errand.field("said") in SAID else "",
        listed=listed or (before.listed and not errand.field("drop_list")),
        only_now=bool(errand.field("only_now")),
    )


def _known(errand: Errand, name: str, values: object) -> tuple[str, ...]:
    return tuple(str(one) for one in errand.fields.getlist(name) if one in values)  # type: ignore[operator]


def _about_words(content: Content, urgent: bool) -> list[Trouble]:
    found = [Trouble(f"text.{code}", fault.wrong, fault) for code, text in content.texts.items()
             if (fault := places.check(text)) is not None]  # fmt: skip
    if content.link and not _is_link(content.link):
        found.append(Trouble("link", "link"))
    if urgent and not content.why:
        found.append(Trouble("why", "no_reason"))
    return found


def _about_times(errand: Errand, changed: Broadcast, starts: str, ends: str) -> list[Trouble]:
    found = []
    if (starts and changed.starts_at is None) or (ends and changed.not_after is None):
        found.append(Trouble("starts_at", "time"))
    begins = changed.starts_at or errand.now
    if changed.not_after is not None and changed.not_after <= max(begins, errand.now):
        found.append(Trouble("not_after", "too_late"))
    return found


def _is_link(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in {"https", "http"} and bool(parts.hostname) and len(text) <= LINK and " " not in text


def _text(errand: Errand, name: str) -> str:
    return str(errand.fields.get(name, "")).replace("\r\n", "\n").strip()


async def _listed(errand: Errand) -> str:
    """Pasted numbers, and those of a text file."""
    file = errand.fields.get("list")
    text = (await file.read()).decode("utf-8", "ignore") if isinstance(file, UploadFile) else ""
    return f"{_text(errand, 'numbers')}\n{text}"


def _numbers(text: str) -> tuple[str, ...]:
    found = ("-".join(parts) for parts in _FOUND.findall(text.upper()))
    return tuple(dict.fromkeys(found))


def _instant(errand: Errand, text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=errand.desk.pages.zone) if text else None
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
