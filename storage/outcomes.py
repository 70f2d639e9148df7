"""What became of work that somebody waits for, told in the thread in which they wait."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

Waiter = Future[Any] | asyncio.Future[Any]  # outside an event loop, and in one
Loop = asyncio.AbstractEventLoop | None
Outcome = Callable[[Waiter], None]


def done(result: Any) -> Outcome:
    """The work was committed."""
    return lambda future: future.set_result(result)


def failed(error: Exception) -> Outcome:
    """The work was not committed."""
    return lambda future: future.set_exception(error)


def deliver(told: Iterable[tuple[Loop, Waiter, Outcome]]) -> None:
    """Tell everybody; each event loop is woken once for all that it waits for."""
    by_loop: dict[Loop, list[tuple[Waiter, Outcome]]] = defaultdict(list)
    for loop, future, outcome in told:
        by_loop[loop].append((future, outcome))
    for loop, pairs in by_loop.items():
        if loop is None:
            _settle(pairs)
        else:
            with suppress(RuntimeError):  # a loop that was closed meanwhile waits for nothing
                loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: list[tuple[Waiter, Outcome]]) -> None:
    for future, outcome in pairs:
        if not future.done():
            outcome(future)
