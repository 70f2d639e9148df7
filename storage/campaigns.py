"""Campaigns: notices on one matter, in an order, for some people, from one day to another."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update

from storage import tables
from storage.unit import Unit

_rows = tables.notice_campaigns.c


@dataclass(frozen=True, slots=True)
class Campaign:
    """audience: traits, of each group of them one has to hold (none for everybody); state: on or stopped."""

    title: str
    notices: tuple[str, ...]
    audience: tuple[str, ...]
    begins_on: date
    ends_on: date
    changed_by: str
    id: int = 0
    state: str = "on"
    version: int = 0

    def is_running(self, today: date) -> bool:
        """Whether it counts on a day."""
        return self.state == "on" and self.begins_on <= today <= self.ends_on


def add(unit: Unit, new: Campaign, now: datetime) -> int:
    """A new one; its number."""
    values = {
        "title": new.title,
        "notices": json.dumps(list(new.notices)),
        "audience": json.dumps(list(new.audience)),
        "begins_on": new.begins_on,
        "ends_on": new.ends_on,
        "state": "on",
        "changed_at": now,
        "changed_by": new.changed_by,
        "version": 0,
    }
    return int(unit.execute(insert(tables.notice_campaigns).returning(_rows.id), values).scalar_one())


def stop(unit: Unit, number: int, member: str, now: datetime) -> bool:
    """It ends now; False if it was stopped already, or is none."""
    on = update(tables.notice_campaigns).where(_rows.id == number, _rows.state == "on")
    values = {"state": "stopped", "changed_at": now, "changed_by": member, "version": _rows.version + 1}
    return bool(unit.execute(on.values(values)).rowcount)


def running(unit: Unit, today: date) -> Sequence[Campaign]:
    """Those that count today, the oldest first."""
    now = select(tables.notice_campaigns).where(_rows.state == "on", _rows.begins_on <= today, _rows.ends_on >= today)
    return [_campaign(row) for row in unit.execute(now.order_by(_rows.id))]


def newest(unit: Unit, limit: int) -> Sequence[Campaign]:
    """The last ones, the newest first."""
    return [
        _campaign(row) for row in unit.execute(select(tables.notice_campaigns).order_by(_rows.id.desc()).limit(limit))
    ]


def _campaign(row: Any) -> Campaign:
    notices, audience = tuple(json.loads(row.notices)), tuple(json.loads(row.audience))
    return Campaign(
        row.title, notices, audience, row.begins_on, row.ends_on, row.changed_by, row.id, row.state, row.version
    )
