"""Lists of tenants and homes that are handed in as files."""

import sqlalchemy as sa
from alembic import op

revision = "0150"
down_revision = "0170"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
COUNTS = ("size", "total", "good", "bad", "known", "reached", "taken")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "imports",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation_id", KEY),
        sa.Column("staff_id", sa.String(8), nullable=False, server_default=""),
        sa.Column("area", sa.String(32), nullable=False, server_default=""),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False, server_default=""),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False, server_default=""),
        sa.Column("file_index", sa.LargeBinary(16)),
        sa.Column("reference_sealed", sa.LargeBinary),
        *(sa.Column(name, sa.Integer, nullable=False, server_default="0") for name in COUNTS),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("claim", sa.Integer, nullable=False, server_default="0"),
        sa.Column("lease_until", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_state", "imports", ["state", "lease_until"])
    op.create_index("ix_imports_conversation_id", "imports", ["conversation_id", "id"])
    op.create_index("ix_imports_staff_id", "imports", ["staff_id", "id"])
    for name, sealed in (("import_pieces", "content_sealed"), ("import_lines", "lines_sealed")):
        op.create_table(
            name,
            sa.Column("import_id", KEY, nullable=False),
            sa.Column("number", sa.Integer, nullable=False),
            sa.Column(sealed, sa.LargeBinary, nullable=False),
            sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f(f"fk_{name}_import_id_imports")),
            sa.PrimaryKeyConstraint("import_id", "number", name=op.f(f"pk_{name}")),
        )
    op.create_index("ix_invitations_expires_at", "invitations", ["expires_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_invitations_expires_at", "invitations")
    for name in ("import_lines", "import_pieces", "imports"):
        op.drop_table(name)
