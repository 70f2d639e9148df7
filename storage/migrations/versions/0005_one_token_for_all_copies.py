"""Platforms' access tokens, shared by all copies of the program."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "tokens",
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_tokens")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("tokens")
