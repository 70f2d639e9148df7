"""Areas, homes, rooms and their codes, tenancies with what each side said, duties."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from storage.tables.base import Instant, Key, metadata, where

areas = Table(
    "areas",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("parent", String(32), nullable=False),
    Column("name_zh", String(64), nullable=False),
    Column("name_en", String(64), nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("position", Integer, nullable=False),
)

homes = Table(
    "homes",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("area", String(32), nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("draft", String(32), unique=True),
    Column("kind", String(16), nullable=False, server_default=""),
    Column("capacity", SmallInteger),
    Column("state", String(16), nullable=False, server_default="confirmed"),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("acts_as", String(16), nullable=False, server_default=""),
    Column("owner_kind", String(16), nullable=False, server_default=""),
    Column("holder_id", String(32), nullable=False, server_default=""),
    Column("owner_sealed", LargeBinary),
    Column("home_index", LargeBinary(16)),
    Column("decided_at", Instant),
    Index("ix_homes_area", "area", "state"),
    Index("ix_homes_state", "state", "area"),
    Index("ix_homes_holder_id", "holder_id"),
    Index("ix_homes_home_index", "home_index"),
)

rooms = Table(
    "rooms",
    metadata,
    Column("id", Key, primary_key=True),
    Column("home", String(16), ForeignKey("homes.code"), nullable=False),
    Column("name_index", LargeBinary(16), nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("position", SmallInteger, nullable=False),
    UniqueConstraint("home", "name_index"),
)

# What stands on posters: a home's or a room's. One in force for each, older ones retired.
home_codes = Table(
    "home_codes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("code", String(16), nullable=False, unique=True),
    Column("home", String(16), ForeignKey("homes.code"), nullable=False),
    Column("room_id", Key, ForeignKey("rooms.id")),
    Column("created_at", Instant, nullable=False),
    Column("retired_at", Instant),
    Index("ix_home_codes_home", "home", "room_id"),
)

tenancies = Table(
    "tenancies",
    metadata,
    Column("id", Key, primary_key=True),
    Column("home", String(16), ForeignKey("homes.code"), nullable=False),
    Column("room_id", Key, ForeignKey("rooms.id")),
    Column("area", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("acts_as", String(16), nullable=False, server_default=""),
    Column("holder_id", String(32), nullable=False, server_default=""),
    Column("person_id", Key, ForeignKey("people.id")),
    Column("submission_id", Key, ForeignKey("submissions.id")),
    Column("tenant_says", String(16), nullable=False, server_default=""),
    Column("since_on", Date),
    Column("claimed_at", Instant),
    Column("reported_by", String(32), nullable=False, server_default=""),
    Column("landlord_says", String(16), nullable=False, server_default=""),
    Column("moved_in_on", Date),
    Column("reported_at", Instant),
    Column("reported_sealed", LargeBinary),
    Column("left_on", Date),
    Column("leaving_by", String(16), nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    # Both are empty once it is over, so that somebody may come back.
    Column("open_person", Key),
    Column("open_report", LargeBinary(16)),
    UniqueConstraint("home", "open_person"),
    UniqueConstraint("home", "open_report"),
    Index("ix_tenancies_area", "area", "state", "id"),
    Index("ix_tenancies_state", "state", "id"),
    Index("ix_tenancies_holder_id", "holder_id"),
    Index("ix_tenancies_person_id", "person_id"),
)

tenancy_steps = Table(
    "tenancy_steps",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenancy_id", Key, ForeignKey("tenancies.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("came_from", String(16), nullable=False),
    Column("went_to", String(16), nullable=False),
    Column("actor", String(8), nullable=False),
    Column("staff_id", String(32), nullable=False, server_default=""),
    Column("says", String(16), nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    Column("reason", String(16), nullable=False, server_default=""),
    Column("words_sealed", LargeBinary),
    UniqueConstraint("tenancy_id", "version"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("code_index", LargeBinary(16), primary_key=True),
    Column("tenancy_id", Key, ForeignKey("tenancies.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_invitations_tenancy_id", "tenancy_id"),
    Index("ix_invitations_expires_at", "expires_at"),
)

duties = Table(
    "duties",
    metadata,
    Column("id", Key, primary_key=True),
    Column("tenancy_id", Key, ForeignKey("tenancies.id"), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("holder_id", String(32), nullable=False),
    Column("event", String(8), nullable=False),
    Column("event_on", Date, nullable=False),
    Column("due_on", Date),
    Column("rolled_on", Date),
    Column("safe_on", Date, nullable=False),
    Column("done_at", Instant),
    Column("in_time", Boolean),
    UniqueConstraint("tenancy_id", "event"),
    Index("ix_duties_due_on", "done_at", "due_on"),
    Index("ix_duties_undated", "id", **where("rolled_on IS NULL")),
)
