"""The law made known: what each account was shown, the rhythm and its rounds, campaigns, quizzes, counts, searches."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.tables.base import Instant, Key, metadata

notice_readings = Table(
    "notice_readings",
    metadata,
    Column("conversation_id", Key, primary_key=True),
    Column("notice", String(40), primary_key=True),
    Column("once_key", String(64), nullable=False, server_default=""),
    Column("pushed_at", Instant),
    Column("sent_at", Instant),
    Column("read_at", Instant),
    Index("ix_notice_readings_sent_at", "read_at", "sent_at"),
)

notice_rhythms = Table(
    "notice_rhythms",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("cron", String(64), nullable=False),
    Column("is_on", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", String(8), nullable=False),
    Column("version", Integer, nullable=False),
)

# One for each time that the rhythm comes round; `reached` is the last account that was looked at.
notice_rounds = Table(
    "notice_rounds",
    metadata,
    Column("begun_at", Instant, primary_key=True),
    Column("reached", Key, nullable=False),
    Column("told", Integer, nullable=False),
    Column("ended_at", Instant),
)

notice_campaigns = Table(
    "notice_campaigns",
    metadata,
    Column("id", Key, primary_key=True),
    Column("title", String(80), nullable=False),
    Column("notices", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("begins_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("state", String(16), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Index("ix_notice_campaigns_state", "state", "ends_on"),
)

quizzes = Table(
    "quizzes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", Key, nullable=False),
    Column("notices", Text, nullable=False),
    Column("answers", String(16), nullable=False),
    Column("right_answers", SmallInteger, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_quizzes_conversation_id", "conversation_id", "id"),
)

law_counts = Table(
    "law_counts",
    metadata,
    Column("on_day", Date, primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("number", BigInteger, nullable=False),
)

missed_searches = Table(
    "missed_searches",
    metadata,
    Column("id", Key, primary_key=True),
    Column("words_index", LargeBinary(16), nullable=False),
    Column("words_sealed", LargeBinary, nullable=False),
    Column("language", String(16), nullable=False),
    Column("times", Integer, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    UniqueConstraint("words_index"),
    Index("ix_missed_searches_last_at", "last_at"),
)
