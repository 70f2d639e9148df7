"""What people ask about their data and an office answers."""

import sqlalchemy as sa
from alembic import op

revision = "0130"
down_revision = "0121"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "privacy_requests",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary),
        sa.Column("answered_by", sa.String(8), nullable=False, server_default=""),
        sa.Column("answered_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_requests")),
    )
    op.create_index("ix_privacy_requests_state", "privacy_requests", ["state", "id"])
    op.create_index("ix_privacy_requests_conversation_id", "privacy_requests", ["conversation_id", "state"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("privacy_requests")
