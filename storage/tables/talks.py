"""Talks: where a person stands in a form, the messages seen, codes that link chats, talks handed to the staff."""

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

conversations = Table(
    "conversations",
    metadata,
    Column("id", Key, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("address_index", LargeBinary(16), nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),
    Column("language", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("form", String(32), nullable=False),
    Column("asked", String(32), nullable=False),
    Column("holder_id", String(32), nullable=False),
    Column("state_sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reach", String(16), nullable=False, server_default="reachable"),
    Column("held", Boolean, nullable=False, server_default=false()),
    Column("window_left", SmallInteger, nullable=False, server_default="0"),
    Column("window_until", Instant),
    Column("hand_over", Key),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("channel", "address_index"),
    Index("ix_conversations_holder_id", "holder_id"),
)

messages = Table(
    "messages",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("conversation_id", Key, nullable=False),
    Column("answered_sealed", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Index("ix_messages_conversation_id", "conversation_id"),
    Index("ix_messages_received_at", "received_at"),
)

link_codes = Table(
    "link_codes",
    metadata,
    Column("code_index", LargeBinary(16), primary_key=True),
    Column("holder_id", String(32), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_link_codes_holder_id", "holder_id"),
    Index("ix_link_codes_expires_at", "expires_at"),
)

link_tries = Table(
    "link_tries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", Key, nullable=False),
    Column("tried_at", Instant, nullable=False),
    Column("kind", String(8), nullable=False, server_default="link"),
    Index("ix_link_tries_conversation_id", "conversation_id", "tried_at"),
    Index("ix_link_tries_tried_at", "tried_at"),
)

# An open one is unique for its conversation, whose row names it, so that a turn needs no further query.
hand_overs = Table(
    "hand_overs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", Key, nullable=False),
    Column("area", String(32), nullable=False),
    Column("step", String(32), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("waits_since", Instant),
    Column("silent_until", Instant, nullable=False),
    Column("taken_by", String(8), nullable=False, server_default=""),
    Column("taken_at", Instant),
    Column("said_at", Instant),
    Column("ended_at", Instant),
    Column("why", String(16), nullable=False, server_default=""),
    Index("ix_hand_overs_conversation_id", "conversation_id", "id"),
    Index("ix_hand_overs_ended_at", "ended_at", "silent_until"),
    Index("ix_hand_overs_why", "why", "id"),
)

hand_over_lines = Table(
    "hand_over_lines",
    metadata,
    Column("id", Key, primary_key=True),
    Column("hand_over_id", Key, ForeignKey("hand_overs.id"), nullable=False),
    Column("author", String(8), nullable=False),
    Column("staff_code", String(8), nullable=False, server_default=""),
    Column("kind", String(16), nullable=False),
    Column("said_sealed", LargeBinary, nullable=False),
    Column("once_key", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("hand_over_id", "once_key"),
)
