"""One message's surroundings: what a command or a use case may look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.forms.correction import CORRECTING
from handlers.forms.entries import FORMS
from handlers.forms.migrant import MIGRANT
from handlers.messages import Incoming, Reply
from handlers.office import scanning
from handlers.reach import Windows
from handlers.steps import Context, Form
from handlers.turns import Turn
from handlers.vocabulary import Vocabulary
from regulations.calendar import Calendar
from regulations.notice_search import Finder
from regulations.notices import Library
from regulations.pack import Pack
from regulations.quiz import Book
from storage.records import Area, Conversation, Home
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Silence:
    """How long the bot keeps silent: while a person waits for the staff, and while nobody says anything more."""

    answer: timedelta = timedelta(minutes=30)
    quiet: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Office:
    """What stays the same from message to message: the law in force, the languages, the local zone.

    areas: gives the table of areas (the composition root keeps it and renews it when it changes);
    abroad: channels whose platform keeps data outside the country, which the first screen tells; windows: how
    many messages a platform allows after something the person did, by channel; asks: the notifications that people
    are asked to agree to, by channel; name: the authority, as certificates tell it (empty: called after its place);
    silence: for how long staff have a person to themselves; privacy_days: within how many days the office answers a
    request about data (its own limit); call_days: how long before a deadline somebody is to be called; notices: what
    can be read about the law; finder: gives the search in it; quiz: questions about them; remind_at: the hour of the
    day at which people are reminded.
    """

    pack: Pack
    calendar: Calendar
    zone: ZoneInfo
    vocabularies: Mapping[str, Vocabulary]
    consent_version: str
    areas: Callable[[], tuple[Area, ...]]
    abroad: frozenset[str] = frozenset({"telegram"})
    windows: Mapping[str, Windows] = field(default_factory=dict)
    name: str = ""
    asks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silence: Silence = Silence()
    privacy_days: int = 15
    call_days: int = 3
    notices: Library = field(default_factory=Library)
    remind_at: time = time(9)
    finder: Callable[[], Finder] = Finder
    quiz: Book = field(default_factory=Book)

    @property
    def places(self) -> frozenset[str]:
        """The packs whose notices hold here: the office's own and its parents."""
        return frozenset((self.pack.name, *self.pack.parents))

    def language(self, wanted: str) -> str:
        """A language that is spoken here: the wanted one, else Chinese."""
        return wanted if wanted in self.vocabularies else "zh"


@dataclass(frozen=True, slots=True)
class Visit:
    """A message, the conversation it belongs to, and the transaction they are in."""

    unit: Unit
    office: Office
    incoming: Incoming
    conversation: Conversation
    context: Context

    @property
    def form(self) -> Form:
        """The form that is being filled in; the registration's where none is."""
        return FORMS.get(self.conversation.form, MIGRANT)

    @property
    def now(self) -> datetime:
        """When the message came in."""
        return self.incoming.received_at

    @property
    def is_talking(self) -> bool:
        """Whether a form is being filled in, or was put aside."""
        return bool(self.conversation.draft)

    def say(self, template: str, **data: object) -> Turn:
        """A reply that changes nothing."""
        return Turn(self.conversation, (Reply(template, data),))

    def with_conversation(self, conversation: Conversation) -> "Visit":
        """The same visit, the conversation having moved on."""
        return replace(self, conversation=conversation)

    def with_incoming(self, incoming: Incoming) -> "Visit":
        """The same visit, the message made ready."""
        return self if incoming is self.incoming else replace(self, incoming=incoming)


def enter(incoming: Incoming, unit: Unit, office: Office, conversation: Conversation) -> Visit:
    """A message's visit; what a scanned code carried is remembered with the conversation."""
    scanned = incoming.scene.removeprefix("home_") if incoming.scene.startswith("home_") else ""
    located = replace(conversation, scene=scanned) if scanned else conversation
    context = Context(
        now=incoming.received_at,
        zone=office.zone,
        pack=office.pack.on(incoming.received_at.astimezone(office.zone).date()),
        vocabulary=office.vocabularies[office.language(conversation.language)],
        areas=office.areas(),
        home=None if is_correcting(located) else _home(unit, located.scene, incoming.received_at),
        abroad=incoming.channel in office.abroad,
    )
    return Visit(unit, office, incoming, located, context)


def is_correcting(conversation: Conversation) -> bool:
    """Whether the talk is one in which the office's questions are answered."""
    return bool(conversation.draft) and conversation.form in CORRECTING


def _home(unit: Unit, code: str, now: datetime) -> Home | None:
    return scanning.scanned(unit, code, now) if code else None
