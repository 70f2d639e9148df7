"""What must reach somebody later: the outbox, its attempts, quotas, leases."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
)

from storage.tables.base import Instant, Key, metadata, where

outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("once_key", String(64), nullable=False, unique=True),
    Column("conversation_id", Key, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("address_index", LargeBinary(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    Column("topic", String(16), nullable=False, server_default=""),
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("state", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("message_sealed", LargeBinary, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("unknown", SmallInteger, nullable=False, server_default="0"),
    Column("said", SmallInteger, nullable=False, server_default="0"),
    Column("claim", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("not_after", Instant),
    Column("lease_until", Instant),
    Column("started_at", Instant),
    Column("accepted_at", Instant),
    Column("platform_id", String(64)),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("called_at", Instant),
    Column("holder_id", String(32), nullable=False, server_default=""),
    Column("bundle", String(32), nullable=False, server_default=""),
    Column("broadcast_id", Key),
    Column("recipient_id", Key),
    Index("ix_outbox_bundle", "bundle", "state"),
    Index("ix_outbox_due", "channel", "state", "priority", "due_at"),  # until no copy of the release before it runs
    Index("ix_outbox_open", "channel", "state", "priority", "due_at", **where("ended_at IS NULL")),
    Index(
        "ix_outbox_leaving", "channel", "state", "priority", "due_at", "id", **where("ended_at IS NULL AND bundle = ''")
    ),
    Index("ix_outbox_ended", "state", "ended_at", "channel", "kind"),
    Index("ix_outbox_conversation_id", "conversation_id", "state"),
    Index("ix_outbox_platform_id", "platform_id"),
    Index("ix_outbox_broadcast", "broadcast_id", "state", "channel", "bundle", "due_at"),
    Index("ix_outbox_deadline", "state", "not_after"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("outbox_id", Key, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    UniqueConstraint("outbox_id", "number"),
    Index("ix_attempts_unknown", "outbox_id", **where("outcome = 'unknown'")),
)

tallies = Table(
    "tallies",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("until", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("account", String(64), primary_key=True),
    Column("value_sealed", LargeBinary, nullable=False),
    Column("ends_at", Instant, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("conversation_id", Key, primary_key=True),
    Column("template", String(64), primary_key=True),
    Column("notices_left", SmallInteger, nullable=False),
    Column("lasting", Boolean, nullable=False),
)

quotas = Table(
    "quotas",
    metadata,
    Column("name", String(96), primary_key=True),
    Column("period", String(10), primary_key=True),
    Column("used", Integer, nullable=False),
)

topics_off = Table(
    "topics_off",
    metadata,
    Column("conversation_id", Key, primary_key=True),
    Column("topic", String(16), primary_key=True),
)

postponed = Table(
    "postponed",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("incoming_sealed", LargeBinary, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
)
