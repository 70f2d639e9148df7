"""People are found by their exact name."""

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward; the index is filled by the program, which has the keys."""
    op.add_column("people", sa.Column("name_index", sa.LargeBinary(16)))
    op.create_index("ix_people_name_index", "people", ["name_index"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_people_name_index", "people")
    op.drop_column("people", "name_index")
