"""The console's one cookie, and the token that its forms carry."""

import base64
import hmac
import secrets
from collections.abc import Mapping

from starlette.responses import Response

from storage.secrets import Vault

TOKEN_BYTES = 32


class Cookies:
    """Gives and reads the cookie; before anybody signs in it carries a token that no session has."""

    def __init__(self, vault: Vault, *, secure: bool) -> None:
        self._vault = vault
        self._secure = secure
        # A name with __Host- can't be planted by a neighbouring domain (RFC 6265bis, 4.1.3.2); it needs https.
        self.name = "__Host-anju-console" if secure else "anju_console"

    def token(self, cookies: Mapping[str, str]) -> str:
        """The browser's token; empty where it has none."""
        return cookies.get(self.name, "")

    def new_token(self) -> str:
        """A token of 256 random bits, of no session."""
        return secrets.token_urlsafe(TOKEN_BYTES)

    def give(self, response: Response, token: str) -> None:
        """Put a token into the browser until it is closed; links from a chat arrive signed in, foreign forms don't."""
        response.set_cookie(self.name, token, httponly=True, samesite="lax", secure=self._secure, path="/")

    def form_token(self, token: str) -> str:
        """What a form must send back: bound to the cookie, and telling nothing of it."""
        return _written(self._vault.index("console_form", token))

    def is_own_form(self, token: str, sent: str) -> bool:
        """Whether a form was made for this cookie; compared in constant time."""
        expected = [_written(index) for index in self._vault.indexes("console_form", token)]
        return bool(token) and any(hmac.compare_digest(own.encode(), sent.encode()) for own in expected)


def _written(index: bytes) -> str:
    return base64.urlsafe_b64encode(index).decode().rstrip("=")
