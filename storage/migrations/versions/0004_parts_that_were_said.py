"""How many parts of a long message have been said, so that the rest goes on from there."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("said", sa.SmallInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("said")
