"""Residence permits with their way and endorsements, and who may apply for one from which day."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from storage.tables.base import Instant, Key, metadata

# One row for each person who is registered and has no permit: from which day they may apply for one.
permit_prospects = Table(
    "permit_prospects",
    metadata,
    Column("person_id", Key, ForeignKey("people.id"), primary_key=True),
    Column("holder_id", String(32), nullable=False),
    Column("submission_id", Key, ForeignKey("submissions.id"), nullable=False),
    Column("area", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("residence_from", Date, nullable=False),
    Column("eligible_on", Date, nullable=False),
    Column("counted_by", String(32), nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_permit_prospects_state", "state", "eligible_on", "person_id"),
    Index("ix_permit_prospects_holder_id", "holder_id"),
    Index("ix_permit_prospects_counted_by", "counted_by", "person_id"),  # until no copy of the release before it runs
    Index("ix_permit_prospects_waiting", "state", "counted_by", "person_id"),
)

permits = Table(
    "permits",
    metadata,
    Column("id", Key, primary_key=True),
    Column("person_id", Key, ForeignKey("people.id"), nullable=False),
    Column("holder_id", String(32), nullable=False, server_default=""),
    # The application; empty for a permit of before, which the staff brought in.
    Column("submission_id", Key, ForeignKey("submissions.id"), unique=True),
    # The replacement that is being made, while it is.
    Column("replacement_id", Key, ForeignKey("submissions.id")),
    Column("area", String(32), nullable=False),
    Column("number_sealed", LargeBinary),
    Column("number_index", LargeBinary(16), unique=True),
    Column("state", String(16), nullable=False),
    Column("card", String(16), nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("pick_up", String(32), nullable=False, server_default=""),
    Column("accepted_on", Date),
    Column("issue_by_on", Date),
    Column("issue_late_after", Date),
    Column("issued_on", Date),
    Column("valid_from", Date),
    Column("endorse_from_on", Date),
    Column("endorse_by_on", Date),
    Column("endorsed_until", Date),
    Column("ready_on", Date),
    Column("handed_out_on", Date),
    Column("suspended_on", Date),
    Column("restored_on", Date),
    Column("left_out_days", Integer, nullable=False, server_default="0"),
    Column("counts_from", Date),
    Column("ended_on", Date),
    Column("end_reason", String(32), nullable=False, server_default=""),
    Column("counted_by", String(32), nullable=False, server_default=""),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    # Empty once it has ended, so that somebody may apply anew.
    Column("open_person", Key, unique=True),
    Index("ix_permits_person_id", "person_id"),
    Index("ix_permits_holder_id", "holder_id"),
    Index("ix_permits_area", "area", "state", "id"),
    Index("ix_permits_state", "state", "id"),
    Index("ix_permits_issue_by_on", "state", "issue_by_on", "id"),
    Index("ix_permits_endorse_from_on", "state", "endorse_from_on", "id"),
    Index("ix_permits_endorse_by_on", "state", "endorse_by_on", "id"),
    Index("ix_permits_endorsed_until", "state", "endorsed_until", "id"),
    Index("ix_permits_suspended_on", "state", "suspended_on", "id"),
    Index("ix_permits_ready_on", "card", "ready_on", "id"),
    Index("ix_permits_counted_by", "state", "counted_by", "id"),
)

permit_steps = Table(
    "permit_steps",
    metadata,
    Column("id", Key, primary_key=True),
    Column("permit_id", Key, ForeignKey("permits.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("step", String(16), nullable=False),
    Column("actor", String(8), nullable=False),
    Column("staff_id", String(32), nullable=False, server_default=""),
    Column("reason", String(32), nullable=False, server_default=""),
    Column("submission_id", Key),
    Column("day", Date),
    Column("note_sealed", LargeBinary),
    Column("at", Instant, nullable=False),
    UniqueConstraint("permit_id", "version"),
)

endorsements = Table(
    "endorsements",
    metadata,
    Column("id", Key, primary_key=True),
    Column("permit_id", Key, ForeignKey("permits.id"), nullable=False),
    # The anniversary that it was due for.
    Column("due_on", Date, nullable=False),
    Column("endorsed_on", Date, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("suspended_from", Date),
    Column("suspended_until", Date),
    Column("submission_id", Key),
    Column("staff_id", String(32), nullable=False, server_default=""),
    Column("at", Instant, nullable=False),
    UniqueConstraint("permit_id", "due_on"),
)
