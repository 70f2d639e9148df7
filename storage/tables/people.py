"""People and what holds their chats together, and what they asked of the privacy desk."""

from sqlalchemy import Column, Date, Index, LargeBinary, SmallInteger, String, Table

from storage.tables.base import Instant, Key, metadata

holders = Table(
    "holders",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("wechat_ended_on", Date),
    Column("prefers", String(16), nullable=False, server_default=""),
)

people = Table(
    "people",
    metadata,
    Column("id", Key, primary_key=True),
    Column("id_number_index", LargeBinary(16), unique=True),
    Column("person_sealed", LargeBinary, nullable=False),
    Column("birth_year", SmallInteger),
    Column("sex", String(1)),
    Column("region", String(6)),
    Column("name_index", LargeBinary(16)),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index("ix_people_name_index", "name_index"),
)

privacy_requests = Table(
    "privacy_requests",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", Key, nullable=False),
    Column("area", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("words_sealed", LargeBinary, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", String(16), nullable=False),
    Column("answer_sealed", LargeBinary),
    Column("answered_by", String(8), nullable=False, server_default=""),
    Column("answered_at", Instant),
    Index("ix_privacy_requests_state", "state", "id"),
    Index("ix_privacy_requests_answered_at", "answered_at", "id"),
    Index("ix_privacy_requests_conversation_id", "conversation_id", "state"),
)
