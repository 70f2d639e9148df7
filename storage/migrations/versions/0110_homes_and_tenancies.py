"""Homes with rooms, codes that are replaced, and tenancies with what each side says."""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0100"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
INDEX = sa.LargeBinary(16)


def upgrade() -> None:
    """Bring the schema forward; a home that is there already is confirmed, and its code stays good."""
    with op.batch_alter_table("homes") as homes:
        homes.add_column(sa.Column("draft", sa.String(32)))
        homes.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default=""))
        homes.add_column(sa.Column("capacity", sa.SmallInteger()))
        homes.add_column(sa.Column("state", sa.String(16), nullable=False, server_default="confirmed"))
        homes.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
        homes.add_column(sa.Column("acts_as", sa.String(16), nullable=False, server_default=""))
        homes.add_column(sa.Column("owner_kind", sa.String(16), nullable=False, server_default=""))
        homes.add_column(sa.Column("holder_id", sa.String(32), nullable=False, server_default=""))
        homes.add_column(sa.Column("owner_sealed", sa.LargeBinary()))
        homes.add_column(sa.Column("home_index", INDEX))
        homes.add_column(sa.Column("decided_at", INSTANT))
        homes.create_unique_constraint(op.f("uq_homes_draft"), ["draft"])
        homes.create_index("ix_homes_area", ["area", "state"])
        homes.create_index("ix_homes_holder_id", ["holder_id"])
        homes.create_index("ix_homes_home_index", ["home_index"])
    _rooms_and_codes()
    _tenancies()
    _invitations_and_duties()


def _rooms_and_codes() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", KEY, nullable=False),
        sa.Column("home", sa.String(16), nullable=False),
        sa.Column("name_index", INDEX, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["home"], ["homes.code"], name=op.f("fk_rooms_home")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("home", "name_index", name=op.f("uq_rooms_home_name_index")),
    )
    op.create_table(
        "home_codes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("home", sa.String(16), nullable=False),
        sa.Column("room_id", KEY),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT),
        sa.ForeignKeyConstraint(["home"], ["homes.code"], name=op.f("fk_home_codes_home")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_home_codes_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_home_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_home_codes_code")),
    )
    op.create_index("ix_home_codes_home", "home_codes", ["home", "room_id"])
    op.execute("INSERT INTO home_codes (code, home, created_at) SELECT code, code, created_at FROM homes")


def _tenancies() -> None:
    op.create_table(
        "tenancies",
        sa.Column("id", KEY, nullable=False),
        sa.Column("home", sa.String(16), nullable=False),
        sa.Column("room_id", KEY),
        sa.Column("area", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("acts_as", sa.String(16), nullable=False, server_default=""),
        sa.Column("holder_id", sa.String(32), nullable=False, server_default=""),
        sa.Column("person_id", KEY),
        sa.Column("submission_id", KEY),
        sa.Column("tenant_says", sa.String(16), nullable=False, server_default=""),
        sa.Column("since_on", sa.Date()),
        sa.Column("claimed_at", INSTANT),
        sa.Column("reported_by", sa.String(32), nullable=False, server_default=""),
        sa.Column("landlord_says", sa.String(16), nullable=False, server_default=""),
        sa.Column("moved_in_on", sa.Date()),
        sa.Column("reported_at", INSTANT),
        sa.Column("reported_sealed", sa.LargeBinary()),
        sa.Column("left_on", sa.Date()),
        sa.Column("leaving_by", sa.String(16), nullable=False, server_default=""),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("open_person", KEY),
        sa.Column("open_report", INDEX),
        sa.ForeignKeyConstraint(["home"], ["homes.code"], name=op.f("fk_tenancies_home")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_tenancies_person_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_tenancies_room_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_tenancies_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenancies")),
        sa.UniqueConstraint("home", "open_person", name=op.f("uq_tenancies_home_open_person")),
        sa.UniqueConstraint("home", "open_report", name=op.f("uq_tenancies_home_open_report")),
    )
    op.create_index("ix_tenancies_area", "tenancies", ["area", "state", "id"])
    op.create_index("ix_tenancies_holder_id", "tenancies", ["holder_id"])
    op.create_index("ix_tenancies_person_id", "tenancies", ["person_id"])
    op.create_table(
        "tenancy_steps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("tenancy_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("came_from", sa.String(16), nullable=False),
        sa.Column("went_to", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(8), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False, server_default=""),
        sa.Column("says", sa.String(16), nullable=False, server_default=""),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["tenancy_id"], ["tenancies.id"], name=op.f("fk_tenancy_steps_tenancy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenancy_steps")),
        sa.UniqueConstraint("tenancy_id", "version", name=op.f("uq_tenancy_steps_tenancy_id_version")),
    )


def _invitations_and_duties() -> None:
    op.create_table(
        "invitations",
        sa.Column("code_index", INDEX, nullable=False),
        sa.Column("tenancy_id", KEY, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.ForeignKeyConstraint(["tenancy_id"], ["tenancies.id"], name=op.f("fk_invitations_tenancy_id")),
        sa.PrimaryKeyConstraint("code_index", name=op.f("pk_invitations")),
    )
    op.create_index("ix_invitations_tenancy_id", "invitations", ["tenancy_id"])
    op.create_table(
        "duties",
        sa.Column("id", KEY, nullable=False),
        sa.Column("tenancy_id", KEY, nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("holder_id", sa.String(32), nullable=False),
        sa.Column("event", sa.String(8), nullable=False),
        sa.Column("event_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("rolled_on", sa.Date()),
        sa.Column("safe_on", sa.Date(), nullable=False),
        sa.Column("done_at", INSTANT),
        sa.Column("in_time", sa.Boolean()),
        sa.ForeignKeyConstraint(["tenancy_id"], ["tenancies.id"], name=op.f("fk_duties_tenancy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
        sa.UniqueConstraint("tenancy_id", "event", name=op.f("uq_duties_tenancy_id_event")),
    )
    op.create_index("ix_duties_due_on", "duties", ["done_at", "due_on"])


def downgrade() -> None:
    """Take it back."""
    for table in ("duties", "invitations", "tenancy_steps", "tenancies", "home_codes", "rooms"):
        op.drop_table(table)
    with op.batch_alter_table("homes") as homes:
        for index in ("ix_homes_home_index", "ix_homes_holder_id", "ix_homes_area"):
            homes.drop_index(index)
        homes.drop_constraint(op.f("uq_homes_draft"), type_="unique")
        for column in ("draft", "kind", "capacity", "state", "version", "acts_as", "owner_kind", "holder_id",
                       "owner_sealed", "home_index", "decided_at"):  # fmt: skip
            homes.drop_column(column)
