"""Who is compared: how each program is started, how it is spoken to, and what is asked of the figures."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench import ours
from bench.peers import redis
from bench.running import ROOT

PYTHON = str(ROOT / ".venv-peers" / "bin" / "python")
PROGRAMS = "bench.peers.programs"
ANSWERS = ("你好", *(("李伟", "13812345678", "11010519491231002X", "幸福餐馆") * 7))[: len(ours.TALK)]

Store = Literal["memory", "Redis", "file", "SQLite", "PostgreSQL"]
By = Literal["response", "API call"]


@dataclass(frozen=True, slots=True)
class Given:
    """What a program is started with: a folder, a database on PostgreSQL where it needs one, and a Bot API."""

    folder: Path
    postgres: str
    api: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One program under load.

    durable: whether a turn is on disk before it is answered; by: how the reply leaves; copies: how many processes
    share one database.
    """

    name: str
    dialect: str
    store: Store
    durable: bool
    command: Sequence[str]
    environment: Callable[[Given], Mapping[str, str]]
    lines: Sequence[str] = ANSWERS
    by: By = "response"
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Goal:
    """At least so many times another's rate."""

    name: str
    against: str
    times: float


def _module(program: str) -> Sequence[str]:
    return (PYTHON, "-m", f"{PROGRAMS}.{program}")


def _peer(database: Callable[[Given], str], **more: str) -> Callable[[Given], Mapping[str, str]]:
    return lambda given: {"PYTHONPATH": str(ROOT), "API": given.api, "DATABASE": database(given), **more}


def _file(given: Given) -> str:
    return str(given.folder / "peer.db")


def _aiosqlite(given: Given) -> str:
    return f"sqlite+aiosqlite:///{_file(given)}"


def _asyncpg(given: Given) -> str:
    return given.postgres.replace("postgresql://", "postgresql+asyncpg://")


def _redis(given: Given) -> str:
    return redis.URL


def _ours(name: str, dialect: str, store: Store, copies: int = 1) -> Entry:
    def environment(given: Given) -> Mapping[str, str]:
        url = given.postgres if store == "PostgreSQL" else ours.sqlite(given.folder)
        return ours.environment(url, given.api, aes=dialect == "wechat_aes")

    command = (sys.executable, "-m", "bot", "serve")
    return Entry(name, dialect, store, True, command, environment, ours.TALK, copies=copies)


_GUNICORN = (PYTHON, "-m", "gunicorn", "--bind", "127.0.0.1:{port}", "--workers", "1", f"{PROGRAMS}.wechatpy_flask:app")

ANJU, ANJU_WECHAT, ANJU_AES = "Anju, Telegram", "Anju, WeChat", "Anju, WeChat AES"
ANJU_PG, ANJU_PG2 = "Anju, Telegram, PostgreSQL", "Anju, Telegram, PostgreSQL, 2 processes"
PROTOTYPE, BARE = "bare prototype", "bare server (bounds the load generator)"
AIOGRAM_REDIS, AIOGRAM_MEMORY = "aiogram + Redis", "aiogram + memory"
AIOGRAM_REDIS_API, AIOGRAM_MEMORY_API = "aiogram + Redis, API calls", "aiogram + memory, API calls"
PTB, WEROBOT = "python-telegram-bot + PicklePersistence", "WeRoBot + SQLite sessions"
FLASK, FLASK_AES = "wechatpy + Flask + SQLite", "wechatpy + Flask + SQLite, AES"
FASTAPI, FASTAPI_PG = "FastAPI + async ORM, SQLite", "FastAPI + async ORM, PostgreSQL"

ENTRIES = (
    _ours(ANJU, "telegram", "SQLite"),
    Entry(
        AIOGRAM_REDIS, "telegram", "Redis", False, _module("aiogram_fsm"),
        _peer(_redis, STORAGE="redis", ANSWER="response"),
    ),
    Entry(PROTOTYPE, "telegram", "SQLite", True, _module("prototype"), _peer(_file)),
    _ours(ANJU_WECHAT, "wechat", "SQLite"),
    Entry(WEROBOT, "wechat", "SQLite", True, _module("werobot_sqlite"), _peer(_file)),
    Entry(FLASK, "wechat", "SQLite", True, _GUNICORN, _peer(_file)),
    _ours(ANJU_AES, "wechat_aes", "SQLite"),
    Entry(FLASK_AES, "wechat_aes", "SQLite", True, _GUNICORN, _peer(_file, AES="1")),
    _ours(ANJU_PG, "telegram", "PostgreSQL"),
    _ours(ANJU_PG2, "telegram", "PostgreSQL", copies=2),
    Entry(
        AIOGRAM_MEMORY, "telegram", "memory", False, _module("aiogram_fsm"),
        _peer(_file, STORAGE="memory", ANSWER="response"),
    ),
    Entry(FASTAPI, "telegram", "SQLite", True, _module("fastapi_orm"), _peer(_aiosqlite)),
    Entry(FASTAPI_PG, "telegram", "PostgreSQL", True, _module("fastapi_orm"), _peer(_asyncpg)),
    Entry(
        AIOGRAM_MEMORY_API, "telegram", "memory", False, _module("aiogram_fsm"),
        _peer(_file, STORAGE="memory", ANSWER="api"), by="API call",
    ),
    Entry(
        AIOGRAM_REDIS_API, "telegram", "Redis", False, _module("aiogram_fsm"),
        _peer(_redis, STORAGE="redis", ANSWER="api"), by="API call",
    ),
    Entry(PTB, "telegram", "file", False, _module("telegram_bot"), _peer(_file), by="API call"),
    Entry(BARE, "telegram", "memory", False, _module("bare"), _peer(_file)),
)  # fmt: skip

GOALS = (
    Goal(ANJU, AIOGRAM_REDIS, 5),
    Goal(ANJU, PROTOTYPE, 0.7),
    Goal(ANJU_WECHAT, WEROBOT, 5),
    Goal(ANJU_WECHAT, FLASK, 5),
    Goal(ANJU_AES, FLASK_AES, 4),
    Goal(ANJU_AES, WEROBOT, 4),
    Goal(ANJU_PG, AIOGRAM_REDIS, 2),
    Goal(ANJU_PG2, ANJU_PG, 1.7),
)
