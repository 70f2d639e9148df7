"""A network of its own for each copy of the program, on one bridge; a wire can be pulled out, so that packets vanish.

Needs root and iproute2's `ip`.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

IP = shutil.which("ip") or "/usr/sbin/ip"


class NoNetworks(Exception):
    """Networks can't be made here: that needs root, and `ip` of iproute2."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one copy runs: its address, and what begins a command there."""

    name: str
    bridge: str
    address: str

    @property
    def begin(self) -> list[str]:
        """A command in this network, as the same process."""
        return [IP, "netns", "exec", self.name]

    def cut(self) -> None:
        """Pull the wire out: nothing arrives any more, and nobody is told."""
        ip("link", "set", self.name, "nomaster")

    def mend(self) -> None:
        """Put it in again."""
        ip("link", "set", self.name, "master", self.bridge)


@contextmanager
def networks(number: int) -> Iterator[tuple[str, list[Place]]]:
    """So many networks, and the address of this side, which all of them reach; NoNetworks where none can be made."""
    if os.geteuid() != 0 or not os.access(IP, os.X_OK):
        raise NoNetworks
    word, third = secrets.token_hex(3), 1 + secrets.randbelow(250)
    bridge, here = f"aj{word}", f"10.213.{third}.1"
    places = [Place(f"aj{word}{n}", bridge, f"10.213.{third}.{n + 2}") for n in range(number)]
    try:
        try:
            _bridge(bridge, here)
            for place in places:
                _wire(place)
        except subprocess.CalledProcessError:
            raise NoNetworks from None
        yield here, places
    finally:
        for place in places:
            ip("netns", "delete", place.name, check=False)
            ip("link", "delete", place.name, check=False)
        ip("link", "delete", bridge, check=False)


def _bridge(bridge: str, here: str) -> None:
    ip("link", "add", bridge, "type", "bridge")
    ip("addr", "add", f"{here}/24", "dev", bridge)
    ip("link", "set", bridge, "up")


def _wire(place: Place) -> None:
    ip("netns", "add", place.name)
    ip("link", "add", place.name, "type", "veth", "peer", "name", "eth0", "netns", place.name)
    ip("link", "set", place.name, "up")
    inside = ("-n", place.name)
    ip(*inside, "addr", "add", f"{place.address}/24", "dev", "eth0")
    ip(*inside, "link", "set", "eth0", "up")
    ip(*inside, "link", "set", "lo", "up")
    place.mend()


def ip(*what: str, check: bool = True) -> None:
    """One command of iproute2."""
    subprocess.run([IP, *what], check=check, capture_output=True, timeout=30)  # noqa: S603 -- fixed arguments
