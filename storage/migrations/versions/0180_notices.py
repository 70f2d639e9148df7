"""The law made known: readings, rhythm, rounds, campaigns, quizzes, counts, searches without result."""

import sqlalchemy as sa
from alembic import op

revision = "0180"
down_revision = "0140"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema forward."""
    _readings()
    _rhythm()
    op.create_table(
        "quizzes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("notices", sa.Text, nullable=False),
        sa.Column("answers", sa.String(16), nullable=False),
        sa.Column("right_answers", sa.SmallInteger, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quizzes")),
    )
    op.create_index("ix_quizzes_conversation_id", "quizzes", ["conversation_id", "id"])
    _counts()


def downgrade() -> None:
    """Take it back."""
    for table in (
        "missed_searches", "law_counts", "quizzes", "notice_campaigns", "notice_rounds", "notice_rhythms",
        "notice_readings",
    ):  # fmt: skip
        op.drop_table(table)


def _readings() -> None:
    op.create_table(
        "notice_readings",
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("notice", sa.String(40), nullable=False),
        sa.Column("once_key", sa.String(64), nullable=False, server_default=""),
        sa.Column("pushed_at", INSTANT),
        sa.Column("sent_at", INSTANT),
        sa.Column("read_at", INSTANT),
        sa.PrimaryKeyConstraint("conversation_id", "notice", name=op.f("pk_notice_readings")),
    )
    op.create_index("ix_notice_readings_sent_at", "notice_readings", ["read_at", "sent_at"])


def _rhythm() -> None:
    op.create_table(
        "notice_rhythms",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("cron", sa.String(64), nullable=False),
        sa.Column("is_on", sa.Boolean, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_notice_rhythms")),
    )
    op.create_table(
        "notice_rounds",
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("reached", KEY, nullable=False),
        sa.Column("told", sa.Integer, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("begun_at", name=op.f("pk_notice_rounds")),
    )
    op.create_table(
        "notice_campaigns",
        sa.Column("id", KEY, nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("notices", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("begins_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_campaigns")),
    )
    op.create_index("ix_notice_campaigns_state", "notice_campaigns", ["state", "ends_on"])


def _counts() -> None:
    op.create_table(
        "law_counts",
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("on_day", "what", "name", name=op.f("pk_law_counts")),
    )
    op.create_table(
        "missed_searches",
        sa.Column("id", KEY, nullable=False),
        sa.Column("words_index", sa.LargeBinary(16), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_searches")),
        sa.UniqueConstraint("words_index", name=op.f("uq_missed_searches_words_index")),
    )
    op.create_index("ix_missed_searches_last_at", "missed_searches", ["last_at"])
