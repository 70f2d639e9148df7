"""Chat accounts that belong to members of the staff, and the codes that link them."""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0110"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "staff_chats",
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("staff_id", KEY, nullable=False),
        sa.Column("linked_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_chats_staff_id")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_staff_chats")),
    )
    op.create_index("ix_staff_chats_staff_id", "staff_chats", ["staff_id"])
    op.create_table(
        "staff_chat_codes",
        sa.Column("code_index", sa.LargeBinary(16), nullable=False),
        sa.Column("staff_id", KEY, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_chat_codes_staff_id")),
        sa.PrimaryKeyConstraint("code_index", name=op.f("pk_staff_chat_codes")),
    )
    op.create_index("ix_staff_chat_codes_staff_id", "staff_chat_codes", ["staff_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("staff_chat_codes")
    op.drop_table("staff_chats")
