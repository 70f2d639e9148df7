"""WeChat's envelope: signatures, and the encryption of safe and compatible mode (its documents on encryption)."""

import hmac
from base64 import b64decode
from dataclasses import dataclass, field
from hashlib import sha1


class BadEnvelope(Exception):
    """An encrypted message can't be opened with this key, or is for another account."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, as the platform signs."""
    return sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 -- the platform's choice


def is_signed(given: str, *parts: str) -> bool:
    """Whether `given` is the parts' signature; takes equally long however much of it is right."""
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


@dataclass(frozen=True, slots=True)
class Seal:
    """One EncodingAESKey of an account: AES-256-CBC over nonce, length, message and app id."""

    app_id: str
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, app_id: str, encoding_aes_key: str) -> "Seal":
        """From the 43 characters of the account's page."""
        import bot.channels.wechat.crypto  # noqa: F401 -- now, and not with the first message

        return cls(app_id, b64decode(encoding_aes_key + "="))

    def close(self, message: str) -> str:
        """Encrypt a reply."""
        from bot.channels.wechat import crypto

        return str(crypto.of(self.key).encrypt(message, self.app_id).decode())

    def open(self, closed: str) -> str:
        """Decrypt a message, or BadEnvelope."""
        from bot.channels.wechat import crypto

        try:
            return str(crypto.of(self.key).decrypt(closed, self.app_id))
        except crypto.UNREADABLE:
            raise BadEnvelope from None
