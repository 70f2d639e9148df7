"""Settings from the environment and `.env`, all checked before anything starts."""

from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.setting_values import (
    Address,
    AesKeys,
    DatabaseUrl,
    Folder,
    HolidayFile,
    Hour,
    KeyringText,
    QuietTimes,
    TelegramName,
    TelegramSecret,
    TelegramToken,
    Templates,
    Zone,
)
from regulations.calendar import Calendar
from regulations.errors import PackInvalid, UnknownPack
from regulations.holidays import read_holidays
from regulations.pack import Pack, load

NEEDS_KEYS = "ANJU_KEYS is needed in production: make them with `anju keys`."
NEEDS_BASE_URL = "ANJU_BASE_URL is needed in production: the address that people reach, https://…"
NEEDS_TELEGRAM_TOKEN = "ANJU_TELEGRAM_TOKEN is needed unless ANJU_TELEGRAM_MODE=off: @BotFather gives it."  # noqa: S105 -- a sentence
NEEDS_TELEGRAM_SECRET = "ANJU_TELEGRAM_SECRET is needed for webhooks: any 32 random letters and digits."  # noqa: S105 -- a sentence
NEEDS_HTTPS = "ANJU_BASE_URL must begin with https:// for Telegram webhooks."
NEEDS_LEGAL_BASIS = (
    "ANJU_TELEGRAM_LEGAL_BASIS is needed: a sentence on what allows personal data to be sent abroad (PIPL art. 38); "
    "without one set ANJU_TELEGRAM_MODE=off."
)
NEEDS_APP_ID = "ANJU_WECHAT_APP_ID is needed with ANJU_WECHAT_AES_KEY: encrypted messages name it."
NEEDS_WECHAT_TOKEN = (
    "ANJU_WECHAT_TOKEN is needed with ANJU_WECHAT_APP_ID: the token typed on the account's server page."  # noqa: S105 -- a sentence
)


class BadSettings(Exception):
    """Some settings can't be used:"""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("\n".join([(type(self).__doc__ or "").strip(), *(f"  - {finding}" for finding in findings)]))
        self.findings = findings


class Settings(BaseSettings):
    """Every setting, by its name without `ANJU_`; `.env.example` explains each."""

    model_config = SettingsConfigDict(
        env_prefix="ANJU_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    env: Literal["development", "production"] = "development"
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535)
    work_port: int = Field(8081, ge=1, le=65535)
    base_url: Address = ""
    database_url: DatabaseUrl = "sqlite:///var/anju.db"
    keys: KeyringText = SecretStr("")
    packs: Folder = ""
    unconfirmed_rules: Literal["no", "copies", "pages"] = "no"
    jurisdiction: str = "cn-zj-hangzhou"
    holidays: HolidayFile = ""
    timezone: Zone = "Asia/Shanghai"
    log_format: Literal["", "text", "json"] = ""
    papers_keep_days: int = Field(30, ge=0)
    keep_loose_papers_days: int = Field(90, ge=1)
    keep_messages_days: int = Field(30, ge=7)
    keep_deliveries_days: int = Field(90, ge=1)
    keep_drafts_days: int = Field(365, ge=1)
    keep_accounts_days: int = Field(365, ge=1)
    keep_requests_days: int = Field(365, ge=1)
    keep_searches_days: int = Field(90, ge=1)
    keep_reminders_days: int = Field(400, ge=90)
    keep_broadcasts_days: int = Field(730, ge=1)
    keep_link_tries_days: int = Field(7, ge=1)
    keep_imports_days: int = Field(14, ge=1)
    keep_invitations_days: int = Field(7, ge=0)
    keep_ended_certificates_days: int = Field(0, ge=0)

    console_idle_minutes: int = Field(30, ge=1, le=24 * 60)
    console_session_hours: int = Field(12, ge=1, le=24)

    messages_at_once: int = Field(60, ge=10)
    messages_per_minute: int = Field(60, ge=10)
    talk_answer_minutes: int = Field(30, ge=1, le=24 * 60)
    talk_quiet_minutes: int = Field(120, ge=1, le=7 * 24 * 60)

    office_name: str = ""
    office_phone: str = ""
    office_hours: str = ""
    office_address: str = ""

    telegram_mode: Literal["off", "webhook", "polling"] = "off"
    telegram_token: TelegramToken = SecretStr("")
    telegram_name: TelegramName = ""
    telegram_secret: TelegramSecret = SecretStr("")
    telegram_api_base: Address = "https://api.telegram.org"
    telegram_legal_basis: str = ""

    wechat_app_id: str = ""
    wechat_app_secret: SecretStr = SecretStr("")
    wechat_token: SecretStr = SecretStr("")
    wechat_aes_key: AesKeys = ()
    wechat_api_base: Address = "https://api.weixin.qq.com"
    wechat_account: str = ""

    telegram_rate: float = Field(25.0, gt=0, le=1000)
    wechat_custom_daily: int = Field(500_000, ge=0)
    wechat_template_daily: int = Field(100_000, ge=0)
    wechat_mass_monthly: int = Field(4, ge=0, le=4)
    wechat_templates: Templates = Field(default_factory=dict)
    wechat_notifications: Templates = Field(default_factory=dict)

    wechat_rate: float = Field(10.0, gt=0, le=1000)
    quiet_hours: QuietTimes = "21:00-08:00"
    remind_at: Hour = "09:00"
    call_days: int = Field(3, ge=0, le=60)
    privacy_days: int = Field(15, ge=1, le=60)

    @field_validator("jurisdiction")
    @classmethod
    def _place(cls, value: str, info: ValidationInfo) -> str:
        folder = own_packs(info.data.get("packs", ""))
        try:
            pack = load(value, folder, info.data.get("unconfirmed_rules", "no"))
        except UnknownPack:
            raise ValueError("must name a pack of regulations/packs or ANJU_PACKS, such as cn-zj-hangzhou") from None
        except PackInvalid as error:
            raise ValueError(f"names a pack that can't be used: {error}") from None
        if pack.is_base:
            raise ValueError("must name a place's own pack, such as cn-zj-hangzhou: this one is only a base for others")
        return value

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        findings = [sentence for wrong, sentence in self._combinations() if wrong]
        if findings:
            raise ValueError("\n".join(findings))
        return self

    def _combinations(self) -> list[tuple[bool, str]]:
        """What is wrong only together with something else, and what to change."""
        telegram, production = self.telegram_mode != "off", self.env == "production"
        return [
            (production and not self.keys.get_secret_value(), NEEDS_KEYS),
            (production and not self.base_url, NEEDS_BASE_URL),
            (telegram and not self.telegram_token.get_secret_value(), NEEDS_TELEGRAM_TOKEN),
            (self.telegram_mode == "webhook" and not self.telegram_secret.get_secret_value(), NEEDS_TELEGRAM_SECRET),
            (self.telegram_mode == "webhook" and production and not self._is_https, NEEDS_HTTPS),
            (
                telegram and production and self.pack.mainland and not self.telegram_legal_basis.strip(),
                NEEDS_LEGAL_BASIS,
            ),
            (bool(self.wechat_aes_key) and not self.wechat_app_id, NEEDS_APP_ID),
            (bool(self.wechat_app_id) and not self.wechat_token.get_secret_value(), NEEDS_WECHAT_TOKEN),
        ]

    @property
    def _is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @cached_property
    def pack(self) -> Pack:
        """The law in force here."""
        return load(self.jurisdiction, own_packs(self.packs), self.unconfirmed_rules)

    @cached_property
    def calendar(self) -> Calendar:
        """Working days: what the holiday library knows, and the operator's table."""
        return read_holidays(Path(self.holidays).read_text("utf-8")) if self.holidays else Calendar()

    @property
    def zone(self) -> ZoneInfo:
        """The office's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def public_url(self) -> str:
        """The address people reach: ANJU_BASE_URL, or this machine's while developing."""
        return self.base_url or f"http://{self.host}:{self.port}"

    @property
    def logs_json(self) -> bool:
        """Whether logs are JSON: as set, else in production."""
        return self.log_format == "json" or (self.log_format == "" and self.env == "production")

    @property
    def wechat_is_on(self) -> bool:
        """Whether the public account can be served."""
        return bool(self.wechat_token.get_secret_value())


def own_packs(folder: str) -> Path | None:
    """The folder of the office's own packs, if it has one."""
    return Path(folder) if folder else None


def read_settings() -> Settings:
    """The settings, or BadSettings with a sentence for each wrong one."""
    try:
        return Settings()  # type: ignore[call-arg]  # pydantic's plugin-less view of Field defaults
    except ValidationError as error:
        raise BadSettings([finding for entry in error.errors() for finding in _findings(entry["loc"], entry)]) from None


def _findings(place: tuple[int | str, ...], entry: object) -> list[str]:
    message = str(entry["msg"]).removeprefix("Value error, ")  # type: ignore[index]  # pydantic's ErrorDetails
    if not place:
        return message.split("\n")
    return [f"ANJU_{str(place[0]).upper()} {message[0].lower()}{message[1:]}."]
