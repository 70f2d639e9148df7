"""Where keys come from: the setting, or a file of its own while developing."""

import os
from datetime import UTC, datetime
from pathlib import Path

from bot.settings import Settings
from storage.secrets import Keyring, Vault, generate

DEVELOPMENT_KEYS = Path("var/development.keys")


def vault(settings: Settings) -> Vault:
    """The vault with the operator's keys; a development key is made at the first start."""
    text = settings.keys.get_secret_value() or _development_keys()
    return Vault(Keyring.parse(text))


def new_keys() -> str:
    """A fresh value for ANJU_KEYS, its encryption key named by the month."""
    return generate(f"k{datetime.now(UTC):%Y%m}")


def _development_keys() -> str:
    if not DEVELOPMENT_KEYS.exists():
        DEVELOPMENT_KEYS.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(DEVELOPMENT_KEYS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(new_keys())
    return DEVELOPMENT_KEYS.read_text().strip()
