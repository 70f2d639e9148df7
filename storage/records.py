"""Plain frozen records: what queries return and decisions work on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Value = Any
AnswerKind = Literal["given", "skipped", "derived", "questioned"]
Status = Literal["new", "active", "paused", "ended"]
Reach = Literal["reachable", "blocked", "unfollowed", "dead"]
State = Literal[
    "", "received", "in_review", "needs_answers", "registered", "moved_out", "refused", "withdrawn", "changed", "moved",
    "left", "erased", "accepted", "endorsed",
]  # fmt: skip
Actor = Literal["person", "staff", "program"]
Kind = Literal["registration", "change", "leaving", "withdrawal", "permit", "endorsement", "replacement"]
HomeState = Literal["registered", "confirmed", "refused"]
TenancyState = Literal["", "claimed", "reported", "confirmed", "disputed", "leaving", "ended", "merged"]
Side = Literal["tenant", "landlord", "staff"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: given by the person, skipped, or derived from another step (`source`).

    `questioned`: the office wants it looked at again; it counts until the person gives another or keeps it.
    """

    kind: AnswerKind
    value: Value = None
    source: str = ""


Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Ask:
    """Why the office asks for an answer again: a code of the list, or its own words."""

    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a talk about something sent before is about.

    number: the submission's; asks: the office's reasons by step; before: the answers as they were sent; trail: the
    steps asked in this talk.
    """

    number: str = ""
    asks: Mapping[str, Ask] = field(default_factory=dict)
    before: Answers = field(default_factory=dict)
    trail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk put aside for another one, as it stood."""

    form: str
    asked: str
    status: Status
    answers: Answers
    draft: str
    scene: str
    matter: Matter


@dataclass(frozen=True, slots=True)
class Conversation:
    """One account's talk on one channel. `version` is the row's version as read.

    `asked` is the step asked last, `draft` names the talk in progress: a submission made from it
    carries the same name, so that one talk makes one submission. `last_message` is the key of the message
    answered last; `scene` is what the QR code carried that began the talk. `reach`: whether the platform lets us
    say something unasked; `held`: something waits until the person writes; `window_left`, `window_until`: how many
    messages the platform still allows, and until when (platforms without windows leave both empty). `hand_over`: the
    open one, while staff talk to the person and the bot is silent. `aside`: talks put aside for this one, the last one
    on top. `beside`: what the last answer showed beside the talk (a template), which the next words may be about.
    """

    id: int
    channel: str
    address: str
    language: str
    form: str = ""
    asked: str = ""
    status: Status = "new"
    answers: Answers = field(default_factory=dict)
    draft: str = ""
    consent: str = ""
    consented_at: datetime | None = None
    holder_id: str = ""
    last_message: bytes = b""
    scene: str = ""
    version: int = 0
    updated_at: datetime | None = None
    reach: Reach = "reachable"
    held: bool = False
    window_left: int = 0
    window_until: datetime | None = None
    hand_over: int | None = None
    matter: Matter = field(default_factory=Matter)
    aside: tuple[Talk, ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a person: its conversation, channel, and whether it can be reached."""

    conversation_id: int
    channel: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Address:
    """An account as a message to it needs it; address_index: the keyed index of its address, empty once wiped."""

    conversation_id: int
    channel: str
    reach: Reach
    language: str
    holder_id: str
    address_index: bytes


@dataclass(frozen=True, slots=True)
class Area:
    """A street (no parent) or a community in it; coordinates in degrees where the operator gave them."""

    code: str
    parent: str
    names: Mapping[str, str]
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a home that is let by itself: its name as the landlord gave it (302)."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Home:
    """A home that has a QR code. `code` names it for good, whatever its posters say.

    rooms: those let by themselves; room: the one whose own code was scanned; state: registered (the office has not
    looked yet), confirmed or refused; acts_as: what whoever answers for it (`holder_id`) is to it; owner: name, number
    and telephone as they were given.
    """

    code: str
    area: str
    address: str
    rooms: tuple[Room, ...] = ()
    room: Room | None = None
    kind: str = ""
    capacity: int | None = None
    state: HomeState = "confirmed"
    version: int = 0
    acts_as: str = ""
    owner_kind: str = ""
    holder_id: str = ""
    owner: Mapping[str, Any] = field(default_factory=dict)
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A registration that was sent: the answers as they stood, and what is plain for lists and counts.

    kind: a registration, or a change, leaving or withdrawal of the one `former_id` names, or what is asked for about a
    permit by whom that one registered; version: counts the steps of
    its way; reviewer, lease_until: who has it in review, and until when. due_on: the day the person is told;
    late_after: the last day on which nobody is late, None while it isn't known; holidays_of: the year whose holidays
    have to be announced for that.
    """

    number: str
    draft: str
    holder_id: str
    form: str
    form_version: str
    pack: str
    channel: str
    language: str
    answers: Answers
    submitted_at: datetime
    consent: str
    consented_at: datetime
    due_on: date | None = None
    in_time: bool | None = None
    status: State = "received"
    already_registered: bool = False
    id: int = 0
    kind: Kind = "registration"
    former_id: int | None = None
    person_id: int = 0
    version: int = 0
    reviewer: str = ""
    lease_until: datetime | None = None
    decided_at: datetime | None = None
    late_after: date | None = None
    holidays_of: int | None = None

    @property
    def area(self) -> str:
        """The community whose office it belongs to."""
        return str(_value(self.answers, "area") or "")


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A photo or PDF sent in a talk. States: waiting (to be fetched), stored, refused (with a reason)."""

    id: str
    conversation_id: int
    step: str
    state: str
    reason: str
    content_type: str
    size: int
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that waits to be sent, claimed by one sender; `claim` is the fencing number.

    `kind`: answer, notice, reminder, broadcast or legal; `attempts`: those begun so far; `unknown`: those of them whose
    outcome nobody knows; `said`: how many parts of a long message have gone out; `topic`: what the person may turn
    off; `late`: it waited for them to come back; `asked`: the other copies were asked who has their page open;
    `broadcast_id`: the broadcast it is part of.
    """

    id: int
    conversation_id: int
    channel: str
    address: str
    message: Any
    attempts: int
    claim: int
    kind: str = "answer"
    unknown: int = 0
    said: int = 0
    topic: str = ""
    late: bool = False
    asked: bool = False
    broadcast_id: int | None = None


def _value(answers: Answers, name: str) -> Value:
    answer = answers.get(name)
    return None if answer is None else answer.value
