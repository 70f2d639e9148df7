"""Whole HTTP requests as the platforms send them: a person's message on Telegram, on WeChat, and in its safe mode."""

import itertools
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha1
from os import urandom

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SECRET = "secret"  # noqa: S105 -- invented
APP_ID = "wx1234567890abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_bench"
NONCE = "n1"
BLOCK = 32

_numbers = itertools.count(1)
_key = b64decode(AES_KEY + "=")

Dialect = Callable[[int, str], bytes]


def telegram(person: int, text: str) -> bytes:
    """An update with the webhook's secret (Bot API, setWebhook)."""
    number, now = next(_numbers), int(time.time())
    sender = {"id": person, "is_bot": False, "first_name": "Li", "language_code": "zh-hans"}
    chat = {"id": person, "first_name": "Li", "type": "private"}
    message = {"message_id": number, "from": sender, "chat": chat, "date": now, "text": text}
    body = orjson.dumps({"update_id": number, "message": message})
    return _post("/telegram", body, f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Type: application/json\r\n")


def wechat(person: int, text: str) -> bytes:
    """A signed plain message."""
    at = str(int(time.time()))
    query = f"signature={_signed(at)}&timestamp={at}&nonce={NONCE}"
    return _post(f"/wechat?{query}", _message(person, text, at).encode(), "Content-Type: text/xml\r\n")


def wechat_aes(person: int, text: str) -> bytes:
    """The same in safe mode."""
    at = str(int(time.time()))
    closed = _closed(_message(person, text, at).encode())
    query = f"signature={_signed(at)}&timestamp={at}&nonce={NONCE}&encrypt_type=aes&msg_signature={_signed(at, closed)}"
    body = f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{closed}]]></Encrypt></xml>"
    return _post(f"/wechat?{query}", body.encode(), "Content-Type: text/xml\r\n")


DIALECTS: dict[str, Dialect] = {"telegram": telegram, "wechat": wechat, "wechat_aes": wechat_aes}


def _post(path: str, body: bytes, headers: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def _message(person: int, text: str, at: str) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[o{person}]]></FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
        f"<MsgId>{next(_numbers)}</MsgId></xml>"
    )


def _signed(at: str, *more: str) -> str:
    return sha1("".join(sorted((SECRET, at, NONCE, *more))).encode()).hexdigest()  # noqa: S324 -- as the platform signs


def _closed(message: bytes) -> str:
    """AES-256-CBC over nonce, length, message and app id."""
    plain = urandom(16) + len(message).to_bytes(4, "big") + message + APP_ID.encode()
    pad = BLOCK - len(plain) % BLOCK
    sealer = Cipher(algorithms.AES(_key), modes.CBC(_key[:16])).encryptor()
    return b64encode(sealer.update(plain + bytes([pad]) * pad) + sealer.finalize()).decode()
