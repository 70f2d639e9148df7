"""`anju serve` as an office runs it: production, JSON logs, both platforms on, everything sealed."""

import sys
from pathlib import Path

from bench.dialects import AES_KEY, APP_ID, SECRET
from tests.house import KEYS
from tests.talks.typed import typed

COMMAND = (sys.executable, "-m", "bot", "serve")
TALK = tuple(typed()[:-1])


def environment(database_url: str, api: str, *, aes: bool = False) -> dict[str, str]:
    """Its settings."""
    return {
        "ANJU_ENV": "production",
        "ANJU_BASE_URL": "https://bench.example",
        "ANJU_DATABASE_URL": database_url,
        "ANJU_KEYS": KEYS,
        "ANJU_QUIET_HOURS": "never",
        "ANJU_TELEGRAM_MODE": "webhook",
        "ANJU_TELEGRAM_TOKEN": "42:TEST",
        "ANJU_TELEGRAM_SECRET": SECRET,
        "ANJU_TELEGRAM_API_BASE": api,
        "ANJU_TELEGRAM_LEGAL_BASIS": "a benchmark with invented people",
        "ANJU_WECHAT_TOKEN": SECRET,
        "ANJU_WECHAT_APP_ID": APP_ID,
        "ANJU_WECHAT_APP_SECRET": "invented",
        "ANJU_WECHAT_API_BASE": api,
        "ANJU_WECHAT_AES_KEY": AES_KEY if aes else "",
    }


def sqlite(folder: Path) -> str:
    """The URL of a database in a folder; the program makes its tables."""
    return f"sqlite:///{folder / 'anju.db'}"
