"""What nobody answered, what was answered, what waits for the office and what is over is found by an index."""

from alembic import op

revision = "0410"
down_revision = "0300"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_hand_overs_why", "hand_overs", ["why", "id"]),
    ("ix_privacy_requests_answered_at", "privacy_requests", ["answered_at", "id"]),
    ("ix_homes_state", "homes", ["state", "area"]),
    ("ix_permit_prospects_waiting", "permit_prospects", ["state", "counted_by", "person_id"]),
    ("ix_link_codes_expires_at", "link_codes", ["expires_at"]),
    ("ix_link_tries_tried_at", "link_tries", ["tried_at"]),
)


def upgrade() -> None:
    """Bring the schema forward."""
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns, if_not_exists=True)


def downgrade() -> None:
    """Take it back."""
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table)
