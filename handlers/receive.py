"""One message: whose it is, what it asks for, what is kept of it and answered. Runs inside one transaction."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from handlers import commands, engine, turns
from handlers.command_words import asked_for
from handlers.messages import Incoming, Reply
from handlers.offers import with_offer_picked
from handlers.office import (
    accounts,
    corrections,
    endings,
    handing_over,
    helped,
    homes,
    importing,
    law_search,
    my_home,
    my_homes,
    open_questions,
    permit_talks,
    quick_words,
    quiz,
    talks,
)
from handlers.office.broadcasts import hearing
from handlers.office.papers import with_kept_files
from handlers.office.submissions import submit
from handlers.reach import heard_from
from handlers.reminders import planning
from handlers.reminders.talks import matters
from handlers.turns import Answered, Turn
from handlers.visit import Office, Visit, enter, is_correcting
from storage import conversations
from storage.changed import changed
from storage.records import Conversation
from storage.unit import Unit

SENDERS: Mapping[str, Callable[[Visit, Turn], Turn]] = MappingProxyType(
    {
        "migrant": submit,
        "correction": corrections.send,
        "change": endings.send_change,
        "leave": endings.send_leaving,
        "lease": endings.send_lease,
        "withdraw": endings.send_withdrawal,
        "home": homes.send,
        "tenant": my_homes.send_report,
        "moved_out": my_homes.send_moved_out,
        "permit": permit_talks.send_application,
        "endorse": permit_talks.send_endorsement,
        "replace": permit_talks.send_replacement,
        "permit_again": corrections.send,
        "endorse_again": corrections.send,
        "replace_again": corrections.send,
    }
)
LONG_AGO = timedelta(hours=12)
BESIDE = law_search.READING | {quiz.QUESTION}
OPENING = frozenset({"follow", "scan", "open"})


def receive(incoming: Incoming, unit: Unit, office: Office) -> Answered:
    """Answer one message, once.

    Sent again right away, it gets the stored answer; sent again later, AlreadyAnswered undoes this
    transaction and `recall` gives the stored answer.
    """
    key = conversations.message_key(unit, incoming.channel, incoming.address, incoming.message_id)
    if incoming.kind == "unfollow":
        return _unfollow(incoming, unit, office, key)
    conversation = _conversation(incoming, unit, office)
    if conversation.last_message == key:
        return _stored(unit, key, conversation.id)
    conversation = heard_from(conversation, incoming, unit, office.windows.get(incoming.channel))
    turn = _decide(enter(incoming, unit, office, conversation))
    answered = _answered(turn, key)
    now = incoming.received_at
    told = changed(turn.conversation, last_message=key, beside=_beside(answered), updated_at=now)
    conversations.save(unit, told, now)
    if matters(told) != matters(conversation):
        unit.follow_up(planning.plan_talks, planning.Said(told, office, now))
    conversations.record(unit, key, conversation.id, turns.packed(answered), now)
    return answered


def _beside(answered: Answered) -> str:
    shown = [reply.template for reply in answered.replies if reply.template in BESIDE]
    return quiz.QUESTION if quiz.QUESTION in shown else next(iter(shown), "")


def recall(incoming: Incoming, unit: Unit) -> Answered:
    """The stored answer to a message that was answered before."""
    key = conversations.message_key(unit, incoming.channel, incoming.address, incoming.message_id)
    conversation = conversations.find(unit, incoming.channel, incoming.address)
    return _stored(unit, key, conversation.id if conversation else 0)


def _conversation(incoming: Incoming, unit: Unit, office: Office) -> Conversation:
    """The account's conversation, locked; begun at first contact in the language the platform guesses."""
    found = conversations.lock(unit, incoming.channel, incoming.address)
    if found is not None:
        return found
    language = office.language(incoming.language)
    return conversations.begin(unit, incoming.channel, incoming.address, language, incoming.received_at)


def _decide(visit: Visit) -> Turn:
    """A command, the beginning of a talk, or an answer in it; while staff talk to the person, none of these."""
    if visit.conversation.hand_over is not None:
        return _with_staff(visit)
    given = helped.scanned(visit)
    if given is not None:
        return given
    turn = _first_of(visit)
    if turn.finished:
        return SENDERS[turn.conversation.form](visit.with_conversation(turn.conversation), turn)
    if is_correcting(visit.conversation) and not turn.conversation.draft:
        return corrections.given_up(visit, turn)
    if _is_dropped(visit, turn):
        return corrections.over(visit, turn.conversation, *turn.replies)
    consented = _with_consent(turn, visit)
    greeting = my_home.greeted(visit) if visit.incoming.scene else ()
    return changed(consented, replies=(*greeting, *consented.replies)) if greeting else consented


def _is_dropped(visit: Visit, turn: Turn) -> bool:
    """The talk ended before anything was sent, and another one may wait."""
    if not visit.is_talking or turn.conversation.draft:
        return False
    return bool(turn.conversation.aside) or visit.conversation.form == "endorse"


def _first_of(visit: Visit) -> Turn:
    """A list, an answer to the quiz, a command, an answer to a broadcast, a question about the law, or the talk."""
    turn = importing.sent(visit) or quiz.typed(visit) or _commanded(visit) or hearing.spoken(visit)
    return turn or law_search.answer(visit) or law_search.instead(visit, _talk(visit))


def _with_staff(visit: Visit) -> Turn:
    """The bot is silent but where it is meant without doubt: its own word, a staff code to check, a button."""
    command = asked_for(visit.incoming, visit.context.vocabulary, talking=visit.is_talking)
    name = command.partition(":")[0]
    if name in commands.BESIDE_STAFF:
        return commands.carry_out(visit, command) or handing_over.heard(visit)
    if name == "person" or visit.incoming.choice is not None or visit.incoming.kind in OPENING:
        return handing_over.reminded(visit)
    return handing_over.heard(visit)


def _commanded(visit: Visit) -> Turn | None:
    to_staff = quick_words.answer(visit)
    if to_staff is not None:
        return talks.present(visit, to_staff) if visit.conversation.consent else Turn(visit.conversation, (to_staff,))
    command = asked_for(visit.incoming, visit.context.vocabulary, talking=visit.is_talking)
    if not command and not visit.is_talking and visit.conversation.holder_id:
        command = open_questions.meant(visit)
    if command == "more":
        return _more(visit)
    if not command or (
        visit.conversation.status == "new" and command.partition(":")[0] not in commands.BEFORE_GREETING
    ):
        return None
    return commands.carry_out(visit, command)


def _talk(visit: Visit) -> Turn:
    conversation, incoming = visit.conversation, visit.incoming
    if not visit.is_talking:
        return talks.welcome(visit)
    if incoming.kind in OPENING:
        return engine.again(conversation, visit.form, visit.context)
    visit = visit.with_incoming(with_kept_files(visit))
    visit = visit.with_incoming(with_offer_picked(visit))
    turn = engine.advance(conversation, visit.form, visit.incoming, visit.context)
    return talks.resume(visit) if _is_back_after_long(visit, turn) else turn


def _is_back_after_long(visit: Visit, turn: Turn) -> bool:
    """Whoever was away for long and doesn't answer the question is welcomed rather than corrected."""
    seen = visit.conversation.updated_at
    away = visit.conversation.status == "paused" or (seen is not None and visit.now - seen > LONG_AGO)
    return away and any(reply.template.startswith("invalid/") for reply in turn.replies)


def _more(visit: Visit) -> Turn:
    """The rest of what was said last; the answer's page says how far."""
    last = conversations.answered(visit.unit, visit.conversation.last_message)
    said = None if last is None else turns.unpacked(b"", visit.conversation.id, last)
    if said is None or not said.replies:
        return talks.present(visit)
    return Turn(visit.conversation, said.replies, page=said.page + 1)


def _with_consent(turn: Turn, visit: Visit) -> Turn:
    """Consent is recorded with the version of its text; without it nothing is kept but that fact."""
    conversation, version = turn.conversation, visit.office.consent_version
    if is_correcting(conversation):
        return turn
    consent, before = conversation.answers.get("consent"), visit.conversation.answers.get("consent")
    if consent is None or consent == before or consent.value != "agree" or conversation.consent == version:
        return turn
    return changed(turn, conversation=changed(conversation, consent=version, consented_at=visit.now))


def _answered(turn: Turn, key: bytes) -> Answered:
    conversation = turn.conversation
    return Answered(key, conversation.id, conversation.language, turn.replies, turn.page)


def _stored(unit: Unit, key: bytes, conversation_id: int) -> Answered:
    data = conversations.answered(unit, key)
    if data is None:
        return Answered(key, conversation_id, "zh", (Reply("say/resumed"),), rejoined=True)
    return turns.unpacked(key, conversation_id, data)


def _unfollow(incoming: Incoming, unit: Unit, office: Office, key: bytes) -> Answered:
    conversation = conversations.lock(unit, incoming.channel, incoming.address)
    now = incoming.received_at
    accounts.unfollow(unit, conversation, now, now.astimezone(office.zone).date())
    if conversation is not None:
        planning.plan(unit, "conversation", conversation.id, office, now)
    return Answered(key, 0, "zh", ())
