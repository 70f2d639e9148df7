"""Access tokens of platforms, shared by all copies of the program."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from storage import tables
from storage.unit import Unit

VALUE = "tokens.value"
_rows = tables.tokens.c


@dataclass(frozen=True, slots=True)
class Token:
    """A platform's token and when it ends."""

    value: str
    ends_at: datetime


def find(unit: Unit, account: str) -> Token | None:
    """The token of an account as it was kept last, maybe past its end."""
    row = unit.execute(select(tables.tokens).where(_rows.account == account)).one_or_none()
    return None if row is None else Token(unit.vault.open(row.value_sealed, VALUE).decode(), row.ends_at)


def keep(unit: Unit, account: str, token: Token) -> None:
    """Keep a token in place of the last one."""
    values = {
        "account": account,
        "value_sealed": unit.vault.seal(token.value.encode(), VALUE),
        "ends_at": token.ends_at,
    }
    if not unit.insert_once(tables.tokens, values):
        unit.execute(update(tables.tokens).where(_rows.account == account).values(values))
