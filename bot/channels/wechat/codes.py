"""Codes that lead into the account with a scene; one is asked for again only when it is nearly over.

Document: generating a parametric QR code. A temporary one lasts at most 30 days; an account may make
100,000 calls a day.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

LASTS = 2_592_000  # seconds
RENEWED = LASTS - 86_400  # a page may stay open for a day
KEPT = 10_000


@dataclass(slots=True)
class Codes:
    """What the codes hold, kept in memory; the longest unused forgotten first."""

    create: Callable[[str, int], Awaitable[str]]
    _known: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict)

    async def address(self, scene: str) -> str:
        """What the code of a scene holds; SendFailed."""
        address, made = self._known.pop(scene, ("", 0.0))
        if not address or monotonic() - made > RENEWED:
            address, made = await self.create(scene, LASTS), monotonic()
        self._known[scene] = (address, made)
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return address
