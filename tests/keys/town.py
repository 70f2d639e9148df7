"""A town in which everything is there that a keyed index leads to, for tests of a new index key. Everybody is invented.

The talks are real ones; what no talk brings about in a few words is written as the program writes it.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from bot.house import House
from handlers.messages import Incoming
from handlers.office import staff as staff_office
from handlers.office import tenancies as tenancy_office
from handlers.office.staff import Invited
from handlers.office.tenancies import Report
from handlers.turns import Answered
from storage import (
    accounts,
    certificates,
    conversations,
    helps,
    homes,
    imports,
    invitations,
    missed_searches,
    people,
    permits,
    places,
    quick_search,
    residents,
    sign_in_tries,
    staff,
    staff_chats,
    staff_sessions,
    submissions,
)
from storage.helps import Help
from storage.imports import Sender
from storage.permits import Permit, Step
from storage.records import Home
from storage.sign_in_tries import Subject
from storage.staff import Member
from storage.unit import Unit
from tests.certified import certified, say
from tests.handlers.answers.telling import id_number
from tests.handlers.filed import OFFICE
from tests.housed import let
from tests.talks.typed import FACTS, typed

LANDLORD = "l" * 32
AREA, ADDRESS, ROOM = "S01-02", "幸福路 20号", "三楼301"
PERMIT, PHONE, LOGIN, WORDS = "K 330 0001", "+8613812345678", "wangfang", "养狗要登记吗"
FILE = b"name,telephone\n" * 40
TO_STAFF = ("talk", "有人吗？", "talks")
STOPPED_AFTER = 9  # lines of the talk that waits
TOLD = Report({"name": "赵六", "phone": "+8613912345670"}, None, date(2026, 11, 20))
HELP, LINK, INVITED, STAFF_LINK, SESSION, SETUP = "HELP-1", "123456", "INV-1", "654321", "session", "setup"
TRIED = Subject("login", LOGIN, 1, timedelta(hours=1), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Town:
    """What a test asks for later: the certificate's code, the home, the answers to the talk that waits."""

    code: str
    home: Home
    said: tuple[Answered, ...]


async def settled(house: House) -> Town:
    """Build it."""
    sent, certificate = await certified(house)
    others = [id_number(order=f"{number:03}") for number in range(1, 3)]
    for number in others:
        await certified(house, f"other {number}", id_number=number, name="周七", phone="13712345678")
    home = await house.database.run(_home)
    await house.database.run(lambda unit: _written(unit, home, sent.person_id))
    said = [await house.chat.answer(line(number)) for number in range(STOPPED_AFTER)]
    await house.chat.deliver_later(said[-1])
    await house.chat.postpone(Incoming("engine", "late", "late-1", datetime.now(UTC), text="你好"))
    for words in ("你好", "同意", "人工"):
        await say(house, f"talk {words}", words, "talks")
    await say(house, *TO_STAFF)
    return Town(certificate.code, home, tuple(said))


def line(number: int) -> Incoming:
    """A line of the talk that waits; the person of it is known to nobody else."""
    words = typed(id_number=id_number(order="088"), name="孙八", phone="13612345678")[number]
    return Incoming("engine", "half", f"half-{number}", datetime.now(UTC), text=words)


def found(unit: Unit, town: Town) -> Mapping[str, bool]:
    """What is found of it, by each way that there is."""
    return {name: bool(look(unit, town)) for name, look in LOOKS.items()}


LOOKS: Mapping[str, Callable[[Unit, Town], Any]] = MappingProxyType(
    {
        "a person by ID number": lambda unit, town: people.find(unit, "id_number", FACTS["id_number"], None, 5),
        "a person by name": lambda unit, town: people.find(unit, "name", FACTS["name"], None, 5),
        "a person by telephone": lambda unit, town: people.find(unit, "phone", PHONE, None, 5),
        "registrations by telephone": lambda unit, town: quick_search.by_phone(unit, PHONE, None, 5),
        "registrations by ID number": lambda unit, town: quick_search.by_id_number(unit, FACTS["id_number"], None, 5),
        "whose ID number it is": lambda unit, town: submissions.person_id(unit, FACTS["id_number"]),
        "an account": lambda unit, town: conversations.find(unit, "engine", "half"),
        "a member by login": lambda unit, town: staff.by_login(unit, LOGIN),
        "a home by address": lambda unit, town: homes.at(unit, AREA, ADDRESS),
        "a home's people": lambda unit, town: residents.counts(unit, [_lived_in(town)])["x"],
        "a permit by number": lambda unit, town: permits.by_number(unit, "k3300001"),
        "a certificate by code": lambda unit, town: certificates.by_code(unit, town.code),
        "a help by code": lambda unit, town: helps.by_code(unit, HELP),
    }
)

ENDED: Mapping[str, Callable[[Unit, datetime], Any]] = MappingProxyType(
    {
        "a code that links accounts": lambda unit, now: accounts.spend_code(unit, LINK, now),
        "a code that links a member's chat": lambda unit, now: staff_chats.spend_code(unit, STAFF_LINK, now),
        "a session": lambda unit, now: staff_sessions.find(unit, SESSION, staff_sessions.Limits(), now),
        "a set-up link": lambda unit, now: staff_sessions.setup_of(unit, SETUP, now),
        "an invitation": lambda unit, now: invitations.look(unit, INVITED, now),
        "a lock after tries": lambda unit, now: sign_in_tries.begin(unit, (TRIED,), now),
    }
)


def again(unit: Unit, town: Town, now: datetime) -> Mapping[str, bool]:
    """Whether what is there is known to be there, when it comes a second time."""
    twin = Member(0, "ZZZZZZ", LOGIN.upper(), "王芳", "administrator", "", "zh")
    missed_searches.note(unit, WORDS, "zh", now)
    first, second = handed_in(unit, now), imports.of_staff(unit, "S1", 5)[-1]
    return {
        "a room": homes.add_room(unit, town.home.code, ROOM, 9) is None,
        "a report": not tenancy_office.report(unit, town.home, TOLD, OFFICE, now)[1],
        "a login": staff.add(unit, twin, now) is None,
        "a search": [one.times for one in missed_searches.newest(unit, 5)] == [2],
        "a list": imports.same(unit, first) == second,
    }


def handed_in(unit: Unit, now: datetime) -> imports.Import:
    """A list of the staff's, whose file is still there."""
    number = imports.begin(unit, Sender("zh", staff_id="S1"), now)
    for place in range(2):
        half = len(FILE) // 2
        imports.add_piece(unit, number, place, FILE[place * half : (place + 1) * half])
    index = imports.index_of(unit.vault, hashlib.sha256(FILE).hexdigest())
    imports.whole(unit, number, index, len(FILE), now)
    one = imports.get(unit, number)
    assert one is not None
    return one


def _lived_in(town: Town) -> Home:
    return Home("x", "S01-01", FACTS["address"])


def _home(unit: Unit) -> Home:
    home = let(unit, ROOM, "302", holder=LANDLORD, area=AREA, address=ADDRESS)
    tenancy, fresh = tenancy_office.report(unit, home, TOLD, OFFICE, datetime.now(UTC))
    assert fresh
    assert invitations.keep(unit, INVITED, tenancy.id, datetime.now(UTC) + timedelta(days=3))
    return home


def _written(unit: Unit, home: Home, person_id: int) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(days=3)
    permit = Permit(person_id, "S01-01", state="issued", number=PERMIT, issued_on=date(2026, 6, 10))
    permits.begin(unit, permit, Step("imported", "staff", now))
    member = Member(0, "", LOGIN, "王芳", "administrator", "", "zh")
    added = staff_office.add(unit, member, places.areas(unit), now)
    assert isinstance(added, Invited)
    staff_sessions.open_session(unit, SESSION, added.member.id, "full", now)
    staff_sessions.keep_setup(unit, SETUP, added.member.id, later)
    staff_chats.keep_code(unit, STAFF_LINK, added.member.id, later)
    accounts.keep_code(unit, LINK, "h" * 32, later)
    helped = helps.begin(unit, Help(home.code, AREA, "S1", "address", "draft", now, later))
    helps.offer(unit, helped, HELP, later)
    missed_searches.note(unit, WORDS, "zh", now)
    handed_in(unit, now)
    for _ in range(2):
        sign_in_tries.begin(unit, (TRIED,), now)
