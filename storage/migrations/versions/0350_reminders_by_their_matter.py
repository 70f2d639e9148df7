"""What stands for a day is answered by an index alone, so that the daily plan reads no reminder's row for it.

The index by entry and subject alone stays for copies of the release before; a later release drops it.
"""

from alembic import op

revision = "0350"
down_revision = "0370"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index("ix_reminders_matter", "reminders", ["entry", "subject", "due_on", "state"], if_not_exists=True)


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_reminders_matter", "reminders")
