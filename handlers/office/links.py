"""Links to one's own papers that work on every channel: sealed, so that they tell nothing, and soon over."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from storage.secrets import SecretsError, Vault

PLACE = "links.own"
LASTS = timedelta(hours=24)
LONGEST = 256

Kind = Literal["certificate", "export", "poster", "import", "calendar"]


@dataclass(frozen=True, slots=True)
class Link:
    """What a link leads to: a certificate or poster by its id; by a conversation's, its data, lists or calendar."""

    kind: Kind
    id: int


def token(vault: Vault, link: Link, now: datetime) -> str:
    """The link's secret part, good for LASTS from now."""
    sealed = vault.seal_json([link.kind, link.id, int((now + LASTS).timestamp())], PLACE)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def opened(vault: Vault, text: str, now: datetime) -> Link | None:
    """What a token leads to; None where it is not ours or is over."""
    if len(text) > LONGEST:
        return None
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        kind, number, until = vault.open_json(sealed, PLACE)
    except (binascii.Error, ValueError, SecretsError):
        return None
    return Link(kind, number) if now < datetime.fromtimestamp(until, UTC) else None
