"""What the office does in a transcript, and the notices that it leads to."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from bot.house import House
from handlers import turns
from handlers.messages import Reply
from handlers.office import (
    answering,
    contradictions,
    helping,
    law_push,
    permit_desk,
    permit_replacing,
    review,
    staff,
    staff_chats,
)
from handlers.office import homes as office_homes
from handlers.office.answering import Clerk
from handlers.office.helping import Begin, Said
from handlers.office.permit_desk import Desk, Issue
from handlers.office.reviewer import Done, Reviewer, Taken
from handlers.reasons import ASK_REASONS, OWN_WORDS, REFUSAL_REASONS
from handlers.reminders import telling
from handlers.turns import Answered
from handlers.visit import Office
from storage import campaigns, claims, hand_overs, helps, homes, notice_rounds, permits, tables
from storage import staff as accounts
from storage.campaigns import Campaign
from storage.permits import Permit
from storage.records import Ask, Home, Submission
from storage.staff import Member
from storage.unit import Unit
from tests.talks import aged

REVIEWER = Reviewer("clerk")
CLERK = Clerk("clerk", None)
_ASKED = re.compile(r'(\w+)=("[^"]*"|\w+)')


async def act(house: House, said: str, now: datetime | None = None) -> tuple[Reply, ...]:
    """Let a reviewer take the next submission and do what the line says; the replies of the notices that came of it.

    `now`: the time of the talk, where it has one of its own.
    """
    now = now or datetime.now(UTC)
    before, _ = await house.database.read(_notices)
    await house.database.run(lambda unit: _do(unit, house.chat.office, said, now))
    _, answered = await house.database.read(lambda unit: _notices(unit, before))
    for one in answered:
        for language in house.words.languages:
            assert all(message.text for message in house.chat.messages(replace(one, language=language)))
    return tuple(reply for one in answered for reply in one.replies)


async def code_of_member(house: House, role: str, now: datetime | None = None) -> str:
    """A member of the staff of that role asks at the console for a code to link a chat account."""
    now = now or datetime.now(UTC)
    new = Member(0, "", f"{role}1", "王芳", role, "", "zh")

    def give(unit: Unit) -> str:
        staff.add(unit, new, house.areas(), now)
        member = accounts.by_login(unit, new.login)
        assert member is not None
        return staff_chats.new_code(unit, member, now)

    return await house.database.run(give)


def asks(text: str) -> dict[str, Ask]:
    """`name=unclear,phone="两个号码"` as what is asked again."""
    return {step: reason(told) for step, told in _ASKED.findall(text)}


def reason(told: str) -> Ask:
    """A reason of the list, or own words in quotes."""
    known = told in ASK_REASONS or told in REFUSAL_REASONS
    return Ask(told) if known else Ask(OWN_WORDS, told.strip('"'))


async def told(house: House, seen: int) -> tuple[int, tuple[Reply, ...]]:
    """What was said to others since a row of the outbox, and the newest row."""
    newest, answered = await house.database.read(lambda unit: _notices(unit, seen))
    for one in answered:
        for language in house.words.languages:
            assert all(message.text for message in house.chat.messages(replace(one, language=language)))
    return newest, tuple(reply for one in answered for reply in one.replies)


def _do(unit: Unit, office: Office, said: str, now: datetime) -> None:
    for verb, act in WITH_A_PERSON.items():
        if said.startswith(verb):
            act(unit, office, said.removeprefix(verb).strip(), now)
            return
    if said in COLLECTING:
        assert COLLECTING[said](unit, now) is not None
        return
    taken = review.take_next(unit, REVIEWER, now)
    assert isinstance(taken, Taken), "nothing waits for review"
    verb, rest = next((verb, said.removeprefix(verb).strip()) for verb in VERBS if said.startswith(verb))
    outcome = VERBS[verb](unit, office, taken.submission, rest, now)
    assert isinstance(outcome, Done | Taken), outcome


def _confirm_home(unit: Unit, now: datetime) -> object:
    (home, *_) = homes.waiting(unit, None)
    return office_homes.confirm(unit, REVIEWER, home.code, home.version, now)


def _refuse_home(unit: Unit, now: datetime) -> object:
    (home, *_) = homes.waiting(unit, None)
    return office_homes.refuse(unit, REVIEWER, home.code, home.version, Ask("not_here"), now)


def _settle(unit: Unit, to: contradictions.Settled, now: datetime) -> object:
    (found, *_) = contradictions.waiting(unit, REVIEWER)
    finding = contradictions.Finding(to, Ask("visited"))
    return contradictions.settle(unit, REVIEWER, found.id, found.version, finding, now)


def _time_passes(unit: Unit, office: Office, days: str, now: datetime) -> None:
    """So many days pass: everything that was sent and issued is so much older, and the day's job runs."""
    aged.older(unit, int(days.split(maxsplit=1)[0]))
    aged.kept(unit, office, now)


def _permit(unit: Unit) -> Permit:
    (found,) = permits.page(unit, (), 2)
    return found


def _desk(office: Office, now: datetime) -> Desk:
    return Desk("clerk", None, office, now)


def _issues(unit: Unit, office: Office, how: str, now: datetime) -> None:
    permit, desk = _permit(unit), _desk(office, now)
    lives_since = aged.lives_since(unit, permit, office)
    told = Issue("330106202600012345", desk.today, lives_since, electronic=how == "electronic")
    assert isinstance(permit_desk.issue(unit, desk, permit.id, permit.version, told), Permit)


def _hands_out(unit: Unit, office: Office, how: str, now: datetime) -> None:
    permit = _permit(unit)
    assert isinstance(permit_desk.hand_out(unit, _desk(office, now), permit.id, permit.version), Permit)


def _makes_anew(unit: Unit, office: Office, how: str, now: datetime) -> None:
    permit = _permit(unit)
    assert isinstance(permit_replacing.replaced(unit, _desk(office, now), permit.id, permit.version, ""), Permit)


def _ends(unit: Unit, office: Office, reason: str, now: datetime) -> None:
    permit, desk = _permit(unit), _desk(office, now)
    assert isinstance(permit_desk.end(unit, desk, permit.id, permit.version, reason, desk.today), Permit)


def _replace_codes(unit: Unit, now: datetime) -> object:
    home = _newest_home(unit)
    first, *_ = homes.codes(unit, home.code)
    return office_homes.replace_codes(unit, REVIEWER, home.code, first.id, now)


def _newest_home(unit: Unit) -> Home:
    rows = tables.homes.c
    newest = select(rows.code).order_by(rows.created_at.desc(), rows.code)
    home = homes.get(unit, str(unit.execute(newest).scalars().first()))
    assert home is not None
    return home


def codes_given(unit: Unit) -> dict[str, str]:
    """The code that was given for what staff typed (`help`), and that of a poster that was replaced (`lost`)."""
    lost, helped = tables.home_codes.c, tables.helps.c
    retired = unit.execute(select(lost.code).where(lost.retired_at.is_not(None)).order_by(lost.id)).scalars().first()
    number = unit.execute(select(helped.id).where(helped.state == "offered")).scalars().first()
    found = None if number is None else helps.lock(unit, number)
    return ({"lost": retired} if retired else {}) | ({"help": found.code} if found else {})


COLLECTING: dict[str, Callable[[Unit, datetime], object]] = {
    "confirms the home": _confirm_home,
    "refuses the home": _refuse_home,
    "replaces the codes": _replace_codes,
    "finds that they live there": lambda unit, now: _settle(unit, "confirmed", now),
    "finds that they don't live there": lambda unit, now: _settle(unit, "ended", now),
}
Act = Callable[[Unit, Office, Submission, str, datetime], object]
VERBS: dict[str, Act] = {
    "takes": lambda unit, office, found, rest, now: Taken(found),
    "gives back": lambda unit, office, found, rest, now: review.give_back(
        unit, REVIEWER, found.number, found.version, now
    ),
    "approves": lambda unit, office, found, rest, now: review.approve(
        unit, REVIEWER, found.number, found.version, office, now
    ),
    "refuses": lambda unit, office, found, rest, now: review.refuse(
        unit, REVIEWER, found.number, found.version, reason(rest), office, now
    ),
    "asks again": lambda unit, office, found, rest, now: review.ask_again(
        unit, REVIEWER, found.number, found.version, asks(rest), office, now
    ),
}


def _says(unit: Unit, office: Office, text: str, now: datetime) -> None:
    (talk,) = hand_overs.open_ones(unit, None, 2)
    once = f"{now.timestamp()}"
    assert answering.say(unit, CLERK, talk.hand_over.id, text, once, office, now) == "done"


def _hands_back(unit: Unit, office: Office, text: str, now: datetime) -> None:
    (talk,) = hand_overs.open_ones(unit, None, 2)
    assert answering.hand_back(unit, CLERK, talk.hand_over.id, office, now) == "done"


def _reminds(unit: Unit, office: Office, days: str, now: datetime) -> None:
    """The clock strikes the hour of reminders, so many days later."""
    on = now.astimezone(office.zone).date() + timedelta(days=int(days.split(maxsplit=1)[0]))
    assert telling.tell_due(unit, office, datetime.combine(on, time(9, 30), office.zone)) > 0


def _helps(unit: Unit, office: Office, text: str, now: datetime) -> None:
    """Type somebody's answers on the spot, and hand them over."""
    home = _newest_home(unit)
    begun = helping.begin(unit, REVIEWER, home.code, Begin(secrets.token_hex(16), "zh"), office, now)
    assert begun is not None
    for words in (*text.split("，"), "提交"):
        shown = helping.look(unit, REVIEWER, begun.id, office, now)
        assert shown is not None
        assert shown.conversation is not None, words
        said = Said(words, None, shown.conversation.version)
        done = helping.answer(unit, REVIEWER, begun.id, said, office, now)
        assert done is not None
        assert not done.refused, (words, done.replies)
    given = helping.look(unit, REVIEWER, begun.id, office, now)
    assert given is not None
    assert given.help.state == "offered", given.replies


def _ends_silences(unit: Unit, office: Office, text: str, now: datetime) -> None:
    for number in hand_overs.due(unit, now, 2):
        assert answering.end_silence(unit, office, number, now)


def _sends_a_notice(unit: Unit, office: Office, campaign: str, now: datetime) -> None:
    """A round of notices for everybody; `sends a notice of wages-in-money repairs`: in a campaign of these."""
    if campaign:
        today = now.astimezone(office.zone).date()
        names = tuple(campaign.removeprefix("of ").split())
        campaigns.add(unit, Campaign("年前讨薪", names, (), today, today, "clerk"), now)
    notice_rounds.begin(unit, now)
    while (found := notice_rounds.unfinished(unit)) is not None:
        law_push.go_on(unit, office, found, now)


WITH_A_PERSON: dict[str, Callable[[Unit, Office, str, datetime], None]] = {
    "says": _says,
    "hands back": _hands_back,
    "helps": _helps,
    "ends silences": _ends_silences,
    "reminds after": _reminds,
    "sends a notice": _sends_a_notice,
    "time passes": _time_passes,
    "issues the permit": _issues,
    "hands out the permit": _hands_out,
    "makes the permit anew": _makes_anew,
    "ends the permit": _ends,
}


def _notices(unit: Unit, after: int = 0) -> tuple[int, list[Answered]]:
    """The newest row of the outbox, and what its notices after another row say."""
    rows = unit.execute(select(tables.outbox).where(tables.outbox.c.id > after).order_by(tables.outbox.c.id)).all()
    newest = max((row.id for row in rows), default=after)
    messages = [(row.conversation_id, unit.vault.open_json(row.message_sealed, claims.MESSAGE)) for row in rows]
    return newest, [turns.unpacked(b"", conversation, message) for conversation, message in messages]
