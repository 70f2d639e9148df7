"""What a platform keeps of a broadcast's picture or document, so that it is uploaded once for all."""

import sqlalchemy as sa
from alembic import op

revision = "0370"
down_revision = "0171"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "uploads",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("platform_id", sa.String(512), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("code", "account", name=op.f("pk_uploads")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("uploads")
