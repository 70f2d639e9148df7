"""Indexes over what is still open, so that a long history holds nothing up.

The old index of the outbox stays for copies of the release before, which choose by it; a later release drops it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0200"
down_revision = "0190"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, Any]:
    """Of an index of some rows; who built it by hand beforehand is not asked to again."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition), "if_not_exists": True}


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index(
        "ix_outbox_open", "outbox", ["channel", "state", "priority", "due_at"], **_where("ended_at IS NULL")
    )
    op.create_index("ix_outbox_ended", "outbox", ["state", "ended_at", "channel", "kind"], if_not_exists=True)
    op.create_index("ix_attempts_unknown", "attempts", ["outbox_id"], **_where("outcome = 'unknown'"))
    op.create_index("ix_duties_undated", "duties", ["id"], **_where("rolled_on IS NULL"))
    op.create_index("ix_tenancies_state", "tenancies", ["state", "id"], if_not_exists=True)
    op.create_index("ix_submissions_uncoarse", "submissions", ["id"], **_where("industry IS NULL"))


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_submissions_uncoarse", "submissions")
    op.drop_index("ix_tenancies_state", "tenancies")
    op.drop_index("ix_duties_undated", "duties")
    op.drop_index("ix_attempts_unknown", "attempts")
    op.drop_index("ix_outbox_ended", "outbox")
    op.drop_index("ix_outbox_open", "outbox")
