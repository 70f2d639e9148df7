"""The way of a submission: who reviews it, what it changes, its history, and what hints are found by."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW = ("kind", "former_id", "version", "reviewer", "lease_until", "phone_index", "home_index")
INDEXES = {
    "ix_submissions_area": ["area", "status", "id"],
    "ix_submissions_reviewer": ["reviewer", "status"],
    "ix_submissions_phone_index": ["phone_index"],
    "ix_submissions_home_index": ["home_index"],
}


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("submissions") as submissions:
        submissions.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="registration"))
        submissions.add_column(sa.Column("former_id", KEY))
        submissions.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        submissions.add_column(sa.Column("reviewer", sa.String(32), nullable=False, server_default=""))
        submissions.add_column(sa.Column("lease_until", sa.DateTime(timezone=True)))
        submissions.add_column(sa.Column("phone_index", sa.LargeBinary(16)))
        submissions.add_column(sa.Column("home_index", sa.LargeBinary(16)))
        for name, columns in INDEXES.items():
            submissions.create_index(name, columns)
    op.create_table(
        "history",
        sa.Column("id", KEY, nullable=False),
        sa.Column("submission_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("came_from", sa.String(16), nullable=False),
        sa.Column("went_to", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(8), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_history_submission_id_submissions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint("submission_id", "version", name=op.f("uq_history_submission_id_version")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("history")
    with op.batch_alter_table("submissions") as submissions:
        for name in INDEXES:
            submissions.drop_index(name)
        for name in reversed(NEW):
            submissions.drop_column(name)
