"""Certificates of registration: issued once after approval, replaced or revoked with a reason, checked by anybody.

Law: the certificate shows the person's data, the authority and the time, and the electronic one is sent after
approval (the pack's registration.certificate and online.e_certificate).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from handlers.messages import Reply, control
from handlers.office import links
from handlers.office.tell import tell
from handlers.visit import Office, Visit
from regulations.deadlines import deadline
from storage import audit, certificates, submissions
from storage.audit import PROGRAM, Act, Subject, Who
from storage.certificates import Certificate, Draft
from storage.records import Answers, Area, Submission, Value
from storage.unit import Unit

CERTIFIED = (
    "name", "sex", "ethnicity", "birth_date", "id_number", "hukou_address", "address", "arrived_on",
)  # fmt: skip
REASONS = ("replaced", "changed", "moved", "left", "mistake", "withdrawn")
VALIDITY = "registration.certificate.validity"

_CODE = re.compile(r"[A-Za-z0-9_-]{24}")
_COMPOUND = re.compile(
    r"(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|宇文|长孙|夏侯|端木|南宫|独孤|轩辕|"
    r"百里|东郭|呼延|澹台|太史|申屠|公冶|宗政|濮阳|淳于|单于|闻人|钟离|赫连|鲜于|闾丘|司空|司寇|"
    r"亓官|仲孙|颛孙|公西|漆雕|乐正|壤驷|拓跋|夹谷|宰父|谷梁|段干|东门|西门|南门|左丘|梁丘|第五|"
    r"完颜|纳兰|叶赫|富察)"
)


class UnknownReason(Exception):
    """A certificate ends for a reason of REASONS."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What anybody who has the code may know: is it valid, since when, until or ended when, whose, by whom."""

    valid: bool
    since: date
    until: date | None
    ended_on: date | None
    name: str
    authority: str


def issue(unit: Unit, submission: Submission, office: Office, now: datetime, who: Who = PROGRAM) -> Certificate:
    """The submission's certificate; issued twice, it is the same one. The person is told by `push`."""
    certificate, fresh = certificates.issue(unit, _draft(submission, office, now), now)
    if fresh:
        _note(unit, certificate, "issued", who, "", now)
    return certificate


def push(unit: Unit, certificate: Certificate, submission: Submission, now: datetime) -> bool:
    """Tell the person that it is there, once; False if that was said, or they have no account any more."""
    reply = Reply("say/certificate_ready", {"number": certificate.number}, (control("certificate"),))
    return tell(unit, f"certificate:{certificate.id}", submission.holder_id, reply, now)


def revoke(unit: Unit, certificate: Certificate, reason: str, who: Who, now: datetime) -> bool:
    """It is not valid any more, for a reason of REASONS; False if that was so before."""
    if reason not in REASONS:
        raise UnknownReason
    ended = certificates.end(unit, certificate.id, reason, now)
    if ended:
        _note(unit, certificate, "revoked", who, reason, now)
    return ended


def end_of(unit: Unit, submission: Submission, reason: str, who: Who, now: datetime) -> bool:
    """The certificate of what is over is over too; False if there is none, or it was before."""
    latest = certificates.latest(unit, submission.id)
    return latest is not None and revoke(unit, latest, reason, who, now)


def replace(
    unit: Unit, old: Certificate, submission: Submission, office: Office, now: datetime, who: Who
) -> Certificate:
    """A new certificate in place of that one, with the data as it is now; the old code tells that it is over.

    Replaced twice, it is replaced once: the second call gives what is there.
    """
    revoke(unit, old, "replaced", who, now)
    certificate, fresh = certificates.issue_after(unit, old, _draft(submission, office, now), now)
    if fresh:
        _note(unit, certificate, "issued", who, "", now)
    return certificate


def checked(unit: Unit, code: str, office: Office, now: datetime) -> Checked | None:
    """What the public page may tell; None for an unknown code."""
    found = certificates.by_code(unit, code) if _CODE.fullmatch(code) else None
    if found is None:
        return None
    today = now.astimezone(office.zone).date()
    return Checked(
        valid=found.holds_on(today),
        since=found.issued_at.astimezone(office.zone).date(),
        until=found.valid_until,
        ended_on=found.ended_at.astimezone(office.zone).date() if found.ended_at else None,
        name=masked(str(found.content["name"] or "")),
        authority=str(found.content["authority"]),
    )


def by_link(unit: Unit, link: links.Link, office: Office, now: datetime) -> Certificate | None:
    """The certificate a link leads to, while it is in force."""
    found = certificates.get(unit, link.id) if link.kind == "certificate" else None
    today = now.astimezone(office.zone).date()
    return found if found is not None and found.holds_on(today) else None


def own(visit: Visit) -> Reply:
    """The person's own certificates, each with a link to its picture and its PDF, and what still waits."""
    holder = visit.conversation.holder_id
    today = visit.context.today
    found = certificates.of_holder(visit.unit, holder) if holder else ()
    sent = submissions.of_holder(visit.unit, holder) if holder else ()
    there = {certificate.submission_id for certificate in found}
    data = {
        "valid": [_listed(visit, one) for one in found if one.holds_on(today)],
        "waiting": [one.number for one in sent if one.id not in there and one.status == "received"],
        "hours": int(links.LASTS.total_seconds() // 3600),
    }
    return Reply("say/certificates", data, (control("my_data"),) if sent else ())


def masked(name: str) -> str:
    """The family name, the rest hidden whatever its length: 李**; of a name in parts or letters the first letter."""
    family = name[:2] if _COMPOUND.match(name) and len(name) > len("欧阳") else name[:1]
    return f"{family}**"


def _listed(visit: Visit, certificate: Certificate) -> dict[str, Any]:
    token = links.token(visit.unit.vault, links.Link("certificate", certificate.id), visit.now)
    name = certificate.content["name"]
    issued_on = certificate.issued_at.astimezone(visit.office.zone).date()
    return {"number": certificate.number, "name": name, "token": token, "since": issued_on.isoformat()}


def _draft(submission: Submission, office: Office, now: datetime) -> Draft:
    answers = submission.answers
    content = {step: _value(answers, step) for step in CERTIFIED}
    content["id_number"] = None if content["id_number"] == "none" else content["id_number"]
    content["place"] = _place(office.areas(), _value(answers, "area"))
    content["authority"] = office.name
    return Draft(submission.id, submission.number, content, _valid_until(office, now))


def _valid_until(office: Office, now: datetime) -> date | None:
    """As the pack tells; without a rule a certificate holds until something changes."""
    rule = office.pack.find(VALIDITY)
    return None if rule is None else deadline(rule, now.astimezone(office.zone).date(), office.calendar).nominal


def _place(areas: tuple[Area, ...], code: Value) -> Mapping[str, str]:
    """Street and community, as they are called today: the certificate doesn't change when they are renamed."""
    known = {area.code: area for area in areas}
    community = known.get(code)
    street = known.get(community.parent) if community else None
    named = [area.names for area in (street, community) if area is not None]
    return {"zh": "".join(names["zh"] for names in named), "en": ", ".join(names["en"] for names in reversed(named))}


def _note(unit: Unit, certificate: Certificate, action: str, who: Who, reason: str, now: datetime) -> None:
    subject = Subject("submission", str(certificate.submission_id))
    details = {"certificate": certificate.id, "number": certificate.number}
    audit.append(unit, Act(who, action, subject, reason, details), now)


def _value(answers: Answers, name: str) -> Value:
    answer = answers.get(name)
    return None if answer is None else answer.value
