"""One rule of law: what it says, whom it binds, where it is written, and when it is in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

SHIPPED = frozenset({"full text", "reading"})
"""How sure a rule must be to count by itself: its text was read in full, or it is our reading of that text."""

ACCEPTED: Mapping[str, frozenset[str]] = MappingProxyType(
    {"no": SHIPPED, "copies": SHIPPED | {"copy"}, "pages": SHIPPED | {"copy", "secondary page"}}
)
"""What an operator may let count: only what is sure, also what stands in a copy, also what a page reports."""

CERTAINTIES = ACCEPTED["pages"]
"""Every certainty a pack may state; what was not verified isn't in a pack at all."""

LANGUAGES = ("zh", "en")

RuleValue = int | bool | str | tuple[str, ...] | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A law that rules are cited from: its title by language, and since when it is in force, where known."""

    title: Mapping[str, str]
    in_force_from: date | None = None


Instruments = Mapping[str, Instrument]


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule as it holds in a place.

    value: a whole number (in `unit`), the least and the most, a flag, a name, or names. who: who must act;
    trigger: what starts it. citation: language → law and article. words: language → the rule in a plain sentence
    with its value in place. items: name of the list → language → its words. place: the pack that states it.
    in_force_from, in_force_to: first and last day, where known.
    """

    key: str
    value: RuleValue
    unit: str
    who: str
    trigger: str
    citation: Mapping[str, str]
    words: Mapping[str, str]
    certainty: str
    checked_on: date
    place: str
    in_force_from: date | None = None
    in_force_to: date | None = None
    items: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of a list; of any other value none."""
        return tuple(name for name in self.value if isinstance(name, str)) if isinstance(self.value, tuple) else ()

    def holds_on(self, day: date) -> bool:
        """Whether this version is in force on that day."""
        begun = self.in_force_from is None or self.in_force_from <= day
        return begun and (self.in_force_to is None or day <= self.in_force_to)

    def overlaps(self, other: "Rule") -> bool:
        """Whether some day has both versions."""
        return (self.in_force_from or date.min) <= (other.in_force_to or date.max) and (
            other.in_force_from or date.min
        ) <= (self.in_force_to or date.max)


__all__ = ["ACCEPTED", "CERTAINTIES", "LANGUAGES", "SHIPPED", "Instrument", "Instruments", "Rule", "RuleValue"]
