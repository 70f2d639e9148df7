"""Broadcasts: what is said to whom, who approved it, and what became of it for each person."""

import sqlalchemy as sa
from alembic import op

revision = "0190"
down_revision = "0150"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = (
    "broadcast_answers", "broadcast_files", "broadcast_lists", "broadcast_rows", "broadcast_steps", "broadcasts",
    "audiences",
)  # fmt: skip


def upgrade() -> None:
    """Bring the schema forward; what people work at and live in is filled in by the program, some at a time."""
    op.add_column("outbox", sa.Column("broadcast_id", KEY))
    op.add_column("outbox", sa.Column("recipient_id", KEY))
    op.create_index("ix_outbox_broadcast", "outbox", ["broadcast_id", "state", "channel", "bundle", "due_at"])
    op.add_column("submissions", sa.Column("industry", sa.String(16)))
    op.add_column("submissions", sa.Column("stay_kind", sa.String(16)))
    op.create_table(
        "broadcasts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("author", sa.String(8), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("audience_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("starts_at", INSTANT),
        sa.Column("not_after", INSTANT),
        sa.Column("tested", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("approved_by", sa.String(8), nullable=False, server_default=""),
        sa.Column("frozen_to", KEY, nullable=False, server_default="0"),
        sa.Column("total", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("begun_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_index("ix_broadcasts_state", "broadcasts", ["state", "id"])
    op.create_table(
        "broadcast_steps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("broadcast_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("went_to", sa.String(16), nullable=False),
        sa.Column("staff_id", sa.String(8), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary()),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_steps_broadcast_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_steps")),
    )
    op.create_index("ix_broadcast_steps_broadcast_id", "broadcast_steps", ["broadcast_id", "id"])
    op.create_table(
        "broadcast_rows",
        sa.Column("id", KEY, nullable=False),
        sa.Column("broadcast_id", KEY, nullable=False),
        sa.Column("person", sa.String(34), nullable=False),
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False, server_default=""),
        sa.Column("round", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("sent_at", INSTANT),
        sa.Column("read_at", INSTANT),
        sa.Column("answered_at", INSTANT),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_rows_broadcast_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_rows")),
        sa.UniqueConstraint("broadcast_id", "person", name=op.f("uq_broadcast_rows_broadcast_id_person")),
    )
    op.create_index("ix_broadcast_rows_person", "broadcast_rows", ["person", "id"])
    op.create_index("ix_broadcast_rows_state", "broadcast_rows", ["broadcast_id", "state", "channel", "reason", "id"])
    op.create_table(
        "broadcast_answers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("broadcast_id", KEY, nullable=False),
        sa.Column("row_id", KEY, nullable=False),
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_answers_broadcast_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_answers")),
    )
    op.create_index("ix_broadcast_answers_broadcast_id", "broadcast_answers", ["broadcast_id", "id"])
    op.create_index("ix_broadcast_answers_conversation_id", "broadcast_answers", ["conversation_id"])
    op.create_table(
        "broadcast_lists",
        sa.Column("broadcast_id", KEY, nullable=False),
        sa.Column("submission_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_lists_broadcast_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_broadcast_lists_submission_id")),
        sa.PrimaryKeyConstraint("broadcast_id", "submission_id", name=op.f("pk_broadcast_lists")),
    )
    op.create_table(
        "broadcast_files",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("broadcast_id", KEY, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.String(32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_files_broadcast_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_broadcast_files")),
    )
    op.create_index("ix_broadcast_files_broadcast_id", "broadcast_files", ["broadcast_id"])
    op.create_table(
        "audiences",
        sa.Column("id", KEY, nullable=False),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("author", sa.String(8), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("audience_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audiences")),
    )


def downgrade() -> None:
    """Take it back."""
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("submissions") as submissions:
        submissions.drop_column("stay_kind")
        submissions.drop_column("industry")
    op.drop_index("ix_outbox_broadcast", "outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("recipient_id")
        outbox.drop_column("broadcast_id")
