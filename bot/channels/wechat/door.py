"""Who may come in: checks signature, encryption and account before anything is believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.channels.wechat import xml
from bot.channels.wechat.envelope import BadEnvelope, Seal, is_signed
from bot.settings import Settings


class NotLetIn(Exception):
    """A request is not the platform's, or not for this account."""

    status = 403

    def __init__(self, reason: str) -> None:
        """`reason` is a word for the metrics."""
        super().__init__((type(self).__doc__ or "").strip())
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that is the platform's: its elements, the seal it came under (None in plain mode), and listed rows."""

    elements: Mapping[str, str]
    seal: Seal | None
    rows: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Door:
    """The account's token and keys, newest first; without keys only plain messages come in."""

    token: str = field(repr=False)
    seals: tuple[Seal, ...] = ()
    account: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Door":
        """The door that the settings describe."""
        seals = tuple(Seal.of(settings.wechat_app_id, key.get_secret_value()) for key in settings.wechat_aes_key)
        return cls(settings.wechat_token.get_secret_value(), seals, settings.wechat_account)

    def check(self, query: Mapping[str, str]) -> None:
        """Refuse a request that the platform's `signature` doesn't cover."""
        self._check(query, "signature")

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """The message in a request's body; NotLetIn, or xml.Unreadable where a signed one makes no sense.

        With keys configured only encrypted bodies count, and of a compatible-mode body only its `Encrypt`:
        the plain elements beside it are covered by no signature.
        """
        opened = self._sealed(query, body) if self.seals else self._plain(query, body)
        if self.account and opened.elements.get("ToUserName") != self.account:
            raise NotLetIn("account")
        return opened

    def _plain(self, query: Mapping[str, str], body: bytes) -> Opened:
        if query.get("encrypt_type", "raw") not in {"", "raw"}:
            raise NotLetIn("no_key")
        self.check(query)
        told = xml.read(body)
        return Opened(told.elements, None, told.rows)

    def _sealed(self, query: Mapping[str, str], body: bytes) -> Opened:
        if query.get("encrypt_type") != "aes":
            raise NotLetIn("not_encrypted")
        closed = _closed(body)
        self._check(query, "msg_signature", closed)
        return self._opened(closed)

    def _opened(self, closed: str) -> Opened:
        for seal in self.seals:
            try:
                message = seal.open(closed)
            except BadEnvelope:
                continue
            told = xml.read(message)
            return Opened(told.elements, seal, told.rows)
        raise NotLetIn("envelope")

    def _check(self, query: Mapping[str, str], name: str, *signed: str) -> None:
        given, timestamp, nonce = query.get(name), query.get("timestamp"), query.get("nonce")
        if not (given and timestamp and nonce and is_signed(given, self.token, timestamp, nonce, *signed)):
            raise NotLetIn("signature")


def _closed(body: bytes) -> str:
    """The encrypted part; a body without one can't have been signed."""
    try:
        closed = xml.read(body).elements.get("Encrypt")
    except xml.Unreadable:
        raise NotLetIn("not_encrypted") from None
    if not closed:
        raise NotLetIn("not_encrypted")
    return closed
