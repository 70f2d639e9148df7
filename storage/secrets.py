"""Encryption at rest with rotating keys, and the keyed index by which encrypted things are found."""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
KEY_BYTES = 32
ID_BYTES = 4
NONCE_BYTES = 12
INDEX_BYTES = 16
INDEX = "index"
NAME = "name of the key"
FORMER_INDEX = "index-old"  # beside the new one while that takes its place


class SecretsError(Exception):
    """The keys can't be used."""

    def __init__(self, hint: str = "") -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} {hint}".strip())


class BadKeys(SecretsError):
    """ANJU_KEYS must be name:key entries with commas, newest first, and one named index; `anju keys` makes them."""


class KeyMissing(SecretsError):
    """A value was sealed with a key that ANJU_KEYS no longer names; put the old key back behind the new one."""


class SealBroken(SecretsError):
    """A sealed value was changed, or stands where another one belongs."""


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """Encryption keys by name, newest first; the index key, and the former one behind it while it is replaced."""

    sealing: tuple[tuple[str, bytes], ...]
    indexing: tuple[bytes, ...]

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """The keys of a setting such as `k2026:…,k2025:…,index:…`; raises BadKeys, which never shows a key."""
        entries = [_entry(part.strip()) for part in text.split(",") if part.strip()]
        sealing = tuple((name, key) for name, key in entries if name not in {INDEX, FORMER_INDEX})
        present, former = ([key for name, key in entries if name == wanted] for wanted in (INDEX, FORMER_INDEX))
        if not sealing or len(present) != 1 or len(former) > 1 or present == former:
            raise BadKeys
        return cls(sealing, (*present, *former))


def generate(name: str) -> str:
    """A new setting: one fresh encryption key of that name and one index key."""
    return ",".join(f"{label}:{base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()}" for label in (name, INDEX))


class Vault:
    """Seals what identifies a person (AES-256-GCM) and finds it again by HMAC-SHA-256.

    A key may seal 2^32 values with random nonces (NIST SP 800-38D, 8.3): put a new one in front long before.
    """

    def __init__(self, keyring: Keyring) -> None:
        keys = [(_key_id(name, key), AESGCM(key)) for name, key in keyring.sealing]
        self._keys = dict(keys)
        self._names = {_key_id(name, key): name for name, key in keyring.sealing}
        self._newest, self._sealer = keys[0]
        self._prefix = VERSION + self._newest
        self._indexing = keyring.indexing
        # Begun once and copied: the standard library's one-shot HMAC lets other threads run, and then waits for them.
        self._macs = tuple(HMAC(key, hashes.SHA256()) for key in keyring.indexing)

    def seal(self, plaintext: bytes, place: str) -> bytes:
        """Encrypt for one place (`table.column`): version, key id, nonce, ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return self._prefix + nonce + self._sealer.encrypt(nonce, plaintext, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what was sealed for that place; raises KeyMissing or SealBroken."""
        key = self._keys.get(sealed[1 : 1 + ID_BYTES])
        if sealed[:1] != VERSION or key is None:
            raise KeyMissing
        start = 1 + ID_BYTES
        nonce = sealed[start : start + NONCE_BYTES]
        try:
            return key.decrypt(nonce, sealed[start + NONCE_BYTES :], place.encode())
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def seal_json(self, value: Any, place: str) -> bytes:
        """Encrypt JSON values."""
        return self.seal(orjson.dumps(value), place)

    def open_json(self, sealed: bytes, place: str) -> Any:
        """Decrypt JSON values."""
        return orjson.loads(self.open(sealed, place))

    def needs_resealing(self, sealed: bytes) -> bool:
        """Whether an older key sealed it."""
        return not sealed.startswith(self._prefix)

    def key_name(self, sealed: bytes) -> str:
        """The name of the key that sealed a value; empty where it is not here."""
        return self._names.get(sealed[1 : 1 + ID_BYTES], "")

    @property
    def index_names(self) -> tuple[str, ...]:
        """What tells the index keys apart without telling them, 32 hexadecimal digits each; the newest first."""
        return tuple(_finished(mac, NAME, "").hex() for mac in self._macs)

    def index(self, kind: str, text: str) -> bytes:
        """The keyed index of a text, 16 bytes, under the newest index key."""
        return _finished(self._macs[0], kind, text)

    def indexes(self, kind: str, text: str) -> tuple[bytes, ...]:
        """The same under every index key, newest first: a former one counts as long as it is there."""
        return tuple(_finished(mac, kind, text) for mac in self._macs)

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another purpose (signing cookies), by HKDF from the newest index key."""
        return self.derived(purpose)[0]

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """The same from every index key, newest first: what may have signed something before a change."""
        return tuple(_hkdf(key, purpose) for key in self._indexing)


def _entry(part: str) -> tuple[str, bytes]:
    name, _, encoded = part.partition(":")
    try:
        key = base64.urlsafe_b64decode(encoded)
    except (binascii.Error, ValueError):
        raise BadKeys from None
    if not name or len(key) != KEY_BYTES:
        raise BadKeys
    return name, key


def _key_id(name: str, key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\x00" + key).digest()[:ID_BYTES]


def _finished(begun: HMAC, kind: str, text: str) -> bytes:
    mac = begun.copy()
    mac.update(f"{kind}\x00{text}".encode())
    return mac.finalize()[:INDEX_BYTES]


def _hkdf(key: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)
