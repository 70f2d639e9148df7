"""WeChat's envelope: signatures, and the encryption of safe and compatible mode (its documents on encryption)."""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PADDED_TO = 32
NONCE_BYTES = 16
LENGTH_BYTES = 4


class BadEnvelope(Exception):
    """An encrypted message can't be opened with this key, or is for another account."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, as the platform signs."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


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
        return cls(app_id, b64decode(encoding_aes_key + "="))

    def close(self, message: str) -> str:
        """Encrypt a reply."""
        content = message.encode()
        framed = secrets.token_bytes(NONCE_BYTES) + len(content).to_bytes(LENGTH_BYTES, "big") + content
        encryptor = self._cipher().encryptor()
        return b64encode(encryptor.update(_padded(framed + self.app_id.encode())) + encryptor.finalize()).decode()

    def open(self, closed: str) -> str:
        """Decrypt a message, or BadEnvelope."""
        try:
            decryptor = self._cipher().decryptor()
            framed = decryptor.update(b64decode(closed, validate=True)) + decryptor.finalize()
            return self._message(_unpadded(framed)[NONCE_BYTES:])
        except ValueError:
            raise BadEnvelope from None

    def _message(self, framed: bytes) -> str:
        end = LENGTH_BYTES + int.from_bytes(framed[:LENGTH_BYTES], "big")
        if len(framed) < end or not hmac.compare_digest(framed[end:], self.app_id.encode()):
            raise BadEnvelope
        return framed[LENGTH_BYTES:end].decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16]))


def _padded(content: bytes) -> bytes:
    """PKCS#7 to 32 bytes, twice AES's own block."""
    missing = PADDED_TO - len(content) % PADDED_TO
    return content + bytes([missing]) * missing


def _unpadded(content: bytes) -> bytes:
    padding = content[-1] if content else 0
    if not 1 <= padding <= PADDED_TO or content[-padding:] != bytes([padding]) * padding:
        raise BadEnvelope
    return content[:-padding]
