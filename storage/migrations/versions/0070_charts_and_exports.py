"""What the charts are counted from, in one index; exports and how far they are."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0061"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = ["submitted_at", "area", "status", "kind", "channel", "education", "form", "decided_at", "person_id"]


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index("ix_submissions_statistics", "submissions", COUNTED)
    op.create_table(
        "exports",
        sa.Column("id", KEY, nullable=False),
        sa.Column("staff_id", sa.String(8), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_staff_id", "exports", ["staff_id", "id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("exports")
    op.drop_index("ix_submissions_statistics", "submissions")
