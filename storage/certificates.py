"""Certificates of registration: one in force for each submission, found by a code that can't be guessed."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from storage import tables
from storage.unit import Unit

CODE = "certificates.code"
CONTENT = "certificates.content"
CODE_BYTES = 18  # 144 random bits, 24 letters of a URL

_rows = tables.certificates.c


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as it was issued. `content`: what stands on it; `copy`: 1, then one more for each replacement."""

    id: int
    submission_id: int
    copy: int
    number: str
    code: str
    content: dict[str, Any]
    issued_at: datetime
    valid_until: date | None
    ended_at: datetime | None
    end_reason: str

    def holds_on(self, today: date) -> bool:
        """Whether it is in force that day."""
        return self.ended_at is None and (self.valid_until is None or today <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new certificate says: its submission, its number without the copy's mark, and for how long it holds."""

    submission_id: int
    number: str
    content: dict[str, Any]
    valid_until: date | None = None


def issue(unit: Unit, draft: Draft, now: datetime) -> tuple[Certificate, bool]:
    """Keep a submission's certificate, and whether it is new; the one that is there stays as it is, valid or not."""
    return _keep(unit, draft, 1, now)


def issue_after(unit: Unit, old: Certificate, draft: Draft, now: datetime) -> tuple[Certificate, bool]:
    """Keep a certificate that follows another one, and whether it is new."""
    return _keep(unit, draft, old.copy + 1, now)


def end(unit: Unit, certificate_id: int, reason: str, now: datetime) -> bool:
    """It is no longer valid; False if that was so before."""
    valid = update(tables.certificates).where(_rows.id == certificate_id, _rows.ended_at.is_(None))
    return bool(unit.execute(valid.values(ended_at=now, end_reason=reason)).rowcount)


def by_code(unit: Unit, code: str) -> Certificate | None:
    """The certificate with that code, valid or not; None for an unknown one."""
    found = select(tables.certificates).where(_rows.code_index.in_(unit.vault.indexes("certificate", code)))
    row = unit.execute(found).one_or_none()
    return None if row is None else _certificate(unit, row)


def get(unit: Unit, certificate_id: int) -> Certificate | None:
    """One certificate."""
    row = unit.execute(select(tables.certificates).where(_rows.id == certificate_id)).one_or_none()
    return None if row is None else _certificate(unit, row)


def latest(unit: Unit, submission_id: int) -> Certificate | None:
    """The newest certificate of a submission, valid or not."""
    found = select(tables.certificates).where(_rows.submission_id == submission_id).order_by(_rows.copy.desc()).limit(1)
    row = unit.execute(found).one_or_none()
    return None if row is None else _certificate(unit, row)


def of_holder(unit: Unit, holder_id: str, limit: int = 10) -> tuple[Certificate, ...]:
    """The certificates of what was sent from a holder's accounts, newest first."""
    submissions = tables.submissions
    own = select(tables.certificates).join(submissions, submissions.c.id == _rows.submission_id)
    own = own.where(submissions.c.holder_id == holder_id).order_by(_rows.id.desc()).limit(limit)
    return tuple(_certificate(unit, row) for row in unit.execute(own))


def code_index(unit: Unit, code: str) -> bytes:
    """The keyed index under which a certificate is found by its code."""
    return unit.vault.index("certificate", code)


def _keep(unit: Unit, draft: Draft, copy: int, now: datetime) -> tuple[Certificate, bool]:
    fresh = unit.insert_once(tables.certificates, _values(unit, draft, copy, now))
    kept = latest(unit, draft.submission_id)
    if kept is None:
        raise LookupError("a certificate just written is not there")
    return kept, fresh


def _values(unit: Unit, draft: Draft, copy: int, now: datetime) -> dict[str, Any]:
    code = secrets.token_urlsafe(CODE_BYTES)
    return {
        "submission_id": draft.submission_id,
        "copy": copy,
        "number": draft.number if copy == 1 else f"{draft.number}/{copy}",
        "code_index": code_index(unit, code),
        "code_sealed": unit.vault.seal(code.encode(), CODE),
        "content_sealed": unit.vault.seal_json(draft.content, CONTENT),
        "issued_at": now,
        "valid_until": draft.valid_until,
        "end_reason": "",
    }


def _certificate(unit: Unit, row: Any) -> Certificate:
    return Certificate(
        id=row.id,
        submission_id=row.submission_id,
        copy=row.copy,
        number=row.number,
        code=unit.vault.open(row.code_sealed, CODE).decode(),
        content=unit.vault.open_json(row.content_sealed, CONTENT),
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
    )
