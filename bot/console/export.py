"""The export: what it would hold, why it is wanted, and the file as it is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import quote

import structlog
from starlette.responses import Response, StreamingResponse

from bot.console.errand import Errand
from bot.exports.columns import Columns
from bot.exports.stream import WRITERS, Streaming
from bot.exports.workbook import MOST_ROWS
from handlers.office import exporting
from handlers.office.exporting import REASON_LENGTH, Begun, Rows
from handlers.office.rights import below, scope
from handlers.office.statistics import KINDS, OUTCOMES
from storage import exports
from storage.exports import Filter

log = structlog.get_logger(__name__)

STATUSES = tuple(status for group in OUTCOMES.values() for status in group)
LAST_DAY = date(9998, 12, 31)


@dataclass(frozen=True, slots=True)
class Typed:
    """The filter as it was typed; `wrong` names what can't be read."""

    status: str
    kind: str
    area: str
    first: str
    last: str
    wrong: str = ""

    @property
    def told(self) -> Mapping[str, str]:
        """For the audit log."""
        return {name: getattr(self, name) for name in ("status", "kind", "area", "first", "last")}


async def show(errand: Errand) -> Response:
    """The filter, how many rows it gives, and the form that asks why."""
    return await _page(errand, _typed(errand, errand.request.query_params))


async def made(errand: Errand) -> Response:
    """The member's last exports alone, for the page that renews itself."""
    latest = await errand.read(lambda unit: exporting.latest(unit, errand.member, errand.now))
    return errand.page("_exports", latest=latest)


async def begin(errand: Errand) -> Response:
    """The file; from here on it stands in the audit log."""
    form, reason = errand.field("format"), errand.field("reason")
    typed = _typed(errand, {name: str(text) for name, text in errand.fields.items()})
    if typed.wrong or form not in WRITERS:
        return await _page(errand, typed, typed.wrong or "format")
    if not REASON_LENGTH[0] <= len(reason) <= REASON_LENGTH[1]:
        return await _page(errand, typed, "reason")
    wanted = _filter(errand, typed)
    found = await errand.read(lambda unit: exports.extent(unit, wanted))
    if not found.number or (form == "xlsx" and found.number > MOST_ROWS):
        return await _page(errand, typed, "nothing" if not found.number else "too_many")
    told = {"format": form, **typed.told}
    begun = await errand.run(lambda unit: exporting.begin(unit, errand.member, wanted, told, reason, errand.now))
    if begun is None:
        return await _page(errand, typed, "running")
    log.info("console_export", by=errand.member.code, rows=begun.extent.number, format=form)
    return _file(errand, form, wanted, begun)


def _file(errand: Errand, form: str, wanted: Filter, begun: Begun) -> Response:
    house, pages = errand.desk.house, errand.desk.pages
    columns = Columns(errand.language, pages, house.words)
    streaming = Streaming(house.database, wanted, begun, Rows(errand.member, errand.areas), columns)
    writer = WRITERS[form]()
    title = errand.say("export.file")
    name = f"{title}-{pages.local(errand.now):%Y%m%d-%H%M}.{form}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return StreamingResponse(streaming.pieces(writer), media_type=writer.media_type, headers=headers)


async def _page(errand: Errand, typed: Typed, problem: str = "") -> Response:
    problem = problem or typed.wrong
    wanted = Filter(areas=frozenset()) if typed.wrong else _filter(errand, typed)
    found = await errand.read(lambda unit: exports.extent(unit, wanted))
    latest = await errand.read(lambda unit: exporting.latest(unit, errand.member, errand.now))
    return errand.page(
        "export",
        422 if problem else 200,
        typed=typed,
        number=found.number,
        latest=latest,
        problem=problem,
        statuses=STATUSES,
        kinds=KINDS,
        choices=[area for area in errand.areas if errand.may("export", area.code)],
        reason=errand.field("reason"),
        longest=REASON_LENGTH[1],
        most=MOST_ROWS,
    )


def _typed(errand: Errand, given: Mapping[str, str]) -> Typed:
    """What was typed, unknown choices left out; Refused for an area that isn't the member's."""
    status, kind, area, first, last = (
        given.get(name, "").strip() for name in ("status", "kind", "area", "first", "last")
    )
    area = area or errand.member.area
    errand.require("export", area)
    unread = any(text and _day(text) is None for text in (first, last))
    unknown = (status and status not in STATUSES) or (kind and kind not in KINDS)
    return Typed(status, kind, area, first, last, "day" if unread else "choice" if unknown else "")


def _filter(errand: Errand, typed: Typed) -> Filter:
    member, areas = errand.member, errand.areas
    first, last = _day(typed.first), _day(typed.last)
    return Filter(
        status=typed.status,
        kind=typed.kind,
        areas=below(typed.area, areas) if typed.area else scope(member, areas),
        begins_at=None if first is None else _midnight(errand, first),
        ends_at=None if last is None else _midnight(errand, last + timedelta(days=1)),
    )


def _midnight(errand: Errand, day: date) -> datetime:
    return datetime.combine(day, time(), errand.desk.pages.zone)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(1900, 1, 1) <= day <= LAST_DAY else None
