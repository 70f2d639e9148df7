"""The codes of posters and invitations: drawn by lot, without look-alike characters, the last one a check character."""

import re
import secrets
from datetime import datetime

from stdnum.iso7064 import mod_37_36

from storage import homes
from storage.unit import Unit

ALPHABET = (
    "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # 30 characters; 31 is a prime, as the check needs (ISO 7064, hybrid systems)
)
HOME_LENGTH = 12  # 30^11 codes: none can be guessed from another
INVITATION_LENGTH = 16
GROUP = 4

_TYPED = re.compile(
    r"(?:(?:住处|房屋|房子|home|code)\s*[:：]?\s*)?"
    r"([0-9A-Z]{4}(?:[\s\-][0-9A-Z]{4}){2,3}|[0-9A-Z]{12}(?:[0-9A-Z]{4})?)",
    re.I,
)


def draw(length: int = HOME_LENGTH) -> str:
    """A new code."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(length - 1))
    return body + str(mod_37_36.calc_check_digit(body, ALPHABET))


def is_whole(code: str) -> bool:
    """Whether its characters and its check character fit: a mistyped one doesn't."""
    return set(code) <= set(ALPHABET) and bool(mod_37_36.is_valid(code, ALPHABET))


def clear(code: str) -> str:
    """The code as it is printed, in groups of four: ABCD-EFGH-JKMN."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def typed(text: str) -> str:
    """The code in what somebody typed off a poster; empty for anything else."""
    found = _TYPED.fullmatch(text.strip())
    code = re.sub(r"[\s\-]", "", found[1]).upper() if found else ""
    return code if code and is_whole(code) else ""


def issue(unit: Unit, home: str, room_id: int | None, now: datetime) -> str:
    """Keep a new code for a home or a room."""
    while True:
        code = draw()
        if homes.add_code(unit, code, home, room_id, now):
            return code


def renew(unit: Unit, home: str, now: datetime) -> int:
    """Posters were lost: every code of the home and its rooms is retired, and each has a new one. How many."""
    old = homes.codes(unit, home)
    for one in old:
        if homes.retire(unit, one.id, now):
            issue(unit, home, one.room_id, now)
    return len(old)
