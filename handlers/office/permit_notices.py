"""What a person is told about their permit. Each notice is an outbox row of the same transaction, once for a step."""

from datetime import date, datetime
from typing import Any

from handlers.messages import Choice, Reply, control
from handlers.office.tell import tell
from regulations.deadlines import Deadline
from regulations.endorsement import Restored
from storage import people
from storage.permits import Permit
from storage.records import Submission
from storage.unit import Unit


def accepted(submission: Submission, due: Deadline | None) -> Reply:
    """The receipt of an application: by when the permit is issued, where it is fetched."""
    answers = submission.answers
    data = {
        "number": submission.number,
        "kind": submission.kind,
        "pick_up": answers["pick_up"].value if "pick_up" in answers else "",
        "due_on": None if due is None else due.told.isoformat(),
        "rule": "" if due is None or due.rule is None else due.rule.key,
        "reason": answers["replace_reason"].value if "replace_reason" in answers else "",
    }
    return Reply("say/permit_accepted", data, _controls("matters", "rights", "person"))


def issued(permit: Permit) -> Reply:
    """The permit is there: where to fetch it, when it is endorsed for the first time."""
    return Reply("say/permit_issued", _facts(permit), _controls("matters", "rights", "person"))


def replaced(permit: Permit) -> Reply:
    """The new card is there."""
    return Reply("say/permit_replaced", _facts(permit), _controls("matters", "person"))


def endorsed(permit: Permit, late: Restored | None) -> Reply:
    """The endorsement is done: until when the permit works, and what a late one did to the years that count."""
    data = _facts(permit) | {"late": late is not None, "rule": "" if late is None else late.rule.key}
    left_out = None if late is None or late.left_out is None else late.left_out.days
    data |= {"left_out": left_out, "counts_from": None if late is None else late.count_from.isoformat()}
    return Reply("say/permit_endorsed", data, _controls("matters", "rights"))


def not_endorsed(permit: Permit, reason: str, words: str) -> Reply:
    """The endorsement was refused, with the reason."""
    data = _facts(permit) | {"reason": reason, "words": words}
    return Reply("say/endorsement_refused", data, _controls("person", "matters"))


def ended(permit: Permit) -> Reply:
    """The permit doesn't work any more, and why."""
    return Reply("say/permit_ended", _facts(permit) | {"reason": permit.end_reason}, _controls("matters", "person"))


def say(unit: Unit, permit: Permit, reply: Reply, now: datetime) -> None:
    """Tell the person whom the permit belongs to, on the account that registered them."""
    if permit.holder_id:
        named = Reply(reply.template, {**reply.data, "name": name(unit, permit)}, reply.choices)
        tell(unit, f"permit:{permit.id}:{permit.version}", permit.holder_id, named, now)


def name(unit: Unit, permit: Permit) -> str:
    """Whose permit it is."""
    known = people.facts(unit, permit.person_id)
    return str(known.get("name") or "")


def _facts(permit: Permit) -> dict[str, Any]:
    return {
        "pick_up": permit.pick_up,
        "card": permit.card,
        "issued_on": _iso(permit.issued_on),
        "from_on": _iso(permit.endorse_from_on),
        "by_on": _iso(permit.endorse_by_on),
        "until_on": _iso(permit.endorsed_until),
        "ended_on": _iso(permit.ended_on),
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _controls(*names: str) -> tuple[Choice, ...]:
    return tuple(control(name) for name in names)
