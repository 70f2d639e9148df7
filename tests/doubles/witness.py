"""What a platform's double writes down: what people saw, what was refused, which limits were overstepped."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.doubles.clock import Clock


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody saw a text; `way`: how it reached them; `buttons`: what those below it send."""

    person: str
    at: datetime
    text: str
    way: str
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A refused call that knew of a limit or should have; `kind`: window, count, quota, rate, month, grant, force."""

    kind: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A call that was answered with an error, for whatever reason; its person is empty where it had none."""

    code: int
    path: str
    person: str
    at: datetime


@dataclass
class Witness:
    """The log of a double, by its clock."""

    clock: Clock = field(default_factory=Clock)
    seen: list[Seen] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    refused: list[RefusedCall] = field(default_factory=list)
    heeds: Callable[[Seen], None] | None = None

    def saw(self, person: str, text: str, way: str, buttons: tuple[str, ...] = ()) -> None:
        """Somebody saw a text; `heeds`, if set, hears of it at once."""
        seen = Seen(person, self.clock.now(), text, way, buttons)
        self.seen.append(seen)
        if self.heeds is not None:
            self.heeds(seen)

    def refuse(self, code: int, path: str, person: str = "", violation: str = "") -> None:
        """A call was refused; `violation`: the kind of limit that it overstepped."""
        self.refused.append(RefusedCall(code, path, person, self.clock.now()))
        if violation:
            self.violate(violation, person)

    def violate(self, kind: str, person: str = "") -> None:
        """A limit was overstepped."""
        self.violations.append(Violation(kind, person, self.clock.now()))

    def seen_by(self, person: str | int) -> list[str]:
        """The texts somebody saw, in order."""
        return [seen.text for seen in self.seen if seen.person == str(person)]
