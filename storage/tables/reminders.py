"""Reminders: each one that is planned is a row, which comes to exactly one end."""

from sqlalchemy import Column, Date, ForeignKey, Index, String, Table
from sqlalchemy import SmallInteger as Small

from storage.tables.base import Instant, Key, metadata

# Until when somebody's lease runs, as they told, for who wants to be reminded of it.
lease_days = Table(
    "lease_days",
    metadata,
    Column("submission_id", Key, ForeignKey("submissions.id"), primary_key=True),
    Column("until_on", Date, nullable=False),
    Column("told_at", Instant, nullable=False),
    Index("ix_lease_days_until_on", "until_on", "submission_id"),
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Key, primary_key=True),
    Column("entry", String(32), nullable=False),
    Column("subject", Key, nullable=False),
    Column("offset_days", Small, nullable=False),
    Column("origin", String(8), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("remind_on", Date, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("holder_id", String(32), nullable=False),
    Column("conversation_id", Key, nullable=False),
    Column("area", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("made_up", String(8), nullable=False),
    Column("message_key", String(64), nullable=False),
    Column("tells", Small, nullable=False),
    # Empty once it was told or has ended: of one thing each reminder is planned once.
    Column("open_key", String(80), unique=True),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_reminders_due", "state", "due_at", "id"),
    Index("ix_reminders_matter", "entry", "subject", "due_on", "state"),
    Index("ix_reminders_subject", "entry", "subject"),
    Index("ix_reminders_holder_id", "holder_id", "state"),
    Index("ix_reminders_conversation_id", "conversation_id", "state"),
    Index("ix_reminders_message_key", "message_key"),
    Index("ix_reminders_ended_at", "ended_at"),
)
