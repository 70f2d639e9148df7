"""Visits to homes, registrations helped with on the spot, and why a contradiction was settled so."""

import sqlalchemy as sa
from alembic import op

revision = "0140"
down_revision = "0160"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("tenancy_steps") as steps:
        steps.add_column(sa.Column("reason", sa.String(16), nullable=False, server_default=""))
        steps.add_column(sa.Column("words_sealed", sa.LargeBinary()))
    op.create_table(
        "visits",
        sa.Column("id", KEY, nullable=False),
        sa.Column("home", sa.String(16), nullable=False),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary()),
        sa.Column("visited_at", INSTANT, nullable=False),
        sa.Column("once", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["home"], ["homes.code"], name=op.f("fk_visits_home")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("once", name=op.f("uq_visits_once")),
    )
    op.create_index("ix_visits_home", "visits", ["home", "id"])
    op.create_table(
        "helps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("home", sa.String(16), nullable=False),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary()),
        sa.Column("draft", sa.String(32)),
        sa.Column("code_index", sa.LargeBinary(16)),
        sa.Column("code_sealed", sa.LargeBinary()),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("taken_at", INSTANT),
        sa.ForeignKeyConstraint(["home"], ["homes.code"], name=op.f("fk_helps_home")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_helps")),
        sa.UniqueConstraint("draft", name=op.f("uq_helps_draft")),
        sa.UniqueConstraint("code_index", name=op.f("uq_helps_code_index")),
    )
    op.create_index("ix_helps_home", "helps", ["home", "id"])
    op.create_index("ix_helps_state", "helps", ["state", "expires_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("helps")
    op.drop_table("visits")
    with op.batch_alter_table("tenancy_steps") as steps:
        steps.drop_column("words_sealed")
        steps.drop_column("reason")
