"""How often one client may ask: a bucket that refills, kept in memory, the longest silent forgotten first."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from time import monotonic

CLIENTS = 10_000
NETWORK = 64  # bits of an IPv6 address that one customer has


def network(client: str) -> str:
    """The client's address; of IPv6 the network, since one customer has all of it."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> (128 - NETWORK))
    return str(address)


@dataclass(slots=True)
class Limit:
    """So many requests at once from a client, and so many a minute after that.

    name: what counts as the same client; by default who comes from the same address.
    """

    burst: int
    per_minute: float
    name: Callable[[str], str] = network
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def allows(self, client: str, now: float | None = None) -> bool:
        """Whether the client may ask once more; counts it. `now` in seconds of a clock that never goes back."""
        moment, name = monotonic() if now is None else now, self.name(client)
        left, seen = self._left.pop(name, (float(self.burst), moment))
        left = min(self.burst, left + (moment - seen) * self.per_minute / 60)
        self._left[name] = (left - 1 if left >= 1 else left, moment)
        if len(self._left) > CLIENTS:
            self._left.popitem(last=False)
        return left >= 1

    def give_back(self, client: str) -> None:
        """What was counted last came to nothing, so it doesn't count."""
        name = self.name(client)
        if name in self._left:
            left, seen = self._left[name]
            self._left[name] = (min(self.burst, left + 1), seen)
