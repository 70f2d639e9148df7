"""The day by which the office counts: in its own zone, not the machine's or UTC."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.settings import Settings


def today() -> date:
    """The office's day; for eight hours of UTC's it is already the next one."""
    return datetime.now(UTC).astimezone(ZoneInfo(Settings.model_fields["timezone"].default)).date()
