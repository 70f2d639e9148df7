"""The call list: who was told by telephone."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("called_at", sa.DateTime(timezone=True)))
        outbox.create_index("ix_outbox_deadline", ["state", "not_after"])


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_index("ix_outbox_deadline")
        outbox.drop_column("called_at")
