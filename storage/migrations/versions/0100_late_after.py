"""When an acting person is late, apart from the day they are told; and what waits for a year's holidays."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward; the open ones with a deadline (0) are counted anew by the program."""
    with op.batch_alter_table("submissions") as submissions:
        submissions.add_column(sa.Column("late_after", sa.Date()))
        submissions.add_column(sa.Column("holidays_of", sa.Integer()))
        submissions.drop_index("ix_submissions_due")
        submissions.create_index("ix_submissions_late", ["status", "late_after", "area"])
        submissions.create_index("ix_submissions_holidays_of", ["holidays_of", "id"])
    op.execute(
        "UPDATE submissions SET holidays_of = 0 "
        "WHERE arrived_on IS NOT NULL AND status IN ('received', 'in_review', 'needs_answers')"
    )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("submissions") as submissions:
        submissions.drop_index("ix_submissions_holidays_of")
        submissions.drop_index("ix_submissions_late")
        submissions.create_index("ix_submissions_due", ["status", "due_on", "area"])
        submissions.drop_column("holidays_of")
        submissions.drop_column("late_after")
