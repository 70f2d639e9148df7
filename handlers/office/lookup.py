"""Looking people up by what one knows of them, and seeing a record: masked, or whole for a reason.

Each search that finds somebody, each look and each unmasking is in the audit log, where the person can see it too.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.answers import identity, phone
from handlers.messages import Incoming
from handlers.office.masks import masked
from handlers.reasons import OWN_WORDS
from handlers.steps import Context, InvalidAnswer
from handlers.visit import Office
from storage import audit, certificates, conversations, people, submissions
from storage.audit import Act, Subject, Who
from storage.certificates import Certificate
from storage.people import Areas, By, Known
from storage.records import Account, Ask, Submission
from storage.unit import Unit

MOST = 20
LOOK_REASONS = ("asked_by_person", "checks_papers", "visit", "other_office", OWN_WORDS)

_NUMBER = re.compile(r"[0-9]{6}-[0-9A-Z]{5}-[0-9A-Z](/[0-9]+)?")
_DIGITS = re.compile(r"[0-9]")
ID_DIGITS, PHONE_DIGITS = 14, 7


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who looks: their staff code, and the areas they may see (None: all)."""

    code: str
    areas: Areas

    @property
    def who(self) -> Who:
        """As the audit log names them."""
        return Who("staff", self.code)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was read from a search."""

    by: By
    value: str


@dataclass(frozen=True, slots=True)
class Record:
    """A person's record. `elsewhere`: how many submissions are in areas that whoever looks may not see."""

    known: Known
    facts: Mapping[str, Any]
    whole: bool
    sent: tuple[Submission, ...]
    elsewhere: int
    certificates: tuple[Certificate, ...]
    accounts: tuple[Account, ...]


def read(text: str, office: Office, language: str, now: datetime) -> Asked | InvalidAnswer:
    """What somebody looks for: a receipt's or certificate's number, an ID number, a telephone number, else a name."""
    said = unicodedata.normalize("NFKC", text).strip()
    if not said:
        return InvalidAnswer("empty")
    if _NUMBER.fullmatch(said.upper()):
        return Asked("number", said.upper())
    digits = len(_DIGITS.findall(said))
    context = Context(now, office.zone, office.pack, office.vocabularies[office.language(language)])
    incoming = Incoming("console", "", "", now, text=said)
    if digits >= ID_DIGITS:
        return _asked("id_number", identity.id_number(incoming, {}, context))
    if digits >= PHONE_DIGITS:
        return _asked("phone", phone.any_phone(incoming, {}, context))
    return Asked("name", said)


def search(unit: Unit, seeker: Seeker, asked: Asked, now: datetime) -> tuple[Known, ...]:
    """Whoever is found in the seeker's areas, at most MOST of them; others are as if they weren't there."""
    found = people.find(unit, asked.by, asked.value, seeker.areas, MOST)
    for known in found:
        _note(unit, seeker, "searched", known.id, asked.by, now)
    return found


def look(unit: Unit, seeker: Seeker, person_id: int, now: datetime) -> Record | None:
    """A person's record, masked; None where nothing of theirs is in the seeker's areas."""
    known = people.get(unit, person_id, seeker.areas)
    if known is None:
        return None
    _note(unit, seeker, "looked", person_id, "", now)
    return _record(unit, seeker, known, whole=False)


def unmask(unit: Unit, seeker: Seeker, person_id: int, reason: Ask, now: datetime) -> Record | None:
    """The whole record, for a reason that the person gets to see."""
    known = people.get(unit, person_id, seeker.areas)
    if known is None:
        return None
    _note(unit, seeker, "unmasked", person_id, reason.words.strip() or reason.reason, now)
    return _record(unit, seeker, known, whole=True)


def _record(unit: Unit, seeker: Seeker, known: Known, *, whole: bool) -> Record:
    sent = submissions.of_person(unit, known.id)
    here = tuple(one for one in sent if seeker.areas is None or one.area in seeker.areas)
    issued = (certificates.latest(unit, one.id) for one in here)
    holders = dict.fromkeys(one.holder_id for one in here if not one.already_registered)
    return Record(
        known=known,
        facts={step: value if whole else masked(step, value) for step, value in known.facts.items()},
        whole=whole,
        sent=here,
        elsewhere=len(sent) - len(here),
        certificates=tuple(one for one in issued if one is not None),
        accounts=tuple(account for holder in holders for account in conversations.of_holder(unit, holder)),
    )


def _asked(by: By, value: Any) -> Asked | InvalidAnswer:
    return value if isinstance(value, InvalidAnswer) else Asked(by, value)


def _note(unit: Unit, seeker: Seeker, action: str, person_id: int, reason: str, now: datetime) -> None:
    audit.append(unit, Act(seeker.who, action, Subject("person", str(person_id)), reason), now)
