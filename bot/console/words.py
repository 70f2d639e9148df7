"""The console's words, a table a language, and its pages."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from bot.areas import Areas
from bot.compiling import PAGES
from bot.vocabularies import languages
from handlers.office.masks import masked

SUFFIX = ".html.j2"
TABLE = "console.toml"
CODED = re.compile(r"(HTTP|refused with code) (-?\d+)")
CODES = {"HTTP": "why.http", "refused with code": "why.code"}


@dataclass(frozen=True, slots=True)
class Table:
    """One language's words: sentences by dotted key, labels by table and value."""

    code: str
    name: str
    words: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]

    def say(self, key: str, **data: Any) -> str:
        """A sentence, its places filled; KeyError for a key that isn't there."""
        text = self.words[key]
        return text.format(**data) if data else text

    def label(self, table: str, value: str) -> str:
        """What a value is called; the value itself where the table has no name for it."""
        return self.labels[table].get(value, value)

    def why(self, reason: str) -> str:
        """Why a message was not sent or not heard, from the outbox; a number that only the platform knows stays."""
        coded = CODED.fullmatch(reason)
        return self.say(CODES[coded[1]], n=coded[2]) if coded else self.label("why", reason)


class Pages:
    """Every page in every language."""

    def __init__(self, zone: ZoneInfo, areas: Areas, folder: Traversable | None = None) -> None:
        root = folder or files("templates")
        self.tables = {code: table(code, language.raw["language"], root) for code, language in languages(root).items()}
        self.zone = zone
        self._areas = areas
        self._environment = environment(sources(root))

    def render(self, language: str, template: str, **data: Any) -> str:
        """A page as HTML."""
        chosen = self.tables[language]
        here = {
            "t": chosen.say,
            "label": chosen.label,
            "why": chosen.why,
            "language": language,
            "languages": {code: other.name for code, other in self.tables.items()},
            "at": self._at,
            "day": lambda day: "" if day is None else day.isoformat(),
            "mask": masked,
            "area": lambda code: self.area(language, code),
        }
        return self._environment.get_template(template).render(here | data)

    def area(self, language: str, code: str) -> str:
        """An area's name with the one it lies in; the code where the table has it no more."""
        known = {area.code: area for area in self._areas()}
        found = known.get(code)
        if found is None:
            return code or self.tables[language].say("area.everywhere")
        own = found.names.get(language) or found.names["zh"]
        return f"{self.area(language, found.parent)} · {own}" if found.parent in known else own

    def local(self, instant: datetime) -> datetime:
        """An instant by the office's clock."""
        return instant.astimezone(self.zone)

    def today_on(self, now: datetime) -> date:
        """The office's day."""
        return self.local(now).date()

    def _at(self, instant: datetime) -> Markup:
        local = self.local(instant)
        return Markup('<time datetime="{}">{}</time>').format(
            local.isoformat(timespec="minutes"), f"{local:%Y-%m-%d %H:%M}"
        )


def table(code: str, name: str, root: Traversable) -> Table:
    """A language's console.toml: `[labels.*]` are tables of labels, everything else sentences."""
    raw = tomllib.loads((root / code / TABLE).read_text("utf-8"))
    labels = raw.pop("labels")
    words = {f"{part}.{key}": text for part, entries in raw.items() for key, text in entries.items()}
    return Table(code, name, words, labels)


def sources(root: Traversable) -> dict[str, str]:
    """Every console template by its name without the ending."""
    folder = root / "console"
    return {e.name.removesuffix(SUFFIX): e.read_text("utf-8") for e in folder.iterdir() if e.name.endswith(SUFFIX)}


def environment(templates: Mapping[str, str]) -> Environment:
    """HTML, so everything is escaped; a name that isn't given is an error and not an empty place."""
    return Environment(
        loader=FunctionLoader(templates.get),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=PAGES,
    )
