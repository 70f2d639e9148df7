"""Hand-overs that nobody answered, and requests about data that were, are found by an index of their own."""

from alembic import op

revision = "0410"
down_revision = "0300"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index("ix_hand_overs_why", "hand_overs", ["why", "id"], if_not_exists=True)
    op.create_index("ix_privacy_requests_answered_at", "privacy_requests", ["answered_at", "id"], if_not_exists=True)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_privacy_requests_answered_at", "privacy_requests")
    op.drop_index("ix_hand_overs_why", "hand_overs")
