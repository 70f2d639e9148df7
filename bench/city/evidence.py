"""What there is to go by after a city's day: what people said and saw, and the tables by plain SQL."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import NullPool, create_engine, text

from bench.city.lists import Listed
from bench.city.office import Office
from bench.city.people import Person
from bench.city.ways import Mail
from storage.secrets import Keyring, Vault
from tests import house as houses


@dataclass(frozen=True)
class Evidence:
    """What there is to go by."""

    url: str
    people: Sequence[Person]
    landlords: Sequence[Person]
    mail: Mail
    office: Office
    broadcasts: Mapping[str, int]
    paused: tuple[datetime, datetime] | None
    gone: tuple[datetime, datetime] | None
    lists: Sequence[Listed]
    violations: Counter[str]
    logged: str
    metrics: str
    statuses: Counter[int]
    undelivered: Sequence[Any] = ()
    failed: Sequence[str] = ()

    @cached_property
    def everybody(self) -> list[Person]:
        """Residents and landlords."""
        return [*self.people, *self.landlords]


class Books:
    """The database, by plain SQL."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
        self._vault = Vault(Keyring.parse(houses.KEYS))

    def rows(self, sql: str) -> list[Any]:
        """What a query finds."""
        with self._engine.connect() as connection:
            return list(connection.execute(text(sql)).all())

    def opened(self, sealed: bytes, place: str) -> Any:
        """A sealed value."""
        return self._vault.open_json(bytes(sealed), place)

    def words(self, sealed: bytes, place: str) -> str:
        """A sealed text."""
        return self._vault.open(bytes(sealed), place).decode()

    def address(self, sealed: bytes) -> str:
        """The sealed address of a chat."""
        return self.words(sealed, "conversations.address")

    def instant(self, held: Any) -> datetime:
        """An instant as either database tells it."""
        at = datetime.fromisoformat(held) if isinstance(held, str) else held
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
