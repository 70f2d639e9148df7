"""Who is talking: a random identity in a signed cookie, and files bound to it."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, Signer, TimestampSigner
from starlette.responses import Response

KEPT_SECONDS = 400 * 24 * 3600
IDENTITY_BYTES = 16
LANGUAGE_COOKIE = "anju_language"


class Sessions:
    """Gives and reads the identity cookie; `secure` is true where the page is served by https.

    keys: the newest first, which signs; what an older one signed is good as long as it is there.
    """

    def __init__(self, keys: Sequence[bytes], *, secure: bool) -> None:
        self.secure = secure
        # A name with __Host- can't be planted by a neighbouring domain (RFC 6265bis, 4.1.3.2); it needs https.
        self.cookie = "__Host-anju" if secure else "anju"
        oldest_first = list(reversed(keys))
        self._identities = TimestampSigner(oldest_first, salt="anju.web.identity", digest_method=hashlib.sha256)
        self._files = Signer(oldest_first, salt="anju.web.file", digest_method=hashlib.sha256)

    def address(self, cookies: Mapping[str, str]) -> str | None:
        """The identity in the cookie; None where there is none, or it was tampered with, or is too old.

        One from a moment to come is good: another copy's clock is ahead of ours, or ours went back.
        """
        try:
            value, signed_at = self._identities.unsign(cookies.get(self.cookie, ""), return_timestamp=True)
        except BadSignature:
            return None
        return value.decode() if datetime.now(UTC) - signed_at <= timedelta(seconds=KEPT_SECONDS) else None

    def new_address(self) -> str:
        """A new identity of 128 random bits."""
        return secrets.token_urlsafe(IDENTITY_BYTES)

    def give(self, response: Response, address: str) -> None:
        """Put the identity into the response, for 400 days from now."""
        self._set(response, self.cookie, self._identities.sign(address).decode())

    def give_language(self, response: Response, language: str) -> None:
        """Remember the language of the page."""
        self._set(response, LANGUAGE_COOKIE, language)

    def file_ticket(self, address: str, file_id: str) -> str:
        """What the browser gets in place of a file's id: only this identity can use it."""
        signature = self._files.get_signature(f"{address}:{file_id}").decode()
        return f"{file_id}.{signature}"

    def file_id(self, address: str, ticket: str) -> str | None:
        """The file of a ticket, or None if it isn't this identity's."""
        file_id, _, signature = ticket.partition(".")
        genuine = self._files.verify_signature(f"{address}:{file_id}".encode(), signature)
        return file_id if genuine else None

    def _set(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, max_age=KEPT_SECONDS, httponly=True, samesite="lax", secure=self.secure)
