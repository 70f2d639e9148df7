"""wechatpy's AES envelope; apart, for wechatpy loads a whole HTTP client that plain mode never needs."""

import secrets
from functools import lru_cache
from struct import error as struct_error

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException

NONCE_LENGTH = 16
UNREADABLE = (InvalidAppIdException, ValueError, TypeError, IndexError, struct_error)


class Crypto(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """AES-256-CBC over nonce, length, message and app id, the nonce from the system's secure source."""

    def get_random_string(self) -> str:
        """A nonce."""
        return secrets.token_hex(NONCE_LENGTH // 2)


@lru_cache(4)
def of(key: bytes) -> Crypto:
    """The envelope of a key; an account has one, and another while it changes."""
    return Crypto(key)
