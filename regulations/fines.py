"""What a breach may cost, told without threats: the least and the most, and whether an order comes first."""

from dataclasses import dataclass

from regulations.errors import NotANumber
from regulations.keys import RANGE_UNITS
from regulations.rule import Rule


@dataclass(frozen=True, slots=True)
class Fine:
    """In yuan. after_order: only who ignores the order to put it right is fined."""

    least: int
    most: int
    after_order: bool


def fine(rule: Rule, people: int = 1) -> Fine | None:
    """The fine of a rule, for so many people not reported where it is by head; None where there is no fine."""
    if rule.unit == "text":
        return None
    if rule.unit not in RANGE_UNITS or not isinstance(rule.value, tuple):
        raise NotANumber(f"(rule {rule.key}, unit {rule.unit})")
    heads = people if rule.unit == "yuan_range_per_person" else 1
    least, most = (int(number) * heads for number in rule.value)
    return Fine(least, most, rule.trigger == "order_ignored")
