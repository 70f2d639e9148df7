"""Submitted registrations and the people they are about."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, insert, select, union_all, update

from storage import history, tables
from storage.history import Mark
from storage.matters import packed, unpacked
from storage.people import id_number_index, name_index
from storage.records import Answers, Submission, Value
from storage.unit import Unit
from storage.waiting import in_line

ANSWERS = "submissions.answers"
PERSON = "people.person"
IDENTIFYING = ("name", "id_number", "birth_date", "sex", "ethnicity", "hukou_region", "hukou_address", "phone")

_rows = tables.submissions.c


def submit(unit: Unit, submission: Submission) -> Submission:
    """Keep a submission and its person; the same draft again gives the submission that is there."""
    kept = by_draft(unit, submission.draft)
    if kept is not None:
        return kept
    unit.insert_once(tables.holders, {"id": submission.holder_id, "created_at": submission.submitted_at})
    person_id, known = _owner(unit, submission, submission.submitted_at)
    values = _values(unit, submission) | {"person_id": person_id, "already_registered": known}
    row = unit.execute(insert(tables.submissions).returning(_rows.id), values).scalar_one()
    history.begin(unit, row, submission.submitted_at)
    return replace(submission, id=row, person_id=person_id, already_registered=known)


def answer_again(unit: Unit, submission: Submission, answers: Answers, mark: Mark) -> Submission | None:
    """The person answered what the office asked again: back to the same place in the queue; None if it moved on.

    The instant it was first received stays; the deadline is the submission's own.
    """
    again = replace(submission, answers=answers)
    person_id, known = _owner(unit, again, mark.at)
    told = _told(unit, again) | {"person_id": person_id, "already_registered": known}
    told |= _deadline(again)
    moved = history.move(unit, again, "received", mark, told)
    return None if moved is None else replace(moved, person_id=person_id, already_registered=known)


def by_draft(unit: Unit, draft: str) -> Submission | None:
    """The submission made from a talk, if it was made."""
    row = unit.execute(select(tables.submissions).where(_rows.draft == draft)).one_or_none()
    return None if row is None else _submission(unit, row)


def of_holder(unit: Unit, holder_id: str, limit: int = 20) -> tuple[Submission, ...]:
    """What was sent from the accounts of one holder, newest first."""
    newest = select(tables.submissions).where(_rows.holder_id == holder_id).order_by(_rows.id.desc()).limit(limit)
    return tuple(_submission(unit, row) for row in unit.execute(newest))


def by_number(unit: Unit, number: str) -> Submission | None:
    """The submission with a receipt number."""
    row = unit.execute(select(tables.submissions).where(_rows.number == number)).one_or_none()
    return None if row is None else _submission(unit, row)


def get(unit: Unit, row_id: int) -> Submission | None:
    """The submission of that id."""
    row = unit.execute(select(tables.submissions).where(_rows.id == row_id)).one_or_none()
    return None if row is None else _submission(unit, row)


def several(unit: Unit, ids: Sequence[int], states: Sequence[str]) -> tuple[Submission, ...]:
    """Those of these ids that are in one of these states."""
    found = unit.execute(select(tables.submissions).where(_rows.id.in_(ids), _rows.status.in_(states)))
    return tuple(_submission(unit, row) for row in found)


def ids_in(unit: Unit, after: int, limit: int, states: Sequence[str]) -> list[int]:
    """Submissions in one of these states, by id from after one on."""
    lines = (in_line(state, after).limit(limit).subquery() for state in states)
    ids = union_all(*(select(line.c.id) for line in lines)).subquery()
    return list(unit.execute(select(ids.c.id).order_by(ids.c.id).limit(limit)).scalars())


def ids_due(unit: Unit, state: str, since: date, after: int, limit: int) -> list[int]:
    """Those in a state that are late from a day on, by id from after one on; read off the index on both."""
    wanted = select(_rows.id).where(_rows.status == state, _rows.late_after >= since, _rows.id > after)
    return list(unit.execute(wanted.order_by(_rows.id).limit(limit)).scalars())


def page(unit: Unit, wanted: ColumnElement[bool], limit: int) -> tuple[Submission, ...]:
    """Those that fulfil a condition, by id."""
    found = unit.execute(select(tables.submissions).where(wanted).order_by(_rows.id).limit(limit))
    return tuple(_submission(unit, row) for row in found)


def lock(unit: Unit, number: str) -> Submission | None:
    """The submission with a receipt number; nobody else changes it until this transaction ends."""
    row = unit.execute(select(tables.submissions).where(_rows.number == number).with_for_update()).one_or_none()
    return None if row is None else _submission(unit, row)


def in_state(unit: Unit, holder_id: str, *states: str) -> tuple[Submission, ...]:
    """What one holder sent that is in one of these states, the oldest first."""
    wanted = select(tables.submissions).where(_rows.holder_id == holder_id, _rows.status.in_(states))
    return tuple(_submission(unit, row) for row in unit.execute(wanted.order_by(_rows.id)))


def of_person(unit: Unit, person_id: int, limit: int = 20) -> tuple[Submission, ...]:
    """What was sent about one person, from whatever account, newest first."""
    newest = select(tables.submissions).where(_rows.person_id == person_id).order_by(_rows.id.desc()).limit(limit)
    return tuple(_submission(unit, row) for row in unit.execute(newest))


def coarsen(unit: Unit, limit: int) -> int:
    """What people work at and how they live is told plainly of submissions that an older version stored; how many."""
    untold = select(tables.submissions).where(_rows.industry.is_(None)).order_by(_rows.id).limit(limit)
    found = [_submission(unit, row) for row in unit.execute(untold)]
    for one in found:
        told = {name: _value(one.answers, name) or "" for name in ("industry", "stay_kind")}
        unit.execute(update(tables.submissions).where(_rows.id == one.id).values(told))
    return len(found)


def phone_index(unit: Unit, phone: str) -> bytes:
    """The keyed index under which a mobile number (E.164) is found."""
    return unit.vault.index("phone", phone)


def home_index(unit: Unit, area: str, address: str) -> bytes:
    """The keyed index under which a home is found, however its address is spaced."""
    folded = "".join(unicodedata.normalize("NFKC", address).casefold().split())
    return unit.vault.index("home", f"{area} {folded}")


def person(unit: Unit, id_number: str) -> dict[str, Any]:
    """What is known of the person with that ID number; empty for nobody."""
    people = tables.people.c
    known = select(people.person_sealed).where(people.id_number_index == id_number_index(unit, id_number))
    sealed = unit.execute(known).scalar_one_or_none()
    return {} if sealed is None else dict(unit.vault.open_json(sealed, PERSON))


def person_id(unit: Unit, id_number: str) -> int | None:
    """The person with that ID number, if somebody knows them."""
    return _person_by(unit, id_number_index(unit, id_number))


def known_person(unit: Unit, answers: Answers, now: datetime) -> int:
    """The person of a list of the office's; kept as told where nobody knew them."""
    return _person(unit, answers, now)[0]


def count(unit: Unit) -> int:
    """How many submissions there are."""
    return int(unit.execute(select(func.count()).select_from(tables.submissions)).scalar_one())


def wechat_ended(unit: Unit, holder_id: str, day: date) -> None:
    """The holder unfollowed the public account: the office can't reach them there any more."""
    unit.execute(update(tables.holders).where(tables.holders.c.id == holder_id).values(wechat_ended_on=day))


def wechat_ended_on(unit: Unit, holder_id: str) -> date | None:
    """The day the holder unfollowed the public account, if that happened."""
    holders = tables.holders.c
    return unit.execute(select(holders.wechat_ended_on).where(holders.id == holder_id)).scalar_one_or_none()


def _owner(unit: Unit, submission: Submission, now: datetime) -> tuple[int, bool]:
    """Whose submission it is, and whether another account had registered that person before."""
    former = None if submission.former_id is None else get(unit, submission.former_id)
    if former is not None and _value(submission.answers, "id_number") in {None, "none"}:
        return former.person_id, False
    if submission.person_id and _value(submission.answers, "id_number") in {None, "none"}:
        return submission.person_id, False
    person_id, known = _person(unit, submission.answers, now)
    if known and (_is_own(unit, person_id, submission.holder_id) or not _is_anybodys(unit, person_id)):
        known = False
        _renew(unit, person_id, submission.answers, now)
    return person_id, known


def _person(unit: Unit, answers: Answers, now: datetime) -> tuple[int, bool]:
    """The person's row, and whether it was there before. Without an ID number every submission is a person."""
    id_number = _value(answers, "id_number")
    index = None if id_number in {None, "none"} else id_number_index(unit, str(id_number))
    values = _person_values(unit, answers, now) | {"id_number_index": index}
    if index is None:
        return int(unit.execute(insert(tables.people).returning(tables.people.c.id), values).scalar_one()), False
    known = _person_by(unit, index) is not None
    if not known:
        unit.insert_once(tables.people, values)
    person_id = _person_by(unit, index)
    if person_id is None:
        raise LookupError("a person just written is not there")
    return person_id, known


def _is_own(unit: Unit, person_id: int, holder_id: str) -> bool:
    """Whether this holder has registered that person before."""
    before = exists().where(_rows.person_id == person_id, _rows.holder_id == holder_id)
    return bool(unit.execute(select(before)).scalar_one())


def _is_anybodys(unit: Unit, person_id: int) -> bool:
    """Whether somebody has registered that person; who came with a list of the office's was registered by nobody."""
    return bool(unit.execute(select(exists().where(_rows.person_id == person_id))).scalar_one())


def _renew(unit: Unit, person_id: int, answers: Answers, now: datetime) -> None:
    """What the person's own holder tells anew counts; nobody else's account changes a person."""
    values = _person_values(unit, answers, now)
    del values["created_at"]
    unit.execute(update(tables.people).where(tables.people.c.id == person_id).values(values))


def _person_by(unit: Unit, index: bytes) -> int | None:
    people = tables.people.c
    return unit.execute(select(people.id).where(people.id_number_index == index)).scalar_one_or_none()


def _person_values(unit: Unit, answers: Answers, now: datetime) -> dict[str, Any]:
    known = {name: _value(answers, name) for name in IDENTIFYING}
    birth = known["birth_date"]
    return {
        "person_sealed": unit.vault.seal_json(known, PERSON),
        "birth_year": int(birth[:4]) if birth else None,
        "sex": known["sex"],
        "region": known["hukou_region"],
        "name_index": name_index(unit, str(known["name"] or "")),
        "created_at": now,
        "updated_at": now,
    }


def _values(unit: Unit, submission: Submission) -> dict[str, Any]:
    return (_told(unit, submission) | _deadline(submission)) | {
        "number": submission.number,
        "draft": submission.draft,
        "holder_id": submission.holder_id,
        "form": submission.form,
        "form_version": submission.form_version,
        "pack": submission.pack,
        "status": submission.status,
        "channel": submission.channel,
        "language": submission.language,
        "submitted_at": submission.submitted_at,
        "consent": submission.consent,
        "consented_at": submission.consented_at,
        "kind": submission.kind,
        "former_id": submission.former_id,
    }


def _deadline(submission: Submission) -> dict[str, Any]:
    return {
        "due_on": submission.due_on,
        "late_after": submission.late_after,
        "in_time": submission.in_time,
        "holidays_of": submission.holidays_of,
    }


def _told(unit: Unit, submission: Submission) -> dict[str, Any]:
    """What depends on the answers."""
    answers = submission.answers
    arrived_on, phone, address = (_value(answers, name) for name in ("arrived_on", "phone", "address"))
    return {
        "answers_sealed": unit.vault.seal_json(packed(answers), ANSWERS),
        "area": submission.area,
        "reason": _value(answers, "reason") or "",
        "education": _value(answers, "education") or "",
        "industry": _value(answers, "industry") or "",
        "stay_kind": _value(answers, "stay_kind") or "",
        "arrived_on": date.fromisoformat(arrived_on) if arrived_on else None,
        "phone_index": phone_index(unit, phone) if phone else None,
        "home_index": home_index(unit, submission.area, address) if address else None,
    }


def _submission(unit: Unit, row: Any) -> Submission:
    return Submission(
        id=row.id,
        number=row.number,
        draft=row.draft,
        holder_id=row.holder_id,
        form=row.form,
        form_version=row.form_version,
        pack=row.pack,
        channel=row.channel,
        language=row.language,
        answers=unpacked(unit.vault.open_json(row.answers_sealed, ANSWERS)),
        submitted_at=row.submitted_at,
        consent=row.consent,
        consented_at=row.consented_at,
        due_on=row.due_on,
        in_time=row.in_time,
        late_after=row.late_after,
        holidays_of=row.holidays_of,
        status=row.status,
        already_registered=row.already_registered,
        kind=row.kind,
        former_id=row.former_id,
        person_id=row.person_id,
        version=row.version,
        reviewer=row.reviewer,
        lease_until=row.lease_until,
        decided_at=row.decided_at,
    )


def _value(answers: Answers, name: str) -> Value:
    answer = answers.get(name)
    return None if answer is None else answer.value
