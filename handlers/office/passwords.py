"""Passwords: hashed with argon2id, and what makes one good enough (NIST SP 800-63B, 5.1.1.2: length before symbols)."""

import unicodedata
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 10, 200
DIFFERENT = 5
TELLING = 3  # a shorter word of one's own may stand in a password by chance
COMMON = ("1234567890", "qwertyuiop", "password", "woaini1314", "anju", "admin", "abcdefghij", "1qaz2wsx3e")

Weakness = Literal["password_short", "password_long", "password_plain", "password_own"]

_hasher = PasswordHasher()  # argon2-cffi's default is RFC 9106's second recommendation: 64 MiB, 3 passes
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$" + "A" * 22 + "$" + "A" * 43


def weakness(password: str, *own: str) -> Weakness | None:
    """Why a password is not taken, None for a good one; `own`: login, name and code, which others know."""
    folded = _normal(password).casefold()
    if not LEAST <= len(password) <= MOST:
        return "password_short" if len(password) < LEAST else "password_long"
    if len(set(folded)) < DIFFERENT or any(folded.strip("0123456789!.") == word for word in COMMON) or folded in COMMON:
        return "password_plain"
    return "password_own" if any(len(word) >= TELLING and word.casefold() in folded for word in own) else None


def hashed(password: str) -> str:
    """The hash to keep. Takes some 50 ms and 64 MiB: outside of the database's turn."""
    return _hasher.hash(_normal(password))


def is_right(password: str, kept: str) -> bool:
    """Whether a password has that hash; without a hash it takes as long, so that nobody learns who has an account."""
    try:
        _hasher.verify(kept or _NOBODY, _normal(password[: MOST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def is_outdated(kept: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(kept)


def _normal(password: str) -> str:
    """One form for what looks alike: an input method may give full-width digits one day and not the next."""
    return unicodedata.normalize("NFKC", password)
