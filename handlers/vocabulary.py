"""What a language knows that a decision needs: labels, command words, date words."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language's words, from `templates/<language>/words.toml`.

    labels: code list → value → label; aliases: code list → value → further ways to say it;
    commands: normalised word → command name (all languages' words, so that `back` always works);
    desk: normalised word → quick word of the staff (all languages');
    relative_days: normalised word → days from today (`昨天` → -1); yes, no: normalised words.
    """

    language: str
    labels: Mapping[str, Mapping[str, str]]
    aliases: Mapping[str, Mapping[str, tuple[str, ...]]]
    commands: Mapping[str, str]
    relative_days: Mapping[str, int]
    months: Mapping[str, int]
    desk: Mapping[str, str] = field(default_factory=dict)

    def label(self, codes: str, value: str) -> str:
        """The label of a value, or the value itself where the list has none."""
        return self.labels.get(codes, {}).get(value, value)
