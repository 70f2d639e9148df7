"""The tables. Columns ending in `_sealed` are encrypted, in `_index` keyed hashes; docs/data.md lists what is plain."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, on databases that keep time zones and on those that don't."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware → UTC; SQLite keeps it without the zone."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Key = BigInteger().with_variant(Integer, "sqlite")

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

submissions = Table(
    "submissions",
    metadata,
    Column("id", Key, primary_key=True),
    Column("number", String(24), nullable=False, unique=True),
    Column("draft", String(32), nullable=False, unique=True),
    Column("holder_id", String(32), ForeignKey("holders.id"), nullable=False),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False),
    Column("already_registered", Boolean, nullable=False),
    Column("form", String(32), nullable=False),
    Column("form_version", String(16), nullable=False),
    Column("pack", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("answers_sealed", LargeBinary, nullable=False),
    Column("area", String(32), nullable=False),
    Column("reason", String(16), nullable=False),
    Column("education", String(4), nullable=False),
    Column("arrived_on", Date),
    Column("due_on", Date),
    Column("in_time", Boolean),
    Column("late_after", Date),
    Column("holidays_of", Integer),
    Column("submitted_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("consent", String(16), nullable=False),
    Column("consented_at", Instant, nullable=False),
    Column("kind", String(16), nullable=False, server_default="registration"),
    Column("former_id", Key),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("reviewer", String(32), nullable=False, server_default=""),
    Column("lease_until", Instant),
    Column("phone_index", LargeBinary(16)),
    Column("home_index", LargeBinary(16)),
    Index("ix_submissions_holder_id", "holder_id", "id"),
    Index("ix_submissions_status", "status", "id"),
    Index("ix_submissions_person_id", "person_id"),
    Index("ix_submissions_area", "area", "status", "id"),
    Index("ix_submissions_late", "status", "late_after", "area"),
    Index("ix_submissions_holidays_of", "holidays_of", "id"),
    Index("ix_submissions_reviewer", "reviewer", "status"),
    Index("ix_submissions_phone_index", "phone_index"),
    Index("ix_submissions_home_index", "home_index"),
    Index(
        "ix_submissions_statistics",
        "submitted_at",
        "area",
        "status",
        "kind",
        "channel",
        "education",
        "form",
        "decided_at",
        "person_id",
    ),
)

history = Table(
    "history",
    metadata,
    Column("id", Key, primary_key=True),
    Column("submission_id", Key, ForeignKey("submissions.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("came_from", String(16), nullable=False),
    Column("went_to", String(16), nullable=False),
    Column("actor", String(8), nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("note_sealed", LargeBinary),
    Column("at", Instant, nullable=False),
    UniqueConstraint("submission_id", "version"),
)

files = Table(
    "files",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", Key, nullable=False),
    Column("submission_id", Key, ForeignKey("submissions.id")),
    Column("step", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("reference_sealed", LargeBinary),
    Column("content_type", String(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content_sealed", LargeBinary),
    Column("attempts", SmallInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Index("ix_files_conversation_id", "conversation_id"),
    Index("ix_files_submission_id", "submission_id"),
    Index("ix_files_state", "state", "due_at"),
)

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
    Index("ix_outbox_bundle", "bundle", "state"),
    Index("ix_outbox_due", "channel", "state", "priority", "due_at"),
    Index("ix_outbox_conversation_id", "conversation_id", "state"),
    Index("ix_outbox_platform_id", "platform_id"),
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

exports = Table(
    "exports",
    metadata,
    Column("id", Key, primary_key=True),
    Column("staff_id", String(8), nullable=False),
    Column("format", String(8), nullable=False),
    Column("total", Integer, nullable=False),
    Column("written", Integer, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("moved_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_exports_staff_id", "staff_id", "id"),
)

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
)

link_codes = Table(
    "link_codes",
    metadata,
    Column("code_index", LargeBinary(16), primary_key=True),
    Column("holder_id", String(32), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_link_codes_holder_id", "holder_id"),
)

link_tries = Table(
    "link_tries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", Key, nullable=False),
    Column("tried_at", Instant, nullable=False),
    Column("kind", String(8), nullable=False, server_default="link"),
    Index("ix_link_tries_conversation_id", "conversation_id", "tried_at"),
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
    Index("ix_privacy_requests_conversation_id", "conversation_id", "state"),
)

certificates = Table(
    "certificates",
    metadata,
    Column("id", Key, primary_key=True),
    Column("submission_id", Key, ForeignKey("submissions.id"), nullable=False),
    Column("copy", SmallInteger, nullable=False),
    Column("number", String(32), nullable=False, unique=True),
    Column("code_index", LargeBinary(16), nullable=False, unique=True),
    Column("code_sealed", LargeBinary, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("valid_until", Date),
    Column("ended_at", Instant),
    Column("end_reason", String(16), nullable=False, server_default=""),
    UniqueConstraint("submission_id", "copy"),
)

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
