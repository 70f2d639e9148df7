"""Exact delivery: attempts, leases, windows, topics."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("conversations") as conversations:
        conversations.add_column(sa.Column("reach", sa.String(16), nullable=False, server_default="reachable"))
        conversations.add_column(sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
        conversations.add_column(sa.Column("window_left", sa.SmallInteger(), nullable=False, server_default="0"))
        conversations.add_column(sa.Column("window_until", INSTANT))
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("priority", sa.SmallInteger(), nullable=False, server_default="0"))
        outbox.add_column(sa.Column("topic", sa.String(16), nullable=False, server_default=""))
        outbox.add_column(sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
        outbox.add_column(sa.Column("unknown", sa.SmallInteger(), nullable=False, server_default="0"))
        for name in ("not_after", "started_at", "accepted_at"):
            outbox.add_column(sa.Column(name, INSTANT))
        outbox.add_column(sa.Column("platform_id", sa.String(64)))
        outbox.drop_index("ix_outbox_state")
        outbox.create_index("ix_outbox_due", ["channel", "state", "priority", "due_at"])
        outbox.create_index("ix_outbox_platform_id", ["platform_id"])
    op.create_table(
        "attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("outbox_id", KEY, nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("outbox_id", "number", name=op.f("uq_attempts_outbox_id_number")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "topics_off",
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("topic", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "topic", name=op.f("pk_topics_off")),
    )


def downgrade() -> None:
    """Take it back."""
    for table in ("topics_off", "leases", "attempts"):
        op.drop_table(table)
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_index("ix_outbox_platform_id")
        outbox.drop_index("ix_outbox_due")
        outbox.create_index("ix_outbox_state", ["state", "channel", "due_at"])
        for name in ("platform_id", "accepted_at", "started_at", "not_after", "unknown", "urgent", "topic", "priority"):
            outbox.drop_column(name)
    with op.batch_alter_table("conversations") as conversations:
        for name in ("window_until", "window_left", "held", "reach"):
            conversations.drop_column(name)
