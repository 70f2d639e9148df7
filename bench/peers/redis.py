"""The local Redis, as far as it is needed here: a database of its own, emptied."""

import os
import socket

HOST, PORT = os.environ.get("ANJU_BENCH_REDIS", "127.0.0.1:6379").split(":")
NUMBER = 9
URL = f"redis://{HOST}:{PORT}/{NUMBER}"


def version() -> str:
    """Its version; empty where none runs."""
    try:
        told = _ask("INFO server")
    except OSError:
        return ""
    return next((line[14:] for line in told.splitlines() if line.startswith("redis_version:")), "")


def empty() -> None:
    """Nothing is left of an earlier run."""
    _ask(f"SELECT {NUMBER}\r\nFLUSHDB")


def _ask(commands: str) -> str:
    with socket.create_connection((HOST, int(PORT)), 2) as connection:
        connection.sendall(f"{commands}\r\nQUIT\r\n".encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer.decode("utf-8", "replace")
