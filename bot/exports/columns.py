"""The columns of an export (docs/export.md). A coded answer has two: the standard's code, and its words."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.console.words import Pages
from bot.render import Words
from handlers.office.exporting import Exported

OWN = (
    "name", "id_number", "sex", "birth_date", "ethnicity", "hukou_region", "hukou_address", "phone", "education",
    "marital_status", "political_status",
)  # fmt: skip
STAY = (
    "address", "stay_kind", "landlord_name", "landlord_phone", "arrived_on", "stay_months", "reason", "employer",
    "industry", "school", "social_insurance", "agent_name", "agent_id_number", "agent_relation",
)  # fmt: skip
STANDARD = {
    "sex": "sex", "ethnicity": "ethnicity", "hukou_region": "region", "education": "education",
    "marital_status": "marital_status", "political_status": "political_status", "industry": "industry",
}  # fmt: skip
LABELLED = {
    "stay_kind": "stay_kind", "stay_months": "stay_months", "reason": "reason", "social_insurance": "social_insurance",
    "agent_relation": "relation",
}  # fmt: skip

Cell = Callable[[Exported], str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and what stands in it."""

    head: str
    cell: Cell


class Columns:
    """Every column in one language."""

    def __init__(self, language: str, pages: Pages, words: Words) -> None:
        self._language = language
        self._pages = pages
        self._table = pages.tables[language]
        self._words = words
        self._columns = tuple(self._every())

    @property
    def heads(self) -> list[str]:
        """The first row."""
        return [column.head for column in self._columns]

    def row(self, exported: Exported) -> list[str]:
        """A submission's row."""
        return [column.cell(exported) for column in self._columns]

    def _every(self) -> Iterator[Column]:
        yield from self._about()
        for step in OWN:
            yield from self._answer(step)
        yield Column(self._table.say("columns.area_code"), lambda one: one.area)
        yield Column(
            self._table.say("columns.area"), lambda one: self._pages.area(self._language, one.area) if one.area else ""
        )
        for step in STAY:
            yield from self._answer(step)
        yield Column(self._table.say("columns.due_on"), lambda one: one.due_on)
        yield Column(
            self._table.say("columns.in_time"),
            lambda one: self._table.label("yes_no", one.in_time) if one.in_time else "",
        )

    def _about(self) -> Sequence[Column]:
        label, zone = self._table.label, self._pages.zone
        return (
            Column(self._table.say("columns.number"), lambda one: one.number),
            Column(self._table.say("columns.kind"), lambda one: label("matters", one.kind)),
            Column(self._table.say("columns.status"), lambda one: label("statuses", one.status)),
            Column(self._table.say("columns.channel"), lambda one: label("channels", one.channel)),
            Column(self._table.say("columns.submitted_at"), lambda one: _local(one.submitted_at, zone)),
            Column(self._table.say("columns.decided_at"), lambda one: _local(one.decided_at, zone)),
        )

    def _answer(self, step: str) -> Iterator[Column]:
        head = self._words.label(self._language, "steps", step)
        listed = STANDARD.get(step) or LABELLED.get(step)
        if step in STANDARD:
            yield Column(self._table.say("columns.code_of", name=head), lambda one: one.answers.get(step, ""))
        if listed is None:
            yield Column(head, lambda one: one.answers.get(step, ""))
        else:
            yield Column(head, lambda one: self._label(listed, one.answers.get(step, "")))

    def _label(self, codes: str, value: str) -> str:
        return self._words.label(self._language, codes, value) if value else ""


def _local(instant: datetime | None, zone: ZoneInfo) -> str:
    return "" if instant is None else f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"
