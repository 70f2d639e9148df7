"""What a single setting may be: each shape with the sentence that says what to change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from regulations.errors import BadHolidays
from regulations.holidays import read_holidays
from storage.database import parse_url
from storage.errors import UnknownDatabase
from storage.secrets import BadKeys, Keyring

_TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TELEGRAM_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
NEVER = "never"
_QUIET_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_APPROVED = re.compile(r"(?P<name>[a-z_]+)=(?P<id>[A-Za-z0-9_-]{1,64})(?P<long>:long)?")
_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")


@dataclass(frozen=True, slots=True)
class Approved:
    """A template that WeChat approved: its id, and whether agreeing to its notifications counts for good."""

    id: str
    lasting: bool = False


def _approved(entry: str) -> tuple[str, Approved]:
    """`decision=TEMPLATE_ID`, or `decision=TEMPLATE_ID:long` where agreeing counts for good."""
    found = _APPROVED.fullmatch(entry.strip())
    if found is None:
        raise ValueError(
            "must name approved templates, such as decision=TEMPLATE_ID,reminder=TEMPLATE_ID:long (:long for "
            "notifications that people agree to once and for all)"
        )
    return found["name"], Approved(found["id"], lasting=bool(found["long"]))


def _entries(value: object) -> object:
    return dict(_approved(entry) for entry in value.split(",") if entry.strip()) if isinstance(value, str) else value


def _keys(value: object) -> object:
    return tuple(key.strip() for key in value.split(",") if key.strip()) if isinstance(value, str) else value


def _aes_keys(value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(not _AES_KEY.fullmatch(key.get_secret_value()) for key in value):
        raise ValueError(
            "must be the EncodingAESKey of the account's page: 43 letters and digits; newest first, with commas"
        )
    return value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError("must be an address such as https://anju.example.gov.cn")
    return value.rstrip("/")


def _quiet(value: str) -> str:
    """Empty for none: what is empty in an environment counts as not set, so there it is said by a word."""
    if value == NEVER:
        return ""
    if value and not _QUIET_HOURS.fullmatch(value):
        raise ValueError("must be two local times such as 21:00-08:00, or never")
    return value


def _hour(value: str) -> str:
    if not _HOUR.fullmatch(value):
        raise ValueError("must be a local time such as 09:00")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("must be a time zone's name such as Asia/Shanghai") from None
    return value


def _folder(value: str) -> str:
    if value and not Path(value).is_dir():
        raise ValueError("must be the folder where the office's own regulation packs are, or empty")
    return value


def _holidays(value: str) -> str:
    if value:
        try:
            read_holidays(Path(value).read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            raise ValueError("must be a file of holidays (docs/regulations.md), or empty") from None
        except BadHolidays as error:
            raise ValueError(f"names a file that can't be used: {error}") from None
    return value


def _secret(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not _TELEGRAM_SECRET.fullmatch(value.get_secret_value()):
        raise ValueError("may have 1 to 256 letters, digits, _ and - (Telegram's setWebhook)")
    return value


def _token(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not _TELEGRAM_TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("must be the token from @BotFather: digits, a colon, then letters, digits, _ and -")
    return value


def _database(value: str) -> str:
    try:
        parse_url(value)
    except UnknownDatabase as error:
        raise ValueError(str(error)) from None
    return value


def _keyring(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        try:
            Keyring.parse(value.get_secret_value())
        except BadKeys as error:
            raise ValueError(str(error)) from None
    return value


Address = Annotated[str, AfterValidator(_address)]
QuietTimes = Annotated[str, AfterValidator(_quiet)]
Hour = Annotated[str, AfterValidator(_hour)]
Zone = Annotated[str, AfterValidator(_zone)]
Folder = Annotated[str, AfterValidator(_folder)]
HolidayFile = Annotated[str, AfterValidator(_holidays)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
KeyringText = Annotated[SecretStr, AfterValidator(_keyring)]
TelegramSecret = Annotated[SecretStr, AfterValidator(_secret)]
TelegramToken = Annotated[SecretStr, AfterValidator(_token)]
TelegramName = Annotated[str, Field(pattern=r"^([A-Za-z0-9_]{5,32})?$")]
AesKeys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_keys), AfterValidator(_aes_keys)]
Templates = Annotated[Mapping[str, Approved], NoDecode, BeforeValidator(_entries)]
