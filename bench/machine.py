"""The machine a figure was measured on, as far as it matters for the figure; no names and no paths."""

import os
import platform
import sqlite3
from pathlib import Path

import psycopg


def description(postgres_url: str = "", redis: str = "") -> str:
    """One line: processor, cores, memory, Python, databases."""
    parts = [f"{_model()}, {os.cpu_count()} cores, {_memory()} GiB", f"Python {platform.python_version()}"]
    parts.append(f"SQLite {sqlite3.sqlite_version}")
    if postgres_url:
        with psycopg.connect(postgres_url) as connection:
            version = connection.info.server_version
        parts.append(f"PostgreSQL {version // 10000}.{version % 10000}")
    if redis:
        parts.append(f"Redis {redis}")
    return "; ".join(parts)


def _model() -> str:
    lines = _lines("/proc/cpuinfo")
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> int:
    kilobytes = next((line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), "0")
    return round(int(kilobytes) / 2**20)


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text("utf-8").splitlines()
    except OSError:
        return []
