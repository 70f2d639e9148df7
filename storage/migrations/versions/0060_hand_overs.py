"""Hand-overs to the staff in place of mere requests for a person; tries at staff codes."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0030"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
EARLIER_REQUESTS = """
INSERT INTO hand_overs (conversation_id, area, step, asked_at, silent_until, ended_at, why)
SELECT conversation_id, '', step, asked_at, asked_at, asked_at, 'no_answer' FROM requests_for_a_person
"""


def upgrade() -> None:
    """Bring the schema forward; whoever asked before stands among those whom nobody has answered."""
    op.create_table(
        "hand_overs",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("waits_since", INSTANT),
        sa.Column("silent_until", INSTANT, nullable=False),
        sa.Column("taken_by", sa.String(8), nullable=False, server_default=""),
        sa.Column("taken_at", INSTANT),
        sa.Column("said_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("why", sa.String(16), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    op.create_index("ix_hand_overs_conversation_id", "hand_overs", ["conversation_id", "id"])
    op.create_index("ix_hand_overs_ended_at", "hand_overs", ["ended_at", "silent_until"])
    op.create_table(
        "hand_over_lines",
        sa.Column("id", KEY, nullable=False),
        sa.Column("hand_over_id", KEY, nullable=False),
        sa.Column("author", sa.String(8), nullable=False),
        sa.Column("staff_code", sa.String(8), nullable=False, server_default=""),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("said_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("once_key", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["hand_over_id"], ["hand_overs.id"], name=op.f("fk_hand_over_lines_hand_over_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over_lines")),
        sa.UniqueConstraint("hand_over_id", "once_key", name=op.f("uq_hand_over_lines_hand_over_id_once_key")),
    )
    op.add_column("conversations", sa.Column("hand_over", KEY))
    op.add_column("link_tries", sa.Column("kind", sa.String(8), nullable=False, server_default="link"))
    op.execute(EARLIER_REQUESTS)
    op.drop_table("requests_for_a_person")


def downgrade() -> None:
    """Take it back; of each account the last request stays."""
    op.create_table(
        "requests_for_a_person",
        sa.Column("conversation_id", KEY, nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_requests_for_a_person")),
    )
    op.execute(
        "INSERT INTO requests_for_a_person SELECT conversation_id, step, asked_at FROM hand_overs WHERE id IN "
        "(SELECT max(id) FROM hand_overs GROUP BY conversation_id)"
    )
    op.drop_column("link_tries", "kind")
    op.drop_column("conversations", "hand_over")
    op.drop_table("hand_over_lines")
    op.drop_table("hand_overs")
