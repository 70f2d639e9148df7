"""The account somebody prefers, whose message it is, what may still be sent to whom and how often."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("holders", sa.Column("prefers", sa.String(16), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("holder_id", sa.String(32), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("bundle", sa.String(32), nullable=False, server_default=""))
    op.create_index("ix_outbox_bundle", "outbox", ["bundle", "state"])
    op.create_table(
        "grants",
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("notices_left", sa.SmallInteger(), nullable=False),
        sa.Column("lasting", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "template", name=op.f("pk_grants")),
    )
    op.create_table(
        "quotas",
        sa.Column("name", sa.String(96), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "period", name=op.f("pk_quotas")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("quotas")
    op.drop_table("grants")
    op.drop_index("ix_outbox_bundle", "outbox")
    op.drop_column("outbox", "bundle")
    op.drop_column("outbox", "holder_id")
    op.drop_column("holders", "prefers")
