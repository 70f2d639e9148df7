"""What comes in and what goes out, in terms that every channel shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal["message", "follow", "scan", "open", "unfollow"]
AttachmentKind = Literal["image", "document", "voice", "video", "sticker", "other"]
Role = Literal["option", "line", "control"]


@dataclass(frozen=True, slots=True)
class Tap:
    """A pressed button: which form and step it belongs to, and its value.

    Commands are taps too: form `""`, step `""`, value the command's name (`back`), or
    `command:argument` (`edit:phone`).
    """

    form: str
    step: str
    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """A shared location, WGS-84 or GCJ-02 as the client sent it; degrees."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A shared telephone contact; `own` is true only when the platform says it is the sender's."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file by reference: the platform's media id, or `stored:<file id>` when already kept."""

    kind: AttachmentKind
    reference: str
    name: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message or event of one account. `message_id` is unique within (channel, address).

    `language` is the platform's guess (`zh`, `en`, or empty), used only for a first contact.
    `scene` is what a QR code or deep link carried (`home_ABCD`), without the platform's prefix.
    """

    channel: str
    address: str
    message_id: str
    received_at: datetime
    kind: Kind = "message"
    text: str = ""
    choice: Tap | None = None
    place: Place | None = None
    contact: Contact | None = None
    files: tuple[Attachment, ...] = ()
    scene: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be tapped or typed.

    Its words are `label` if given (an area's name), else the vocabulary's entry `value` in the list
    `codes`. Roles: `option` answers the question (numbered from 1), `line` is a line of the summary
    (the template prints it with its number), `control` is a command (`value` is its name).
    """

    value: str
    codes: str = ""
    label: str = ""
    role: Role = "option"
    form: str = ""
    step: str = ""

    @property
    def tap(self) -> Tap:
        """What pressing it sends back."""
        return Tap(self.form, self.step, self.value)

    def of(self, form: str, step: str) -> "Choice":
        """The same choice, as one of a step's."""
        return Choice(self.value, self.codes, self.label, self.role, form, step)


@dataclass(frozen=True, slots=True)
class Reply:
    """A template's name, its data (JSON values only), and what can be chosen. Never words.

    `short`: how many options are shown at first (0: all); `more` shows the rest.
    """

    template: str
    data: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    short: int = 0


def control(command: str) -> Choice:
    """A command offered as a button: `control("back")`."""
    return Choice(command, codes="commands", role="control")
