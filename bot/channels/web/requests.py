"""What a browser may send: who may post, how much, and what a message looks like."""

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from bot.channels.bodies import BodyRefused
from bot.channels.web.session import Sessions
from handlers.messages import Attachment, Incoming, Place, Tap

MESSAGE_BYTES = 64 * 1024
FILE_BYTES = 10 * 1024 * 1024
TEXT_LENGTH = 4000
FILES = 10


class ForeignRequest(Exception):
    """The request does not come from the page itself."""


class UnreadableMessage(Exception):
    """The message is not the JSON object that the page sends."""

    def __init__(self, field: str = "") -> None:
        super().__init__((type(self).__doc__ or "").strip() + (f" Look at `{field}`." if field else ""))


REFUSALS = (BodyRefused, ForeignRequest, UnreadableMessage)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Choice(_Part):
    form: Annotated[str, Field(max_length=64)]
    step: Annotated[str, Field(max_length=64)]
    value: Annotated[str, Field(max_length=200)]


class _Place(_Part):
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class Said(_Part):
    """One message of the page. `id` is made by the page, and the same when it is sent again."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    text: Annotated[str, Field(max_length=TEXT_LENGTH)] = ""
    choice: _Choice | None = None
    files: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=FILES)] = ()
    place: _Place | None = None
    kind: Literal["message", "open"] = "message"
    language: Annotated[str, Field(pattern=r"^[a-z]{0,8}$")] = ""
    scene: Annotated[str, Field(pattern=r"^(home_[A-Za-z0-9_-]{1,40})?$")] = ""

    def to_incoming(self, address: str, sessions: Sessions, now: datetime) -> Incoming:
        """The message as every channel gives it; files of somebody else are left out."""
        files = [sessions.file_id(address, ticket) for ticket in self.files]
        return Incoming(
            channel="web",
            address=address,
            message_id=self.id,
            received_at=now,
            kind=self.kind,
            text=self.text,
            choice=Tap(self.choice.form, self.choice.step, self.choice.value) if self.choice else None,
            place=Place(self.place.latitude, self.place.longitude) if self.place else None,
            files=tuple(Attachment("image", f"stored:{file_id}") for file_id in files if file_id),
            scene=self.scene,
            language=self.language,
        )


def read_said(body: bytes) -> Said:
    """The message in a request's body, or UnreadableMessage."""
    try:
        return Said.model_validate_json(body)
    except ValidationError as error:
        place = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        raise UnreadableMessage(".".join(str(part) for part in place)) from None


def check_same_origin(request: Request, base_url: str) -> None:
    """Raise ForeignRequest unless the browser says that the page itself asks (Fetch Metadata, else Origin)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        allowed = site == "same-origin"
    else:
        origin = request.headers.get("origin", "")
        allowed = bool(origin) and (origin == _origin(base_url) or urlsplit(origin).netloc == request.headers["host"])
    if not allowed:
        raise ForeignRequest


def check_json(request: Request) -> None:
    """Raise ForeignRequest unless the body is declared as JSON, which no foreign form can do."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ForeignRequest


def check_file(request: Request) -> None:
    """Raise ForeignRequest unless the page's own header is there, which no foreign form can set."""
    if request.headers.get("x-anju-file") != "1":
        raise ForeignRequest


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
