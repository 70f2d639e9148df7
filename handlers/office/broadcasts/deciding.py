"""What a publisher does to a broadcast: looked at, written, proposed, approved by another, started, paused, stopped.

Every act names the version it was meant for, so that nobody approves what was changed a moment before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from handlers.office.broadcasts import states
from handlers.office.rights import can, covers
from storage import audit, broadcasts, recipients
from storage.audiences import Audience
from storage.audit import Subject, Who
from storage.broadcasts import Broadcast, Content
from storage.records import Area
from storage.staff import Member
from storage.unit import Unit

LASTS = timedelta(days=14)
LONGEST_NOTE = 300
LOGGED = frozenset({"propose", "approve", "send_back", "start", "pause", "resume", "stop", "retry"})
WRITING = frozenset({"write", "edit"})

Outcome = Literal[
    "done", "gone", "moved_on", "own", "untested", "no_text", "no_title", "no_reason", "no_words", "too_late"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who acts, and the office's areas, which say what is theirs."""

    member: Member
    areas: tuple[Area, ...]

    def sees(self, broadcast: Broadcast) -> bool:
        """Whether it is of their area or one below."""
        return can(self.member, "publish") and covers(self.member.area, broadcast.area, self.areas)

    @property
    def who(self) -> Who:
        """As the audit log names them."""
        return Who("staff", self.member.code)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to do: the act, the version they saw, and their words if it takes some."""

    act: str
    version: int
    words: str = ""


def begin(unit: Unit, by: Publisher, content: Content, now: datetime, audience: Audience | None = None) -> Broadcast:
    """A new draft."""
    wanted = Audience() if audience is None else audience
    new = Broadcast(0, "draft", 1, by.member.area, by.member.code, content, wanted)
    kept = broadcasts.add(unit, new, now)
    broadcasts.note(unit, kept, "write", by.member.code, now)
    return kept


def look(unit: Unit, by: Publisher, number: int) -> Broadcast | None:
    """One broadcast; another area's is not there."""
    found = broadcasts.get(unit, number)
    return found if found is not None and by.sees(found) else None


def edit(
    unit: Unit, by: Publisher, number: int, version: int, changed: Broadcast, now: datetime, *, parts: bool = False
) -> Outcome:
    """Write other words, another audience or other times: whatever was approved before is not approved any more.

    parts: its file or its list is another one, which its row doesn't tell.
    """
    found = _locked(unit, by, number)
    if found is None:
        return "gone"
    if found.version != version or states.way(found.state, "edit") is None:
        return "moved_on"
    if replace(found, **_written(changed)) == found and not parts:
        return "done"
    fresh = replace(found, **_written(changed), state="draft", version=found.version + 1, approved_by="", tested=0)
    broadcasts.save(unit, fresh, now)
    broadcasts.note(unit, fresh, "edit", by.member.code, now)
    return "done"


def tested(unit: Unit, by: Publisher, number: int, version: int, now: datetime) -> bool:
    """Its author has seen that version as people will see it; False where it was changed meanwhile."""
    found = _locked(unit, by, number)
    if found is None or found.version != version or states.way(found.state, "test") is None:
        return False
    broadcasts.save(unit, replace(found, tested=version), now)
    broadcasts.note(unit, found, "test", by.member.code, now)
    return True


def act(unit: Unit, by: Publisher, number: int, wish: Wish, now: datetime) -> Outcome:
    """Take a step; the same click twice takes one."""
    found = _locked(unit, by, number)
    if found is None:
        return "gone"
    way = states.way(found.state, wish.act)
    if way is None or wish.version != found.version or wish.act in {"edit", "test"}:
        return "moved_on"
    if way.by_another and wrote(unit, found, by.member.code):
        return "own"
    refused = _refused(found, wish, now)
    if refused is not None:
        return refused
    _go(unit, by, found, wish, replace(found, state=way.to), now)
    return "done"


def wrote(unit: Unit, broadcast: Broadcast, code: str) -> bool:
    """Whether somebody has written any of it."""
    return broadcast.author == code or any(
        step.staff_id == code and step.action in WRITING for step in broadcasts.steps(unit, broadcast.id)
    )


def _refused(found: Broadcast, wish: Wish, now: datetime) -> Outcome | None:
    """Why the step can't be taken yet."""
    if wish.act == "send_back" and not wish.words.strip():
        return "no_words"
    if wish.act in {"propose", "approve", "start"} and found.not_after is not None and found.not_after <= now:
        return "too_late"
    return _unready(found) if wish.act == "propose" else None


def _unready(found: Broadcast) -> Outcome | None:
    if not found.content.title:
        return "no_title"
    if not found.content.texts:
        return "no_text"
    if found.urgent and not found.content.why:
        return "no_reason"
    return None if found.tested == found.version else "untested"


def _go(unit: Unit, by: Publisher, before: Broadcast, wish: Wish, after: Broadcast, now: datetime) -> None:
    if wish.act == "approve":
        after = replace(after, approved_by=by.member.code)
    elif wish.act == "start":
        after = started(after, now)
    elif wish.act in {"take_back", "send_back"}:
        after = replace(after, approved_by="")
    elif wish.act in {"stop", "discard"}:
        after = replace(after, ended_at=now)
    elif wish.act == "retry":
        recipients.retry(unit, after.id)
        after = replace(after, ended_at=None)
    broadcasts.save(unit, after, now)
    broadcasts.note(unit, after, wish.act, by.member.code, now, wish.words.strip()[:LONGEST_NOTE])
    if wish.act in LOGGED:
        _log(unit, by, before, wish, now)


def started(broadcast: Broadcast, now: datetime) -> Broadcast:
    """Its audience is written down from now on; without a day of its own it is of use for two weeks."""
    return replace(broadcast, state="freezing", begun_at=now, not_after=broadcast.not_after or now + LASTS)


def _log(unit: Unit, by: Publisher, broadcast: Broadcast, wish: Wish, now: datetime) -> None:
    reason = broadcast.content.why if broadcast.urgent and wish.act in {"propose", "approve", "start"} else wish.words
    details = {"version": broadcast.version, "title": broadcast.content.title, "urgent": broadcast.urgent}
    subject = Subject("broadcast", str(broadcast.id))
    audit.append(unit, audit.Act(by.who, f"cast_{wish.act}", subject, reason[:LONGEST_NOTE], details), now)


def _locked(unit: Unit, by: Publisher, number: int) -> Broadcast | None:
    found = broadcasts.lock(unit, number)
    return found if found is not None and by.sees(found) else None


def _written(changed: Broadcast) -> dict[str, Any]:
    return {name: getattr(changed, name) for name in ("content", "audience", "urgent", "starts_at", "not_after")}
