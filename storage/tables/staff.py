"""Staff, their sessions and chats, and the audit log."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Table

from storage.tables.base import Instant, Key, metadata

# Append-only: triggers of migration 0040 refuse UPDATE and DELETE.
audit = Table(
    "audit",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who_kind", String(16), nullable=False),
    Column("who", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject_kind", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    Column("details_sealed", LargeBinary, nullable=False),
    Column("previous", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("ix_audit_subject", "subject_kind", "subject", "id"),
    Index("ix_audit_who", "who_kind", "who", "id"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("length", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", Key, primary_key=True),
    Column("code", String(8), nullable=False, unique=True),
    Column("login_index", LargeBinary(16), nullable=False, unique=True),
    Column("profile_sealed", LargeBinary, nullable=False),
    Column("role", String(16), nullable=False),
    Column("area", String(32), nullable=False),
    Column("language", String(16), nullable=False),
    Column("password_sealed", LargeBinary),
    Column("totp_sealed", LargeBinary),
    Column("totp_since_at", Instant),
    Column("totp_step", BigInteger, nullable=False, server_default="0"),
    Column("disabled_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_index", LargeBinary(16), primary_key=True),
    Column("staff_id", Key, ForeignKey("staff.id"), nullable=False),
    Column("stage", String(8), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("ix_staff_sessions_staff_id", "staff_id"),
    Index("ix_staff_sessions_created_at", "created_at"),
)

staff_setups = Table(
    "staff_setups",
    metadata,
    Column("token_index", LargeBinary(16), primary_key=True),
    Column("staff_id", Key, ForeignKey("staff.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_staff_setups_staff_id", "staff_id"),
)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("subject_index", LargeBinary(16), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("tried_at", Instant, nullable=False),
    Column("locked_until", Instant),
    Index("ix_sign_in_tries_tried_at", "tried_at"),
)

staff_chats = Table(
    "staff_chats",
    metadata,
    Column("conversation_id", Key, primary_key=True, autoincrement=False),
    Column("staff_id", Key, ForeignKey("staff.id"), nullable=False),
    Column("linked_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("ix_staff_chats_staff_id", "staff_id"),
)

staff_chat_codes = Table(
    "staff_chat_codes",
    metadata,
    Column("code_index", LargeBinary(16), primary_key=True),
    Column("staff_id", Key, ForeignKey("staff.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_staff_chat_codes_staff_id", "staff_id"),
)
