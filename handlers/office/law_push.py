"""A notice for each person when the rhythm comes round: chosen for them, at their hour, once however often tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.messages import Choice as Button
from handlers.messages import Reply, control
from handlers.office import hours, outbox
from handlers.office.notice_choice import Candidate, Choice, Known, Running, choose
from handlers.office.traits import fits_audience, traits_of
from handlers.turns import Answered
from handlers.visit import Office
from regulations import notice_fit
from storage import campaigns, conversations, law_counts, notice_rounds, readings, topics
from storage.campaigns import Campaign
from storage.deliveries import Terms
from storage.notice_rounds import Round
from storage.unit import Unit

TOPIC = "legal"
KIND = "legal"
USEFUL = timedelta(days=6)  # what could not be said until the next one is due is left unsaid
LOOKED_BACK = timedelta(days=30)
SETTLED_WITHIN = timedelta(days=60)
AT_ONCE = 4  # people in one transaction: each takes some twenty statements, and talks wait behind it
SETTLED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as the choice sees them."""

    holder_id: str
    accounts: Sequence[int]
    known: Known
    off: bool
    consented: bool


def go_on(unit: Unit, office: Office, read: Round, now: datetime, at_once: int = AT_ONCE) -> bool:
    """The next people of a round; whether there are more. What another copy of the program did meanwhile stands."""
    some = notice_rounds.people(unit, read.reached, at_once)
    told = sum(tell(unit, office, holder, read.begun_at, now) for _, holder in some)
    reached = some[-1][0] if some else read.reached
    is_last = len(some) < at_once
    return notice_rounds.advance(unit, read, reached, told, now if is_last else None) and not is_last


def tell(unit: Unit, office: Office, holder_id: str, begun_at: datetime, now: datetime) -> bool:
    """Write one person their notice of this round; False where there is none for them, or they want none."""
    who = person(unit, office, holder_id, now)
    best = None if who.off or not who.consented else _choice(office, who.known).best
    if best is None:
        return False
    key = f"legal:{int(begun_at.timestamp() * 1000)}:{holder_id}"
    due_at = hours.next_at(_hour(unit, office, who.accounts, now), now, office.zone, holder_id)
    terms = Terms(kind=KIND, topic=TOPIC, due_at=due_at, not_after=due_at + USEFUL)
    accounts: list[int] = []

    def message(account: int, language: str) -> Answered:
        accounts.append(account)
        return Answered(b"", account, language, (_reply(best),))

    if not outbox.tell(unit, key, holder_id, message, now, terms):
        return False
    readings.push(unit, accounts[0], best.notice, key, now)
    return True


def why(unit: Unit, office: Office, holder_id: str, now: datetime) -> tuple[Person, Choice, int]:
    """A person, what is weighed for them, and their hour: to be explained."""
    who = person(unit, office, holder_id, now)
    return who, _choice(office, who.known), _hour(unit, office, who.accounts, now)


def person(unit: Unit, office: Office, holder_id: str, now: datetime) -> Person:
    """What the choice knows of somebody."""
    today = now.astimezone(office.zone).date()
    accounts = [account.conversation_id for account in conversations.of_holder(unit, holder_id)]
    traits = traits_of(unit, holder_id, today)
    theirs = [one for one in campaigns.running(unit, today) if fits_audience(one.audience, traits)]
    shown = readings.of_accounts(unit, accounts)
    known = Known(traits, shown, [_running(one) for one in theirs], today, now)
    off = any(topics.is_off(unit, account, TOPIC) for account in accounts[:1])
    consented = "landlord" in traits or any(_has_consented(unit, account) for account in accounts)
    return Person(holder_id, accounts, known, off, consented)


def _has_consented(unit: Unit, account: int) -> bool:
    """Whether they agreed to the registration's text; a landlord's consent is kept with the home."""
    address = conversations.address_of(unit, account)
    found = conversations.find(unit, *address) if address else None
    return found is not None and bool(found.consent)


def settle(unit: Unit, office: Office, now: datetime) -> int:
    """Note what has left and what was read since, and count it; how many."""
    since, today = now - SETTLED_WITHIN, now.astimezone(office.zone).date()
    sent = readings.note_sent(unit, since, SETTLED_AT_ONCE)
    read = readings.note_answered(unit, since, SETTLED_AT_ONCE)
    for what, names in (("sent", sent), ("read", read)):
        for name in names:
            law_counts.count(unit, today, "sent" if what == "sent" else "read", name)
    return len(sent) + len(read)


def _choice(office: Office, known: Known) -> Choice:
    return choose(known, office.notices.here(office.places), notice_fit.shipped())


def _hour(unit: Unit, office: Office, accounts: Sequence[int], now: datetime) -> int:
    return hours.usual_hour(notice_rounds.written_at(unit, accounts, now - LOOKED_BACK), office.zone)


def _running(one: Campaign) -> Running:
    return Running(one.id, one.title, one.notices, one.begins_on)


def _reply(best: Candidate) -> Reply:
    """The notice, with the way to the next one, to a quiz, and out."""
    topic = Button(f"law:{best.topic}", codes="commands", role="control")
    data = {"notice": best.notice, "campaign": best.campaign}
    return Reply("say/notice_pushed", data, (topic, control("quiz"), control("no_notices")))
