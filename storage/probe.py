"""Whether what is stored can be read with the keys at hand: the newest row of each sealed column."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Column, LargeBinary, Table, select

from storage.contents import ordered
from storage.database import Database
from storage.secrets import KeyMissing, SealBroken
from storage.unit import Unit

SEALED = "_sealed"


def sealed_columns() -> Sequence[tuple[Table, Column[bytes]]]:
    """Every column that holds something sealed."""
    return [
        (table, column)
        for table in ordered()
        for column in table.columns
        if column.name.endswith(SEALED) and isinstance(column.type, LargeBinary)
    ]


def place(table: Table, column: Column[bytes]) -> str:
    """The place that is sealed into every value of the column."""
    return f"{table.name}.{column.name.removesuffix(SEALED)}"


def unreadable(database: Database) -> Iterator[str]:
    """The places whose newest value can't be opened with these keys."""
    for table, column in sealed_columns():
        if not database.run_now(lambda unit, table=table, column=column: _opens(unit, table, column)):  # type: ignore[misc]  # bound
            yield place(table, column)


def _opens(unit: Unit, table: Table, column: Column[bytes]) -> bool:
    newest = [key.desc() for key in table.primary_key.columns]
    wanted = select(column).where(column.is_not(None), column != b"").order_by(*newest).limit(1)
    sealed = unit.execute(wanted).scalar_one_or_none()
    try:
        return sealed is None or bool(unit.vault.open(bytes(sealed), place(table, column)) is not None)
    except (KeyMissing, SealBroken):
        return False
