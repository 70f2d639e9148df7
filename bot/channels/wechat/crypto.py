"""wechatpy's AES envelope; apart, for wechatpy loads a whole HTTP client that plain mode never needs."""

import secrets
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
