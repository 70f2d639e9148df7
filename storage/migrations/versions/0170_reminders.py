"""Reminders, a row each."""

import sqlalchemy as sa
from alembic import op

revision = "0170"
down_revision = "0180"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
INDEXES = {
    "due": ["state", "due_at", "id"],
    "subject": ["entry", "subject"],
    "holder_id": ["holder_id", "state"],
    "conversation_id": ["conversation_id", "state"],
    "message_key": ["message_key"],
    "ended_at": ["ended_at"],
}


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "reminders",
        sa.Column("id", KEY, nullable=False),
        sa.Column("entry", sa.String(32), nullable=False),
        sa.Column("subject", KEY, nullable=False),
        sa.Column("offset_days", sa.SmallInteger(), nullable=False),
        sa.Column("origin", sa.String(8), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("remind_on", sa.Date(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("holder_id", sa.String(32), nullable=False),
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("made_up", sa.String(8), nullable=False),
        sa.Column("message_key", sa.String(64), nullable=False),
        sa.Column("tells", sa.SmallInteger(), nullable=False),
        sa.Column("open_key", sa.String(80)),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("open_key", name=op.f("uq_reminders_open_key")),
    )
    for name, columns in INDEXES.items():
        op.create_index(f"ix_reminders_{name}", "reminders", columns)


def downgrade() -> None:
    """Take it back."""
    op.drop_table("reminders")
