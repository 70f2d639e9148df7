"""Residence permits: who may apply for one and from when, the permits, their way, their endorsements."""

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0130"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
INDEX = sa.LargeBinary(16)
DAYS = (
    "accepted_on", "issue_by_on", "issue_late_after", "issued_on", "valid_from", "endorse_from_on", "endorse_by_on",
    "endorsed_until", "ready_on", "handed_out_on", "suspended_on", "restored_on", "counts_from", "ended_on",
)  # fmt: skip
BY_DAY = ("issue_by_on", "endorse_from_on", "endorse_by_on", "endorsed_until", "suspended_on")


def upgrade() -> None:
    """Bring the schema forward."""
    _prospects()
    _permits()
    _steps()
    _endorsements()


def _prospects() -> None:
    op.create_table(
        "permit_prospects",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("holder_id", sa.String(32), nullable=False),
        sa.Column("submission_id", KEY, nullable=False),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("residence_from", sa.Date(), nullable=False),
        sa.Column("eligible_on", sa.Date(), nullable=False),
        sa.Column("counted_by", sa.String(32), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_permit_prospects_person_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_permit_prospects_submission_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_permit_prospects")),
    )
    op.create_index("ix_permit_prospects_state", "permit_prospects", ["state", "eligible_on", "person_id"])
    op.create_index("ix_permit_prospects_holder_id", "permit_prospects", ["holder_id"])
    op.create_index("ix_permit_prospects_counted_by", "permit_prospects", ["counted_by", "person_id"])


def _permits() -> None:
    op.create_table(
        "permits",
        sa.Column("id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("holder_id", sa.String(32), nullable=False, server_default=""),
        sa.Column("submission_id", KEY),
        sa.Column("replacement_id", KEY),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary()),
        sa.Column("number_index", INDEX),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("card", sa.String(16), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("pick_up", sa.String(32), nullable=False, server_default=""),
        *(sa.Column(day, sa.Date()) for day in DAYS),
        sa.Column("left_out_days", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("end_reason", sa.String(32), nullable=False, server_default=""),
        sa.Column("counted_by", sa.String(32), nullable=False, server_default=""),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("open_person", KEY),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_permits_person_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_permits_submission_id")),
        sa.ForeignKeyConstraint(["replacement_id"], ["submissions.id"], name=op.f("fk_permits_replacement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permits")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_permits_submission_id")),
        sa.UniqueConstraint("number_index", name=op.f("uq_permits_number_index")),
        sa.UniqueConstraint("open_person", name=op.f("uq_permits_open_person")),
    )
    op.create_index("ix_permits_person_id", "permits", ["person_id"])
    op.create_index("ix_permits_holder_id", "permits", ["holder_id"])
    op.create_index("ix_permits_area", "permits", ["area", "state", "id"])
    op.create_index("ix_permits_state", "permits", ["state", "id"])
    for day in BY_DAY:
        op.create_index(f"ix_permits_{day}", "permits", ["state", day, "id"])
    op.create_index("ix_permits_ready_on", "permits", ["card", "ready_on", "id"])
    op.create_index("ix_permits_counted_by", "permits", ["state", "counted_by", "id"])


def _steps() -> None:
    op.create_table(
        "permit_steps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("permit_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(8), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False, server_default=""),
        sa.Column("reason", sa.String(32), nullable=False, server_default=""),
        sa.Column("submission_id", KEY),
        sa.Column("day", sa.Date()),
        sa.Column("note_sealed", sa.LargeBinary()),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["permit_id"], ["permits.id"], name=op.f("fk_permit_steps_permit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permit_steps")),
        sa.UniqueConstraint("permit_id", "version", name=op.f("uq_permit_steps_permit_id_version")),
    )


def _endorsements() -> None:
    op.create_table(
        "endorsements",
        sa.Column("id", KEY, nullable=False),
        sa.Column("permit_id", KEY, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("endorsed_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("suspended_from", sa.Date()),
        sa.Column("suspended_until", sa.Date()),
        sa.Column("submission_id", KEY),
        sa.Column("staff_id", sa.String(32), nullable=False, server_default=""),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["permit_id"], ["permits.id"], name=op.f("fk_endorsements_permit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsements")),
        sa.UniqueConstraint("permit_id", "due_on", name=op.f("uq_endorsements_permit_id_due_on")),
    )


def downgrade() -> None:
    """Take it back."""
    for table in ("endorsements", "permit_steps", "permits", "permit_prospects"):
        op.drop_table(table)
