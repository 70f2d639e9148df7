"""Rows by many keys in one parameter: the statement stays the same however many there are, and isn't written anew."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Dialect, String, TypeDecorator, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class Keys(TypeDecorator[Any]):
    """Many keys: a list as JSON on SQLite, an array on PostgreSQL."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database knows."""
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Any collection of whole numbers."""
        return list(value) if dialect.name == "postgresql" else f"[{','.join(map(str, map(int, value)))}]"


class among(FunctionElement[bool]):  # noqa: N801 -- reads as the clause it is
    """Whether a column is one of the keys of a parameter, by its name."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any, parameter: str = "some") -> None:
        super().__init__(column, bindparam(parameter, type_=Keys()))

    def self_group(self, against: Any = None) -> Any:
        """As it is: SQLAlchemy would compare it with 1 where there are no booleans, and no index would be used."""
        return self


@compiles(among)
def _json(element: among, compiler: Any, **more: Any) -> str:
    column, keys = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 -- a column's name and a parameter's place


@compiles(among, "postgresql")
def _array(element: among, compiler: Any, **more: Any) -> str:
    column, keys = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} = ANY ({keys})"
