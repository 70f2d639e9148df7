"""Where the town stands: a database and keys of its own under var/, which nothing else uses and it never leaves."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.keys import new_keys
from bot.settings import Settings, read_settings
from storage import demo_mark

DATABASE = Path("var/demo.db")
UNFINISHED = Path("var/demo.unfinished.db")
KEYS = Path("var/demo.keys")
OWN: Mapping[str, Any] = {
    "env": "development",
    "jurisdiction": "cn-zj-hangzhou",
    "timezone": "Asia/Shanghai",
    "office_name": "安宁流动人口服务站（演示）",
    "office_phone": "0571-0000 0000",
    "office_hours": "工作日 9:00–17:00",
    "office_address": "翠竹路1号（演示）",
    "telegram_mode": "off",
    "wechat_app_id": "",
    "wechat_token": SecretStr(""),
    "wechat_aes_key": (),
    "wechat_templates": {},
    "wechat_notifications": {},
}
SIDES = ("", "-wal", "-shm")


class NoDemo(Exception):
    """The town can't be shown:"""

    def __init__(self, what: str) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} {what}")


def settings(file: Path = DATABASE) -> Settings:
    """Settings of the town: where it listens may be chosen; its database, keys and channels are its own.

    No platform is turned on, whatever the environment says: nothing that happens here may reach anybody.
    """
    if read_settings().env == "production":
        raise NoDemo("it is for trying things out; ANJU_ENV says production.")
    return Settings(**OWN, database_url=f"sqlite:///{file}", keys=SecretStr(_keys()))


def is_built() -> bool:
    """Whether the town is there; NoDemo where something else stands in its place."""
    if not DATABASE.exists():
        return False
    if not demo_mark.stands(DATABASE):
        raise NoDemo(f"{DATABASE} is a database that this command did not make. Please move it away first.")
    return True


def clear() -> None:
    """Take the town away, and what is left of one that was never finished."""
    if is_built():
        _remove(DATABASE)
    _remove(UNFINISHED)


def open_up() -> None:
    """The town is finished: it takes its place."""
    UNFINISHED.rename(DATABASE)


def check_port(chosen: Settings) -> None:
    """NoDemo if somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError:
            other = f"ANJU_PORT={chosen.port + 1} make demo"
            raise NoDemo(f"port {chosen.port} is in use (another Anju?). Stop that, or take another: {other}") from None


def _remove(file: Path) -> None:
    for side in SIDES:
        file.with_name(file.name + side).unlink(missing_ok=True)


def _keys() -> str:
    if not KEYS.exists():
        KEYS.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(KEYS, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(new_keys())
    return KEYS.read_text().strip()
