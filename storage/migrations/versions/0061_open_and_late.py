"""Those that are late are found without reading those that aren't."""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index("ix_submissions_due", "submissions", ["status", "due_on", "area"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_submissions_due", "submissions")
