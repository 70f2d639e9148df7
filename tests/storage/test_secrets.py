"""The keyed index: what was stored under it yesterday is found by it tomorrow."""

import base64
import hashlib
import hmac

import pytest

from storage.secrets import Keyring, Vault

KEYS = [bytes(range(first, first + 32)) for first in (0, 100)]


def vault(*indexing: bytes) -> Vault:
    named = zip(("index", "index-old"), indexing, strict=False)
    told = [f"{name}:{base64.urlsafe_b64encode(key).decode()}" for name, key in named]
    return Vault(Keyring.parse(",".join([f"k:{base64.urlsafe_b64encode(bytes(32)).decode()}", *told])))


def expected(key: bytes, kind: str, text: str) -> bytes:
    return hmac.new(key, kind.encode() + b"\x00" + text.encode(), hashlib.sha256).digest()[:16]


@pytest.mark.parametrize(("kind", "text"), [("phone", "+8613812345678"), ("name", "李伟"), ("", ""), ("x", "y" * 500)])
def test_it_is_hmac_sha_256_of_kind_and_text_cut_to_16_bytes(kind: str, text: str) -> None:
    both = vault(*KEYS)
    assert both.index(kind, text) == expected(KEYS[0], kind, text)
    assert both.indexes(kind, text) == (expected(KEYS[0], kind, text), expected(KEYS[1], kind, text))
    assert both.index(kind, text) == vault(KEYS[0]).index(kind, text)


def test_a_known_answer() -> None:
    assert vault(KEYS[0]).index("phone", "+8613812345678").hex() == "cbcb71830ec093685fa2b66143a79fc9"


def test_kinds_are_apart() -> None:
    one = vault(KEYS[0])
    assert len({one.index("phone", "1"), one.index("name", "1"), one.index("phone", "11")}) == 3
