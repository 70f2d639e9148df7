"""Which exports somebody's registrations may have left the house in, read from the audit log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage import audit, tables
from storage.audit import Entry
from storage.exports import Extent, Filter
from storage.unit import Unit

KIND = "export"
LOOKED_THROUGH = 200

_sent = tables.submissions.c


def terms(wanted: Filter, extent: Extent) -> dict[str, Any]:
    """What an export holds, as JSON values for its entry: the state apart, which changes."""
    return {
        "kind": wanted.kind,
        "areas": None if wanted.areas is None else sorted(wanted.areas),
        "begins_at": _iso(wanted.begins_at),
        "ends_at": _iso(wanted.ends_at),
        "up_to": extent.last,
    }


def with_those_of(unit: Unit, holder_id: str) -> tuple[Entry, ...]:
    """The last exports that may hold something a holder sent, newest first.

    Which state it was in then isn't remembered, so one that left only the refused out is told all the same.
    """
    columns = (_sent.id, _sent.kind, _sent.area, _sent.submitted_at)
    rows = unit.execute(select(*columns).where(_sent.holder_id == holder_id)).all()
    if not rows:
        return ()
    return tuple(entry for entry in audit.of_kind(unit, KIND, LOOKED_THROUGH) if _holds(entry.act.details, rows))


def _holds(details: Mapping[str, Any], rows: Sequence[Any]) -> bool:
    held = details.get("held")
    return isinstance(held, dict) and any(_fits(held, row) for row in rows)


def _fits(held: Mapping[str, Any], row: Any) -> bool:
    begins_at, ends_at = (_instant(held[name]) for name in ("begins_at", "ends_at"))
    return (
        row.id <= held["up_to"]
        and held["kind"] in {"", row.kind}
        and (held["areas"] is None or row.area in held["areas"])
        and (begins_at is None or row.submitted_at >= begins_at)
        and (ends_at is None or row.submitted_at < ends_at)
    )


def _iso(instant: datetime | None) -> str:
    return "" if instant is None else instant.isoformat()


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
