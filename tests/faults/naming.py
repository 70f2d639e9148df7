"""`anju` with a resolver of its own: `python naming.py FILE serve …`; the file has a line `name address` for each.

A name without a line can't be resolved, as where the name server is away. Numbers are what they are.
"""

import socket
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Any

_resolve = socket.getaddrinfo


def follow(file: Path) -> None:
    """Resolve every name in this process by the file, from now on; uvloop would ask the system."""
    sys.modules["uvloop"] = None  # type: ignore[assignment]  # what isn't there can't be imported

    def resolve(host: Any, *others: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return _resolve(name if not name or _is_number(name) else _address(file, name), *others, **more)

    socket.getaddrinfo = resolve


def _address(file: Path, name: str) -> str:
    known = dict(line.split() for line in file.read_text().splitlines())
    if name not in known:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return known[name]


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    follow(Path(sys.argv.pop(1)))
    from bot.cli import main

    main()
