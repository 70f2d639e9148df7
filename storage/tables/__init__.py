"""The tables, one file a family.

Columns ending in `_sealed` are encrypted, in `_index` keyed hashes; docs/data.md lists what is plain.
"""

from storage.tables.base import Instant, Key, metadata
from storage.tables.broadcasts import (
    audiences,
    broadcast_answers,
    broadcast_files,
    broadcast_lists,
    broadcast_rows,
    broadcast_steps,
    broadcasts,
    uploads,
)
from storage.tables.homes import areas, duties, home_codes, homes, invitations, rooms, tenancies, tenancy_steps
from storage.tables.imports import import_lines, import_pieces, imports
from storage.tables.notices import (
    law_counts,
    missed_searches,
    notice_campaigns,
    notice_readings,
    notice_rhythms,
    notice_rounds,
    quizzes,
)
from storage.tables.people import holders, people, privacy_requests
from storage.tables.permits import endorsements, permit_prospects, permit_steps, permits
from storage.tables.reminders import lease_days, reminders
from storage.tables.sending import attempts, grants, leases, outbox, postponed, quotas, tallies, tokens, topics_off
from storage.tables.staff import (
    audit,
    audit_head,
    sign_in_tries,
    staff,
    staff_chat_codes,
    staff_chats,
    staff_sessions,
    staff_setups,
)
from storage.tables.submissions import certificates, exports, files, history, submissions
from storage.tables.talks import conversations, hand_over_lines, hand_overs, link_codes, link_tries, messages
from storage.tables.visits import helps, visits

READ_BY_ACCOUNT = (notice_readings, quizzes)  # what goes with an account

__all__ = [
    "READ_BY_ACCOUNT",
    "Instant",
    "Key",
    "areas",
    "attempts",
    "audiences",
    "audit",
    "audit_head",
    "broadcast_answers",
    "broadcast_files",
    "broadcast_lists",
    "broadcast_rows",
    "broadcast_steps",
    "broadcasts",
    "certificates",
    "conversations",
    "duties",
    "endorsements",
    "exports",
    "files",
    "grants",
    "hand_over_lines",
    "hand_overs",
    "helps",
    "history",
    "holders",
    "home_codes",
    "homes",
    "import_lines",
    "import_pieces",
    "imports",
    "invitations",
    "law_counts",
    "lease_days",
    "leases",
    "link_codes",
    "link_tries",
    "messages",
    "metadata",
    "missed_searches",
    "notice_campaigns",
    "notice_readings",
    "notice_rhythms",
    "notice_rounds",
    "outbox",
    "people",
    "permit_prospects",
    "permit_steps",
    "permits",
    "postponed",
    "privacy_requests",
    "quizzes",
    "quotas",
    "reminders",
    "rooms",
    "sign_in_tries",
    "staff",
    "staff_chat_codes",
    "staff_chats",
    "staff_sessions",
    "staff_setups",
    "submissions",
    "tallies",
    "tenancies",
    "tenancy_steps",
    "tokens",
    "topics_off",
    "uploads",
    "visits",
]
