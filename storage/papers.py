"""Photos and PDFs of papers: fetched, cleaned, sealed, erased."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from storage import leases, tables
from storage.records import PaperFile
from storage.unit import Unit

CONTENT = "files.content"
REFERENCE = "files.reference"
LEASE = timedelta(seconds=90)
MOST_ATTEMPTS = 1_000  # counted no further

_rows = tables.files.c


def expect(unit: Unit, file: PaperFile, reference: str, now: datetime) -> None:
    """A file that must be fetched from its platform."""
    sealed = unit.vault.seal(reference.encode(), REFERENCE)
    unit.insert_once(tables.files, _values(file, now) | {"reference_sealed": sealed, "content_sealed": None})


def store(unit: Unit, file: PaperFile, content: bytes, now: datetime) -> None:
    """A file whose content is here already."""
    sealed = unit.vault.seal(content, CONTENT)
    unit.insert_once(tables.files, _values(file, now) | {"reference_sealed": None, "content_sealed": sealed})


def claim(unit: Unit, limit: int = 4) -> tuple[tuple[PaperFile, str], ...]:
    """Files to fetch, with their channels; each is left alone until its lease ends."""
    now = leases.clock(unit)
    waiting = (
        select(tables.files, tables.conversations.c.channel)
        .join(tables.conversations, tables.conversations.c.id == _rows.conversation_id)
        .where(_rows.state == "waiting", leases.is_over(_rows.due_at, now))
        .order_by(_rows.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=tables.files)
    )
    found = unit.execute(waiting).all()
    for row in found:
        leased = {"due_at": now + LEASE, "attempts": min(row.attempts + 1, MOST_ATTEMPTS)}
        unit.execute(update(tables.files).where(_rows.id == row.id).values(leased))
    return tuple((_file(row), row.channel) for row in found)


def reference(unit: Unit, file_id: str) -> str | None:
    """The platform's reference of a file that is to be fetched; None if it is no longer waited for."""
    sealed = unit.execute(select(_rows.reference_sealed).where(_rows.id == file_id)).scalar_one_or_none()
    return None if sealed is None else unit.vault.open(sealed, REFERENCE).decode()


def fetched(unit: Unit, file_id: str, content: bytes, content_type: str) -> bool:
    """Keep a fetched file's content; False if it is no longer waited for."""
    values = {
        "state": "stored",
        "content_sealed": unit.vault.seal(content, CONTENT),
        "content_type": content_type,
        "size": len(content),
        "reference_sealed": None,
    }
    return bool(unit.execute(_waiting(file_id).values(values)).rowcount)


def refused(unit: Unit, file_id: str, reason: str) -> bool:
    """A file that can't be used; False if that was known."""
    values = {"state": "refused", "reason": reason, "reference_sealed": None}
    return bool(unit.execute(_waiting(file_id).values(values)).rowcount)


def again(unit: Unit, file_id: str, pause: timedelta) -> None:
    """Try to fetch it again after a while."""
    unit.execute(_waiting(file_id).values(due_at=leases.clock(unit) + pause))


def get(unit: Unit, file_id: str) -> PaperFile | None:
    """A file's facts."""
    row = unit.execute(select(tables.files).where(_rows.id == file_id)).one_or_none()
    return None if row is None else _file(row)


def content(unit: Unit, file_id: str) -> bytes | None:
    """A stored file's content."""
    sealed = unit.execute(select(_rows.content_sealed).where(_rows.id == file_id)).scalar_one_or_none()
    return None if sealed is None else unit.vault.open(sealed, CONTENT)


def attach(unit: Unit, file_ids: list[str], conversation_id: int, submission_id: int) -> None:
    """The files of a talk become a submission's."""
    own = _rows.conversation_id == conversation_id
    unit.execute(update(tables.files).where(_rows.id.in_(file_ids), own).values(submission_id=submission_id))


def erase_decided(unit: Unit, before: datetime, limit: int) -> int:
    """Erase the papers of submissions decided before that instant, some at a time; how many."""
    some = select(_rows.id).where(is_decided(before)).limit(limit)
    return int(unit.execute(delete(tables.files).where(_rows.id.in_(some))).rowcount)


def is_decided(before: datetime) -> ColumnElement[bool]:
    """Whether a paper's submission was decided before that instant; asked of papers, which are few, one by one."""
    submissions = tables.submissions.c
    decided = select(submissions.decided_at).where(submissions.id == _rows.submission_id)
    return decided.scalar_subquery() < before


def _waiting(file_id: str) -> Any:
    return update(tables.files).where(_rows.id == file_id, _rows.state == "waiting")


def _values(file: PaperFile, now: datetime) -> dict[str, Any]:
    return {
        "id": file.id,
        "conversation_id": file.conversation_id,
        "step": file.step,
        "state": file.state,
        "reason": file.reason,
        "content_type": file.content_type,
        "size": file.size,
        "attempts": file.attempts,
        "created_at": now,
        "due_at": now,
    }


def _file(row: Any) -> PaperFile:
    return PaperFile(
        row.id, row.conversation_id, row.step, row.state, row.reason, row.content_type, row.size, row.attempts
    )
