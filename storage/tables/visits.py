"""Visits of the staff to homes, and registrations that they help with on the spot."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, UniqueConstraint

from storage.tables.base import Instant, Key, metadata

# Append-only: nothing in the program changes or deletes a visit.
visits = Table(
    "visits",
    metadata,
    Column("id", Key, primary_key=True),
    Column("home", String(16), ForeignKey("homes.code"), nullable=False),
    Column("area", String(32), nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("note_sealed", LargeBinary),
    Column("visited_at", Instant, nullable=False),
    # One form is one visit, however often it is sent.
    Column("once", String(32), nullable=False),
    UniqueConstraint("once"),
    Index("ix_visits_home", "home", "id"),
)

helps = Table(
    "helps",
    metadata,
    Column("id", Key, primary_key=True),
    Column("home", String(16), ForeignKey("homes.code"), nullable=False),
    Column("area", String(32), nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("address_sealed", LargeBinary),  # of the conversation in which the answers are typed
    Column("draft", String(32)),
    Column("code_index", LargeBinary(16)),
    Column("code_sealed", LargeBinary),
    Column("begun_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("taken_at", Instant),
    UniqueConstraint("draft"),
    UniqueConstraint("code_index"),
    Index("ix_helps_home", "home", "id"),
    Index("ix_helps_state", "state", "expires_at"),
)
