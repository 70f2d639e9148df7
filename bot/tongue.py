"""One language: replies into words by its templates and labels; a template is compiled when it is first said."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources.abc import Traversable
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from jinja2 import Environment, FunctionLoader, StrictUndefined, Template, TemplateSyntaxError, UndefinedError

from bot.channels.channel import Button, Enclosed, Message
from bot.compiling import TEXTS
from bot.vocabularies import Language, standard_labels
from handlers.messages import Choice, Reply
from regulations.notices import Library, NoticeFile
from regulations.pack import Pack, Rule
from regulations.quiz import Book, QuizWords
from regulations.regions import region
from storage.records import Area

SUFFIX = ".txt.j2"
HOME = "CN"
DAYS = {
    "birth_date": False,
    "arrived_on": True,
    "leaving_on": True,
    "lease_until": True,
    "moved_in_on": True,
    "moved_out_on": True,
}  # step → whether its weekday is told
MARKS = {"reading": "marked_reading", "copy": "marked_unconfirmed", "secondary page": "marked_unconfirmed"}
RULE = "rule:"  # before the key of a rule whose list labels a value
PHONES = frozenset({"phone", "landlord_phone", "contact_phone", "tenant_phone"})
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """What the words tell about the office; empty where the operator gave nothing."""

    name: str = ""
    phone: str = ""
    hours: str = ""
    address: str = ""
    url: str = ""
    papers_days: int = 30
    zone: str = "Asia/Shanghai"


class Tongue:
    """One language: its templates and labels, with the law and the office in reach."""

    def __init__(
        self,
        language: Language,
        folder: Traversable,
        pack: Pack,
        office: OfficeFacts,
        areas: Callable[[], tuple[Area, ...]],
        notices: Library,
        book: Book,
    ) -> None:
        self.code = language.code
        self._library = notices
        self._book = book
        self._pack = pack
        self._zone = ZoneInfo(office.zone)
        self._areas = areas
        self._phrases = language.table("phrases")
        self._language = language
        sources = dict(_sources(folder))
        self._environment = _environment(sources)
        self._environment.globals |= self._globals(office)
        self.labels = {**standard_labels(self.code), **self._rendered(language.table("labels"))}
        self.labels["commands"] |= {f"law:{name}": one.words[self.code].title for name, one in notices.notices.items()}
        self.page = {name: self._fill(text) for name, text in language.table("page").items()}
        self.notices = {name: self._fill(text) for name, text in language.table("notices").items()}
        self.wechat = _toml(folder / "wechat.toml")
        self.templates = frozenset(name for name in sources if not name.rpartition("/")[2].startswith("_"))
        self._compiled: dict[str, Template] = {}

    def table(self, name: str) -> Mapping[str, str]:
        """A table of words.toml, its places filled."""
        return {key: self._fill(text) for key, text in self._language.table(name).items()}

    def message(self, reply: Reply) -> Message:
        """A reply in words, its choices sorted by what they are."""
        lines = [choice for choice in reply.choices if choice.role == "line"]
        options = [choice for choice in reply.choices if choice.role == "option"]
        return Message(
            text=self.text(reply.template, reply.data),
            options=tuple(Button(self._button(choice), choice, n) for n, choice in enumerate(options, 1)),
            lines=tuple(Button(self._button(choice), choice, n) for n, choice in enumerate(lines, 1)),
            controls=tuple(Button(self._button(c), c) for c in reply.choices if c.role == "control"),
            short=reply.short,
            file=self._file(reply.data),
        )

    def _file(self, data: Mapping[str, Any]) -> Enclosed | None:
        """What a broadcast brings along."""
        if not data.get("file"):
            return None
        line = self.phrase("enclosed", name=data["file_name"], path=f"/f/{data['file']}")
        return Enclosed(data["file"], data["file_name"], line)

    def text(self, template: str, data: Mapping[str, Any]) -> str:
        """A template's words."""
        compiled = self._compiled.get(template) or self._compile(template)
        return compiled.render(data).strip()

    def faults(self) -> list[str]:
        """Compile what wasn't said yet; the templates that can't be, with the place in each."""
        return [fault for name in sorted(self.templates - set(self._compiled)) if (fault := self._fault(name))]

    def _fault(self, name: str) -> str:
        try:
            self._compile(name)
        except TemplateSyntaxError as error:
            return f"templates/{self.code}/{name}{SUFFIX}, line {error.lineno}: {error.message}"
        return ""

    def _compile(self, name: str) -> Template:
        self._compiled[name] = _ready(self._environment.get_template(name))
        return self._compiled[name]

    def label(self, codes: str, value: str) -> str:
        """A value's words; regions and areas from their tables."""
        if codes == "region":
            return self._region(value)
        if codes == "areas":
            return self._area(value)
        if codes.startswith(RULE):
            return self._listed(codes.removeprefix(RULE), value)
        return self.labels.get(codes, {}).get(value, value)

    def day(self, iso: str, *, weekday: bool = True) -> str:
        """A day, with its weekday unless that is of no use."""
        day = date.fromisoformat(iso)
        if self.code == "zh":
            written = f"{day.year}年{day.month}月{day.day}日"
            return f"{written}（星期{'一二三四五六日'[day.weekday()]}）" if weekday else written
        written = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
        return f"{WEEKDAYS[day.weekday()]} {written}" if weekday else written

    def value_of(self, line: Mapping[str, Any]) -> str:
        """A stored answer as a person reads it."""
        value, codes = line["value"], line["codes"]
        if value is None or line["kind"] == "skipped":
            return self.phrase("not_given")
        if codes == "papers":
            return self._papers(value)
        if line["step"] in DAYS:
            return self.day(value, weekday=DAYS[line["step"]])
        if line["step"] in PHONES:
            return phone(value)
        return self.label(codes, value) if codes else str(value)

    def _papers(self, value: Mapping[str, Any]) -> str:
        if value["files"]:
            return self.phrase("files", n=len(value["files"]))
        return self.label("papers", value["plan"])

    def _button(self, choice: Choice) -> str:
        if choice.label:
            return choice.label
        if choice.value.startswith("edit:"):
            name = self.label("steps", choice.value.removeprefix("edit:"))
            return name if choice.role == "line" else self.phrase("edit", name=name)
        return self._command(choice.value) if choice.role == "control" else self.label(choice.codes, choice.value)

    def _command(self, value: str) -> str:
        """A command's words; what follows it (`tenancy:yes:12`) may be a number and has none of its own."""
        commands, name = self.labels.get("commands", {}), value
        while name not in commands and ":" in name:
            name = name.rpartition(":")[0]
        return commands.get(name, value)

    def _globals(self, office: OfficeFacts) -> dict[str, Any]:
        return {
            "cite": self._cite,
            "number": lambda key: self._rule(key).value,
            "unit": lambda key: self._rule(key).unit,
            "has": lambda key: self._pack.has(key, self._today()),
            "words_of": self._words_of,
            "rule_words": lambda key, on=None: self._rule(key, on).words[self.code],
            "where": self._where,
            "place": self._pack.title[self.code],
            "label": self.label,
            "day": self.day,
            "value_of": self.value_of,
            "word": lambda command: self.label("commands", command),
            "office": office,
            "wrong": lambda reason, data: self.text(f"invalid/{reason}", data),
            "told": self._notice,
            "asked": self._question,
            "edit_phrase": lambda step: self.phrase("edit", name=self.label("steps", step)),
        }

    def _notice(self, name: str) -> NoticeFile | None:
        """A notice's words; None for one that was shown once and is gone since."""
        found = self._library.notices.get(name)
        return None if found is None else found.words[self.code]

    def _question(self, name: str) -> QuizWords | None:
        """A quiz question's words; None for one that is gone since."""
        found = self._book.questions.get(name)
        return None if found is None else found[self.code]

    def _words_of(self, key: str) -> str:
        """A number with its unit, as the rule gives them."""
        rule = self._rule(key)
        return self.phrase(rule.unit, n=rule.value)

    def _rule(self, key: str, on: str | None = None) -> Rule:
        """The rule in force on a day, the day of what it is told for; today, if none is given."""
        return self._pack.rule(key, date.fromisoformat(on) if on else self._today())

    def _cite(self, key: str, on: str | None = None) -> str:
        """Law and article; what isn't in the text itself, or wasn't read in it, is told as such."""
        rule = self._rule(key, on)
        cited = rule.citation[self.code]
        return self.phrase(MARKS[rule.certainty], cited=cited) if rule.certainty in MARKS else cited

    def _where(self) -> str:
        """Where to go in person."""
        found = self._pack.find("registration.where", self._today())
        return self.phrase("counter") if found is None else found.words[self.code]

    def _today(self) -> date:
        """The office's day: words tell the law that is in force as they are said."""
        return datetime.now(self._zone).date()

    def phrase(self, phrase: str, /, **data: Any) -> str:
        """A phrase, its places filled."""
        return self._fill(self._phrases[phrase], **data)

    def fill(self, text: str, data: Mapping[str, Any]) -> str:
        """A text that is no template of its own; a name that isn't given leaves an empty place."""
        try:
            return self._environment.from_string(text).render(data).strip()
        except (UndefinedError, TypeError):  # the second where it was to be written out as a day
            return ""

    def _fill(self, text: str, **data: Any) -> str:
        return self._environment.from_string(text).render(data) if "{{" in text or "{%" in text else text

    def _rendered(self, lists: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        return {name: {value: self._fill(text) for value, text in entries.items()} for name, entries in lists.items()}

    def _listed(self, family: str, name: str) -> str:
        """An entry of a list that a rule gives, or one of a family of rules (`permit.condition`)."""
        rules = (rule for key, rule in self._pack.on(self._today()).rules.items() if key.startswith(family))
        found = (rule.items[name].get(self.code, "") for rule in rules if name in rule.items)
        return next((words for words in found if words), self.labels["listed"].get(name, name))

    def _region(self, code: str) -> str:
        found = region(code)
        return code if found is None else found.names.get(self.code) or found.names["zh"]

    def _area(self, code: str) -> str:
        found = next((area for area in self._areas() if area.code == code), None)
        return code if found is None else found.names.get(self.code) or found.names["zh"]


def phone(e164: str) -> str:
    """A telephone number as people write it: a Chinese one without the country's code."""
    number = phonenumbers.parse(e164)
    home = phonenumbers.region_code_for_number(number) == HOME
    style = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def _ready(template: Template) -> Template:
    """Jinja keeps what all templates know as a chain of mappings and copies it at each rendering: a dict is faster."""
    template.globals = dict(template.globals)
    return template


def _toml(file: Traversable) -> Mapping[str, Any]:
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def _sources(folder: Traversable, prefix: str = "") -> list[tuple[str, str]]:
    """Every template under a folder, named by its path without the ending."""
    found: list[tuple[str, str]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(SUFFIX):
            found.append((prefix + entry.name.removesuffix(SUFFIX), entry.read_text("utf-8")))
    return found


def _environment(sources: Mapping[str, str]) -> Environment:
    """Plain text, so nothing is escaped; a name that isn't given is an error and not an empty place."""
    return Environment(
        loader=FunctionLoader(lambda name: sources.get(name.removesuffix(SUFFIX))),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 -- these are plain texts; pages have an environment of their own
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=TEXTS,
    )
