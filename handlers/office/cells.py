"""The cells of a handed-in row, read by the very parsers of the talk; what can't be read is told by its column."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from handlers.answers.choices import numbered
from handlers.answers.naming import folded
from handlers.answers.text import tidy
from handlers.messages import Choice, Incoming
from handlers.steps import Context, InvalidAnswer, Step
from handlers.vocabulary import Vocabulary
from storage.records import Answer, Value

FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000  # Excel's days of 1954 to 2119, where a cell isn't formatted as one
EPOCH = date(1899, 12, 30)
DIGITS_KEPT = 15
MOST_NAMED = 12
_POWER = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]+", re.IGNORECASE)  # as a spreadsheet shows a long number
CHOICES = frozenset({"pick_one", "number_out_of_range", "ambiguous_choice"})


class Cell(NamedTuple):
    """A cell. Kinds: text, number, day (ISO), lost (a number whose last digits are gone), error, '' (empty)."""

    kind: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: the column it is in, and the reason, which names the template `invalid/<reason>`."""

    column: str
    reason: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    """A row while it is read: what was understood so far, and what is wrong."""

    cells: Mapping[str, Cell]
    context: Context
    vocabularies: tuple[Vocabulary, ...]
    answers: dict[str, Answer] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def text(self, column: str) -> str:
        """What stands in a column, tidied."""
        return tidy(self.cells.get(column, Cell()).text)

    def value(self, step: str) -> Value:
        """What was understood; None where nothing was."""
        answer = self.answers.get(step)
        return None if answer is None else answer.value

    def fault(self, column: str, reason: str, **data: Any) -> None:
        """Note what is wrong."""
        self.faults.append(Fault(column, reason, data))

    def read(self, column: str, step: Step, *, must: bool = True) -> None:
        """Read a column as the answer to a question of the talk."""
        cell = self.cells.get(column, Cell())
        found = _unreadable(column, cell)
        if found is not None:
            self.faults.append(found)
        elif not self.text(column):
            if must:
                self.fault(column, "import_missing")
        else:
            self._take(column, step, _said(column, cell))

    def _take(self, column: str, step: Step, said: str) -> None:
        parsed = self._parsed(step, said)
        if not isinstance(parsed, InvalidAnswer):
            self.answers[step.name] = Answer("given", parsed)
        elif parsed.reason == "skip_id_number":
            return  # “none” in words is as good as nothing
        else:
            lost = _is_rounded(column, said)
            self.faults.append(Fault(column, "import_lost_digits") if lost else self._fault(column, step, parsed))

    def _parsed(self, step: Step, said: str) -> Any:
        """Words of any language that is spoken here; a number never stands for a place in a list of options."""
        choices = step.choices(self.answers, self.context)
        if choices and numbered(said) is not None and not self._named(choices, said):
            return InvalidAnswer("pick_one")
        incoming = Incoming("import", "", "", self.context.now, text=said)
        parsed = step.parse(incoming, self.answers, self.context)
        for vocabulary in self.vocabularies if choices and isinstance(parsed, InvalidAnswer) else ():
            again = step.parse(incoming, self.answers, replace(self.context, vocabulary=vocabulary))
            parsed = parsed if isinstance(again, InvalidAnswer) else again
        return parsed

    def _named(self, choices: tuple[Choice, ...], said: str) -> bool:
        return folded(said) in {folded(tidy(choice.label)) for choice in choices if choice.label}

    def _fault(self, column: str, step: Step, wrong: InvalidAnswer) -> Fault:
        """The parser's reason, or one that makes sense where nothing can be tapped."""
        if wrong.reason in CHOICES:
            words = self.context.vocabulary
            named = [c.label or words.label(c.codes, c.value) for c in step.choices(self.answers, self.context)]
            return Fault(column, "import_choice", {"options": named[:MOST_NAMED], "more": len(named) > MOST_NAMED})
        if wrong.reason == "day_ambiguous":
            return Fault(column, "import_day_ambiguous", {"options": [day for day, _ in wrong.data["options"]]})
        return Fault(column, wrong.reason, {**wrong.data, "step": step.name})


def _unreadable(column: str, cell: Cell) -> Fault | None:
    """A formula's fault, or a number that lost its last digits before it came here."""
    if cell.kind == "error":
        return Fault(column, "import_error_cell")
    power = column in NUMBERS and _POWER.fullmatch(cell.text.strip())
    return Fault(column, "import_lost_digits") if cell.kind == "lost" or power else None


def _is_rounded(column: str, said: str) -> bool:
    """Whether a wrong number ends as Excel ends those of which it keeps no more digits."""
    return column in LONG_NUMBERS and said.isdecimal() and len(said) > DIGITS_KEPT and said.endswith("000")


def _said(column: str, cell: Cell) -> str:
    """What would be typed in the talk; a day without a day's format is the number of days Excel counts."""
    if column in DAYS and cell.kind == "number" and cell.text.isdecimal():
        serial = int(cell.text)
        if FIRST_SERIAL <= serial <= LAST_SERIAL:
            return (EPOCH + timedelta(days=serial)).isoformat()
    return cell.text


DAYS = frozenset({"moved_in_on", "moved_out_on", "issued_on", "valid_from", "endorsed_until"})
LONG_NUMBERS = frozenset({"id_number", "uscc", "number"})
NUMBERS = LONG_NUMBERS | {"phone", "contact_phone"}
