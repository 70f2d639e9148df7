"""Homes that have a QR code."""

import secrets
from datetime import datetime

from storage import places
from storage.records import Home
from storage.unit import Unit

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10  # 30^10 codes: none can be guessed from another


def register(unit: Unit, area: str, address: str, now: datetime) -> str:
    """Keep a home under a new code that tells nothing about it."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        if places.add_home(unit, Home(code, area, address), now):
            return code
