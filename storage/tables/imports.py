"""Lists that are handed in as files: how far each is, its content while it is read, its rows while they wait."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Table

from storage.tables.base import Instant, Key, metadata

imports = Table(
    "imports",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", Key),
    Column("staff_id", String(8), nullable=False, server_default=""),
    Column("area", String(32), nullable=False, server_default=""),
    Column("language", String(8), nullable=False),
    Column("kind", String(8), nullable=False, server_default=""),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False, server_default=""),
    Column("file_index", LargeBinary(16)),
    Column("reference_sealed", LargeBinary),
    Column("size", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("good", Integer, nullable=False, server_default="0"),
    Column("bad", Integer, nullable=False, server_default="0"),
    Column("known", Integer, nullable=False, server_default="0"),
    Column("reached", Integer, nullable=False, server_default="0"),
    Column("taken", Integer, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("claim", Integer, nullable=False, server_default="0"),
    Column("lease_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_imports_state", "state", "lease_until"),
    Index("ix_imports_conversation_id", "conversation_id", "id"),
    Index("ix_imports_staff_id", "staff_id", "id"),
)

import_pieces = Table(
    "import_pieces",
    metadata,
    Column("import_id", Key, ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content_sealed", LargeBinary, nullable=False),
)

# Rows together, as many as are written at a time; `number` is the place of the first one.
import_lines = Table(
    "import_lines",
    metadata,
    Column("import_id", Key, ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("lines_sealed", LargeBinary, nullable=False),
)
