"""Everything stored about one person's accounts: to show, to take along, to erase."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select

from storage import (
    broadcast_people,
    certificates,
    conversations,
    endorsements,
    hand_overs,
    homes,
    imports,
    permits,
    privacy_requests,
    prospects,
    quizzes,
    readings,
    tables,
    taken_out,
    tenancies,
    topics,
)
from storage.audit import Entry, Subject, about
from storage.conversations import ANSWERED, find
from storage.matters import packed
from storage.records import Conversation
from storage.submissions import of_holder
from storage.unit import Unit

EVERYTHING = 10_000

_submissions = tables.submissions.c
_outbox = tables.outbox.c


def numbers(unit: Unit, holder_id: str) -> tuple[str, ...]:
    """The numbers of what was sent from a holder's accounts."""
    sent = select(_submissions.number).where(_submissions.holder_id == holder_id).order_by(_submissions.id)
    return tuple(unit.execute(sent).scalars())


def subjects(unit: Unit, holder_id: str) -> tuple[Subject, ...]:
    """What of the audit log is about a holder: what they sent, the people they were the first to register, accounts.

    A person whom somebody else had registered before is not theirs to ask about.
    """
    columns = (_submissions.id, _submissions.person_id, _submissions.already_registered)
    sent = unit.execute(select(*columns).where(_submissions.holder_id == holder_id)).all()
    people = {row.person_id for row in sent if not row.already_registered}
    accounts = [account.conversation_id for account in conversations.of_holder(unit, holder_id)]
    return (
        *(Subject("submission", str(row.id)) for row in sent),
        *(Subject("person", str(person)) for person in sorted(people)),
        *(Subject("conversation", str(account)) for account in accounts),
    )


def looks(unit: Unit, holder_id: str, limit: int) -> tuple[Entry, ...]:
    """Who did what with a holder's records, newest first; exports that may hold them too."""
    found = (*about(unit, subjects(unit, holder_id), limit), *taken_out.with_those_of(unit, holder_id))
    return tuple(sorted(found, key=lambda entry: entry.number, reverse=True)[:limit])


def erase(unit: Unit, conversation_id: int) -> None:
    """Drop what was said and the papers that were never sent; what still has to reach the person stays."""
    files = tables.files.c
    loose = delete(tables.files).where(files.conversation_id == conversation_id, files.submission_id.is_(None))
    unit.execute(loose)
    ended = select(_outbox.id).where(_outbox.conversation_id == conversation_id, _outbox.ended_at.is_not(None))
    unit.execute(delete(tables.attempts).where(tables.attempts.c.outbox_id.in_(ended)))
    unit.execute(delete(tables.outbox).where(_outbox.id.in_(ended)))
    hand_overs.erase(unit, conversation_id)
    broadcast_people.erase(unit, conversation_id)
    imports.erase_of(unit, conversation_id)
    for table in (tables.messages, tables.link_tries, tables.topics_off, tables.staff_chats, *tables.READ_BY_ACCOUNT):
        unit.execute(delete(table).where(table.c.conversation_id == conversation_id))


def everything(unit: Unit, conversation_id: int) -> dict[str, Any] | None:
    """All that is stored about an account, those linked with it and what they sent, as JSON values but for files.

    Files come by their ids (`papers.content` gives what is in them). None when the account was erased.
    """
    if conversations.address_of(unit, conversation_id) is None:
        return None
    holder = conversations.holder_of(unit, conversation_id)
    linked = [account.conversation_id for account in conversations.of_holder(unit, holder)] if holder else []
    accounts = linked or [conversation_id]
    return {
        "accounts": [_account(unit, number) for number in accounts],
        "registrations": _registrations(unit, holder) if holder else [],
        "certificates": _certificates(unit, holder) if holder else [],
        "permits": _permits(unit, holder),
        "homes": _homes(unit, holder),
        "lives_in": _lives_in(unit, holder),
        "files": _files(unit, accounts, holder),
        "who_looked": _looked(unit, holder) if holder else [],
    }


def _account(unit: Unit, number: int) -> dict[str, Any]:
    address = conversations.address_of(unit, number)
    found = find(unit, *address) if address else None
    if found is None:
        return {}
    return _conversation(found) | {
        "notices_off": sorted(topics.off(unit, number)),
        "said": _said(unit, number),
        "messages": _messages(unit, number),
        "talks_with_staff": hand_overs.everything(unit, number),
        "privacy_requests": privacy_requests.everything(unit, number),
        "answers_to_announcements": broadcast_people.everything(unit, number),
        "notices_about_the_law": readings.everything(unit, number),
        "quizzes": quizzes.everything(unit, number),
        "lists_handed_in": imports.everything(unit, number),
    }


def _conversation(found: Conversation) -> dict[str, Any]:
    return {
        "channel": found.channel,
        "address": found.address,
        "language": found.language,
        "last_written_at": found.updated_at,
        "consent": found.consent,
        "consented_at": found.consented_at,
        "draft": packed(found.answers),
        "home_scanned": found.scene,
    }


def _said(unit: Unit, number: int) -> list[Mapping[str, Any]]:
    messages = tables.messages.c
    rows = unit.execute(
        select(messages.received_at, messages.answered_sealed)
        .where(messages.conversation_id == number)
        .order_by(messages.received_at)
    )
    return [
        {"received_at": row.received_at, "answered": unit.vault.open_json(row.answered_sealed, ANSWERED)}
        for row in rows
    ]


def _messages(unit: Unit, number: int) -> list[Mapping[str, Any]]:
    from storage.claims import MESSAGE

    rows = unit.execute(select(tables.outbox).where(_outbox.conversation_id == number).order_by(_outbox.id))
    return [
        {
            "written_at": row.created_at,
            "state": row.state,
            "ended_at": row.ended_at,
            "message": unit.vault.open_json(row.message_sealed, MESSAGE),
        }
        for row in rows
    ]


def _registrations(unit: Unit, holder: str) -> list[dict[str, Any]]:
    return [
        {
            "number": sent.number,
            "status": sent.status,
            "sent_at": sent.submitted_at,
            "channel": sent.channel,
            "due_on": sent.due_on,
            "late_after": sent.late_after,
            "in_time": sent.in_time,
            "law": sent.pack,
            "consent": sent.consent,
            "consented_at": sent.consented_at,
            "answers": packed(sent.answers),
        }
        for sent in of_holder(unit, holder, EVERYTHING)
    ]


def _certificates(unit: Unit, holder: str) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number,
            "code": one.code,
            "issued_at": one.issued_at,
            "valid_until": one.valid_until,
            "ended_at": one.ended_at,
            "end_reason": one.end_reason,
            "content": one.content,
        }
        for one in certificates.of_holder(unit, holder, EVERYTHING)
    ]


def _permits(unit: Unit, holder: str) -> list[dict[str, Any]]:
    """Permits with everything that was done with them, and from when those without one may apply."""
    kept = [
        {
            **asdict(one),
            "way": [asdict(step) for step in permits.way(unit, one.id)],
            "endorsements": [asdict(done) for done in endorsements.of(unit, one.id)],
        }
        for one in permits.of_holder(unit, holder)
    ]
    return [*kept, *(asdict(one) for one in prospects.of_holder(unit, holder))]


def _homes(unit: Unit, holder: str) -> list[dict[str, Any]]:
    """The homes that they answer for, as they told them. What they told of tenants is the tenants'."""
    return [
        {
            "code": home.code,
            "area": home.area,
            "address": home.address,
            "rooms": [room.name for room in home.rooms],
            "kind": home.kind,
            "capacity": home.capacity,
            "state": home.state,
            "acts_as": home.acts_as,
            "owner": dict(home.owner),
        }
        for home in homes.of_holder(unit, holder)
    ]


def _lives_in(unit: Unit, holder: str) -> list[dict[str, Any]]:
    """The tenancies in which they are the tenant, with what each side says."""
    return [
        {
            "home": one.home,
            "state": one.state,
            "since_on": one.since_on,
            "claimed_at": one.claimed_at,
            "landlord_says": one.landlord_says,
            "moved_in_on": one.moved_in_on,
            "left_on": one.left_on,
            "reported": dict(one.reported),
        }
        for one in tenancies.of_tenant(unit, holder)
    ]


def _files(unit: Unit, accounts: list[int], holder: str) -> list[dict[str, Any]]:
    """Papers of these accounts' talks and of what was sent, also from accounts that are gone."""
    files = tables.files.c
    sent = select(_submissions.id).where(_submissions.holder_id == holder, _submissions.holder_id != "")
    theirs = files.conversation_id.in_(accounts) | files.submission_id.in_(sent)
    columns = (files.id, files.step, files.state, files.content_type, files.size, files.created_at)
    return [dict(row._mapping) for row in unit.execute(select(*columns).where(theirs).order_by(files.created_at))]


def _looked(unit: Unit, holder: str) -> list[dict[str, Any]]:
    return [
        {"at": entry.at, "who": entry.act.who.kind, "action": entry.act.action, "reason": entry.act.reason}
        for entry in looks(unit, holder, EVERYTHING)
    ]
