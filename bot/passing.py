"""One row that can't be worked on holds up no other: it is told by its kind and place, and passed over."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import structlog

from bot import metrics
from storage.errors import StorageError

log = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(slots=True)
class Tried:
    """What came of a try."""

    failed: bool = False


@contextmanager
def passed_over(part: str, **which: object) -> Iterator[Tried]:
    """Do one row's work within it; where that fails for a reason of the row's, it is told, and the others go on.

    part: one of `metrics.PARTS`. which: numbers and names of kinds for the log, never what somebody said. Where the
    database is away nothing is wrong with the row: StorageError goes through.
    """
    tried = Tried()
    try:
        yield tried
    except StorageError:
        raise
    except Exception:
        tried.failed = True
        metrics.PASSED_OVER.labels(part).inc()
        log.exception("passed over", part=part, **which)


async def else_one_by_one(together: Awaitable[T], one_by_one: Callable[[], Awaitable[T]]) -> T:
    """What is done for many rows together; where that fails for a reason of theirs, what is done one by one.

    one_by_one: does each row within `passed_over`. Where the database is away nobody is tried alone: StorageError goes
    through.
    """
    try:
        return await together
    except StorageError:
        raise
    except Exception:
        log.warning("one by one", exc_info=True)  # and again by the row, where it fails alone too
        return await one_by_one()
