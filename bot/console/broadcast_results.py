"""What became of a broadcast: person by person with the reason, what was answered, and both as a file."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from bot.console.broadcasts import wanted
from bot.console.errand import Errand
from bot.console.queue import digits
from bot.exports.stream import WRITERS, Writer
from bot.exports.workbook import MOST_ROWS
from handlers.office.broadcasts import results
from storage import broadcast_people, recipients
from storage.broadcast_people import Fate
from storage.broadcasts import Broadcast

ROWS = 50
AT_ONCE = 500
NO_REASON = "-"


async def people(errand: Errand) -> Response:
    """A page of the people; nothing of who they are but the number of their registration."""
    found, query = await wanted(errand), errand.request.query_params
    state = query.get("state", "") if query.get("state", "") in recipients.STATES else ""
    reason, after = _reason(query.get("reason")), digits(query.get("after", ""))
    states = (state,) if state else ()
    rows = await errand.read(
        lambda unit: broadcast_people.page(unit, found.id, states, reason, min(after, 2**62), ROWS + 1)
    )
    more = rows[ROWS - 1].id if len(rows) > ROWS else 0
    shown = {"rows": rows[:ROWS], "more": more, "state": state, "reason": reason, "states": recipients.STATES}
    return errand.page("broadcast_people", 200, cast=found, **shown)


async def answers(errand: Errand) -> Response:
    """What people answered, in the order it came in."""
    found, after = await wanted(errand), digits(errand.request.query_params.get("after", ""))
    rows = await errand.read(lambda unit: broadcast_people.answers(unit, found.id, min(after, 2**62), ROWS + 1))
    more = rows[ROWS - 1].id if len(rows) > ROWS else 0
    return errand.page("broadcast_answers", cast=found, rows=rows[:ROWS], more=more)


async def export(errand: Errand) -> Response:
    """All results as a workbook, or as CSV, which bears any number; noted in the audit log before they leave."""
    found = await wanted(errand)
    form = "xlsx" if errand.field("format") == "xlsx" and found.total <= MOST_ROWS else "csv"
    await errand.run(lambda unit: results.note_export(unit, errand.member, found, form, errand.now))
    writer = WRITERS[form]()
    title = errand.say("export.broadcast_file")
    name = f"{title}-{found.id}.{form}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return StreamingResponse(_pieces(errand, found, writer), media_type=writer.media_type, headers=headers)


async def _pieces(errand: Errand, found: Broadcast, writer: Writer) -> AsyncIterator[bytes]:
    """Page by page, so that memory stays flat."""
    table, after = errand.desk.pages.tables[errand.language], 0
    columns = ("registration", "area", "channel", "language", "state", "reason", "sent", "read", "answered")
    yield writer.begin([table.label("cast_columns", name) for name in columns])
    while rows := await _page(errand, found, after):
        yield writer.rows([_row(errand, row) for row in rows])
        after = rows[-1].id
    yield writer.end()


async def _page(errand: Errand, found: Broadcast, after: int) -> tuple[Fate, ...]:
    return await errand.read(lambda unit: broadcast_people.page(unit, found.id, (), None, after, AT_ONCE))


def _row(errand: Errand, row: Fate) -> list[str]:
    pages = errand.desk.pages
    table = pages.tables[errand.language]
    times = (f"{pages.local(at):%Y-%m-%d %H:%M}" if at else "" for at in (row.sent_at, row.read_at, row.answered_at))
    area = pages.area(errand.language, row.area) if row.area else ""
    told = (table.label("channels", row.channel), row.language, table.label("cast_row_states", row.state))
    return [row.registration, area, *told, table.why(row.reason) if row.reason else "", *times]


def _reason(asked: str | None) -> str | None:
    if not asked:
        return None
    return "" if asked == NO_REASON else asked[:64]
