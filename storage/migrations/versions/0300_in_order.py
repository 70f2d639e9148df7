"""The outbox's messages that leave by themselves, in the order in which they do: none has to be sorted first."""

import sqlalchemy as sa
from alembic import op

revision = "0300"
down_revision = "0350"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    condition = sa.text("ended_at IS NULL AND bundle = ''")
    op.create_index(
        "ix_outbox_leaving",
        "outbox",
        ["channel", "state", "priority", "due_at", "id"],
        sqlite_where=condition,
        postgresql_where=condition,
        if_not_exists=True,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_outbox_leaving", "outbox")
