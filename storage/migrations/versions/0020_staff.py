"""The staff: accounts, sessions, set-up links, and tries at signing in."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "staff",
        sa.Column("id", key, nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("login_index", sa.LargeBinary(16), nullable=False),
        sa.Column("profile_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("password_sealed", sa.LargeBinary()),
        sa.Column("totp_sealed", sa.LargeBinary()),
        sa.Column("totp_since_at", instant),
        sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("disabled_at", instant),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("code", name=op.f("uq_staff_code")),
        sa.UniqueConstraint("login_index", name=op.f("uq_staff_login_index")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_index", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_id", key, nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id")),
        sa.PrimaryKeyConstraint("token_index", name=op.f("pk_staff_sessions")),
    )
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"])
    op.create_index("ix_staff_sessions_created_at", "staff_sessions", ["created_at"])
    op.create_table(
        "staff_setups",
        sa.Column("token_index", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_id", key, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_setups_staff_id")),
        sa.PrimaryKeyConstraint("token_index", name=op.f("pk_staff_setups")),
    )
    op.create_index("ix_staff_setups_staff_id", "staff_setups", ["staff_id"])
    op.create_table(
        "sign_in_tries",
        sa.Column("subject_index", sa.LargeBinary(16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tried_at", instant, nullable=False),
        sa.Column("locked_until", instant),
        sa.PrimaryKeyConstraint("subject_index", name=op.f("pk_sign_in_tries")),
    )
    op.create_index("ix_sign_in_tries_tried_at", "sign_in_tries", ["tried_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("sign_in_tries")
    op.drop_table("staff_setups")
    op.drop_table("staff_sessions")
    op.drop_table("staff")
