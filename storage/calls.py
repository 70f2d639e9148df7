"""The call list: whom no message reaches although a deadline nears, or has not reached; the office telephones."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, and_, case, func, or_, select, update

from storage import tables
from storage.unit import Unit

KINDS = ("notice", "reminder")
STUCK = timedelta(hours=2)  # longer than any pause between two tries: what is due later waits for the person
MISSED_FOR = timedelta(days=30)

_rows = tables.outbox.c
_owners = tables.conversations.c


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to telephone: the message, why it didn't reach them, by when it matters.

    registration, area: of what they sent last, empty where they have sent nothing.
    """

    id: int
    kind: str
    channel: str
    reason: str
    not_after: datetime | None
    registration: str
    area: str


def calls(
    unit: Unit, now: datetime, within: timedelta, limit: int = 100, areas: Collection[str] | None = None
) -> tuple[Call, ...]:
    """What waits for a person while its deadline is nearer than `within`, and what has failed; the nearest first.

    areas: only people whose last registration is in one of these; all if None.
    """
    waits = and_(
        _rows.state == "waiting",
        _rows.reason != "",
        _rows.due_at > now + STUCK,
        _rows.not_after <= now + within,
    )
    missed = and_(_rows.state.in_(("failed", "expired")), _rows.ended_at > now - MISSED_FOR)
    wanted = and_(_rows.kind.in_(KINDS), _rows.called_at.is_(None), or_(waits, missed))
    last = {name: _of_the_last(name) for name in ("number", "area")}
    if areas is not None:
        wanted = and_(wanted, last["area"].in_(areas))
    columns = (_rows.id, _rows.kind, _rows.channel, _rows.reason, _rows.not_after)
    theirs = (last["number"].label("registration"), last["area"].label("area"))
    messages = tables.outbox.outerjoin(tables.conversations, _owners.id == _rows.conversation_id)
    nearest = (_rows.not_after.is_(None), _rows.not_after, _rows.id)
    found = select(*columns, *theirs).select_from(messages).where(wanted).order_by(*nearest).limit(limit)
    return tuple(
        Call(row.id, row.kind, row.channel, row.reason, row.not_after, row.registration or "", row.area or "")
        for row in unit.execute(found)
    )


def called(unit: Unit, number: int, now: datetime) -> bool:
    """The person was told by telephone; what still waits needn't be said any more. False where nothing is to tell."""
    untold = and_(_rows.id == number, _rows.called_at.is_(None), _rows.state.in_(("waiting", "failed", "expired")))
    waits = _rows.state == "waiting"
    told = {
        "called_at": now,
        "state": case((waits, "suppressed"), else_=_rows.state),
        "reason": case((waits, "told by telephone"), else_=_rows.reason),
        "ended_at": case((waits, now), else_=_rows.ended_at),
        "claim": _rows.claim + 1,
    }
    return bool(unit.execute(update(tables.outbox).where(untold).values(told)).rowcount)


def _of_the_last(column: str) -> ScalarSelect[str]:
    """A column of the person's last submission, also where the account is erased."""
    sent = tables.submissions.c
    holder = func.coalesce(func.nullif(_owners.holder_id, ""), _rows.holder_id)
    last = select(sent[column]).where(sent.holder_id == holder).order_by(sent.id.desc()).limit(1)
    return last.correlate(tables.conversations, tables.outbox).scalar_subquery()
