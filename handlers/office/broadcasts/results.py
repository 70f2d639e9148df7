"""Results of a broadcast that leave the house."""

from datetime import datetime

from storage import audit
from storage.audit import Act, Subject, Who
from storage.broadcasts import Broadcast
from storage.staff import Member
from storage.unit import Unit


def note_export(unit: Unit, member: Member, broadcast: Broadcast, form: str, now: datetime) -> None:
    """Whoever takes them along stands in the audit log."""
    subject, details = Subject("broadcast", str(broadcast.id)), {"rows": broadcast.total, "format": form}
    audit.append(unit, Act(Who("staff", member.code), "exported", subject, details=details), now)
