"""Until when leases run, for reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0171"
down_revision = "0200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "lease_days",
        sa.Column("submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_lease_days_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_lease_days")),
    )
    op.create_index("ix_lease_days_until_on", "lease_days", ["until_on", "submission_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("lease_days")
