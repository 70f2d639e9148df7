"""WeChat's envelope: signatures, and the encryption of safe and compatible mode (its documents on encryption)."""

import hmac
import secrets
from base64 import b64decode
from dataclasses import dataclass, field
from struct import error as struct_error

from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.utils import WeChatSigner

NONCE_LENGTH = 16
UNREADABLE = (InvalidAppIdException, ValueError, TypeError, IndexError, struct_error)


class BadEnvelope(Exception):
    """An encrypted message can't be opened with this key, or is for another account."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, as the platform signs."""
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def is_signed(given: str, *parts: str) -> bool:
    """Whether `given` is the parts' signature; takes equally long however much of it is right."""
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


class _Crypto(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's envelope, its nonce from the system's secure source."""

    def get_random_string(self) -> str:
        return secrets.token_hex(NONCE_LENGTH // 2)


@dataclass(frozen=True, slots=True)
class Seal:
    """One EncodingAESKey of an account: AES-256-CBC over nonce, length, message and app id."""

    app_id: str
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, app_id: str, encoding_aes_key: str) -> "Seal":
        """From the 43 characters of the account's page."""
        return cls(app_id, b64decode(encoding_aes_key + "="))

    def close(self, message: str) -> str:
        """Encrypt a reply."""
        return str(_Crypto(self.key).encrypt(message, self.app_id).decode())

    def open(self, closed: str) -> str:
        """Decrypt a message, or BadEnvelope."""
        try:
            return str(_Crypto(self.key).decrypt(closed, self.app_id))
        except UNREADABLE:
            raise BadEnvelope from None
