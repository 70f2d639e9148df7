"""Announcements to many: what is said to whom, who approved it, and what became of it for each person."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
)

from storage.tables.base import Instant, Key, metadata

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("area", String(32), nullable=False),
    Column("author", String(8), nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    Column("audience_sealed", LargeBinary, nullable=False),
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("starts_at", Instant),
    Column("not_after", Instant),
    Column("tested", Integer, nullable=False, server_default="0"),
    Column("approved_by", String(8), nullable=False, server_default=""),
    Column("frozen_to", Key, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("begun_at", Instant),
    Column("ended_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_broadcasts_state", "state", "id"),
)

broadcast_steps = Table(
    "broadcast_steps",
    metadata,
    Column("id", Key, primary_key=True),
    Column("broadcast_id", Key, ForeignKey("broadcasts.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("action", String(16), nullable=False),
    Column("went_to", String(16), nullable=False),
    Column("staff_id", String(8), nullable=False),
    Column("note_sealed", LargeBinary),
    Column("at", Instant, nullable=False),
    Index("ix_broadcast_steps_broadcast_id", "broadcast_id", "id"),
)

# The audience as it was frozen at the start: each person once, whatever accounts they have.
broadcast_rows = Table(
    "broadcast_rows",
    metadata,
    Column("id", Key, primary_key=True),
    Column("broadcast_id", Key, ForeignKey("broadcasts.id"), nullable=False),
    Column("person", String(34), nullable=False),
    Column("conversation_id", Key, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(64), nullable=False, server_default=""),
    Column("round", SmallInteger, nullable=False, server_default="0"),
    Column("sent_at", Instant),
    Column("read_at", Instant),
    Column("answered_at", Instant),
    UniqueConstraint("broadcast_id", "person"),
    Index("ix_broadcast_rows_state", "broadcast_id", "state", "channel", "reason", "id"),
    Index("ix_broadcast_rows_person", "person", "id"),
)

broadcast_answers = Table(
    "broadcast_answers",
    metadata,
    Column("id", Key, primary_key=True),
    Column("broadcast_id", Key, ForeignKey("broadcasts.id"), nullable=False),
    Column("row_id", Key, nullable=False),
    Column("conversation_id", Key, nullable=False),
    Column("words_sealed", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_broadcast_answers_broadcast_id", "broadcast_id", "id"),
    Index("ix_broadcast_answers_conversation_id", "conversation_id"),
)

# Submissions that somebody named by a list of numbers.
broadcast_lists = Table(
    "broadcast_lists",
    metadata,
    Column("broadcast_id", Key, ForeignKey("broadcasts.id"), primary_key=True),
    Column("submission_id", Key, ForeignKey("submissions.id"), primary_key=True),
)

broadcast_files = Table(
    "broadcast_files",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("broadcast_id", Key, ForeignKey("broadcasts.id"), nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("content_type", String(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_broadcast_files_broadcast_id", "broadcast_id"),
)

# What a platform keeps of a broadcast's file, by which of our accounts; without a foreign key, since copies of the
# release before delete files and don't know of this table.
uploads = Table(
    "uploads",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("platform_id", String(512), nullable=False),
    Column("until", Instant),
)

audiences = Table(
    "audiences",
    metadata,
    Column("id", Key, primary_key=True),
    Column("area", String(32), nullable=False),
    Column("author", String(8), nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("audience_sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)
