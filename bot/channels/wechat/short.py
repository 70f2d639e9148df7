"""Messages as an approved template carries them: short values in named fields, by `templates/<lang>/wechat.toml`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.channels.channel import Push
from bot.channels.wechat.xml import printable
from bot.render import Words
from bot.setting_values import Approved

Carrier = Literal["notification", "template"]
FIELD = re.compile(r"([a-z_]+?)\d+")
MAY_BE_CUT = "thing"
ELLIPSIS = "…"
# How many characters a field's value may have, by the kind in its name (document: subscription messages, parameters).
LONGEST: Mapping[str, int] = {
    "thing": 20, "character_string": 32, "number": 32, "letter": 32, "symbol": 5, "phrase": 5, "name": 10,
    "phone_number": 17, "car_number": 8, "const": 20, "date": 32, "time": 32, "amount": 32,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mapped:
    """How a kind of message (`say`: our own template) goes into an approved one, called `name` in the settings."""

    say: str
    carrier: Carrier
    name: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Short:
    """What is sent: the approved template's id, and the values of its fields."""

    template: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shorts:
    """The approved templates of an account by name, and what goes into them."""

    words: Words
    templates: Mapping[str, Approved]
    notifications: Mapping[str, Approved]

    def notification(self, push: Push) -> Short | None:
        """The message as a subscription notification, if it has such a form."""
        return self._short(push, "notification", self.notifications)

    def template(self, push: Push) -> Short | None:
        """The message as a template message, if it has such a form."""
        return self._short(push, "template", self.templates)

    def carried(self, language: str, prefix: str) -> Iterator[tuple[str, str]]:
        """The kinds of messages below a prefix that some approved template carries, each with the grant it needs."""
        for mapped in mappings(self.words, language):
            if mapped.say.startswith(prefix) and mapped.carrier == "template" and mapped.name in self.templates:
                yield mapped.say.removeprefix(prefix), ""
            elif mapped.say.startswith(prefix) and mapped.carrier != "template" and mapped.name in self.notifications:
                yield mapped.say.removeprefix(prefix), self.notifications[mapped.name].id

    def _short(self, push: Push, carrier: Carrier, approved: Mapping[str, Approved]) -> Short | None:
        """Only where all that is said has a form, and every value fits its field."""
        if len(push.replies) != 1:
            return None
        reply = push.replies[0]
        for mapped in mappings(self.words, push.language):
            if mapped.say == reply.template and mapped.carrier == carrier and mapped.name in approved:
                texts = {name: self.words.fill(push.language, text, reply.data) for name, text in mapped.fields.items()}
                values = {name: value for name, text in texts.items() if (value := fitting(name, text))}
                return Short(approved[mapped.name].id, values) if len(values) == len(texts) else None
        return None


def mappings(words: Words, language: str) -> Sequence[Mapped]:
    """A language's mappings, as they are written."""
    entries = words.wechat(language).get("message", [])
    return tuple(
        Mapped(entry["say"], carrier, entry["name"], entry["fields"])
        for entry in entries
        for carrier in _carriers(entry)
    )


def _carriers(entry: Mapping[str, Any]) -> Sequence[Carrier]:
    """One, or a list of those that carry the same."""
    named: Carrier | Sequence[Carrier] = entry["carrier"]
    return (named,) if isinstance(named, str) else named


def fitting(field: str, text: str) -> str:
    """A value as the platform takes it, on one line; empty where it takes none. A `thing` may be cut."""
    kind, value = kind_of(field), " ".join(printable(text).split())
    longest = LONGEST.get(kind, 0)
    if len(value) <= longest:
        return value
    return value[: longest - 1] + ELLIPSIS if kind == MAY_BE_CUT else ""


def kind_of(field: str) -> str:
    """The kind in a field's name: `thing` of `thing1`; empty for a name that no template has."""
    found = FIELD.fullmatch(field)
    return found[1] if found and found[1] in LONGEST else ""


def faults(words: Words, language: str) -> Iterator[str]:
    """What is wrong with a language's mappings, a sentence each."""
    known = words.templates(language)
    for mapped in mappings(words, language):
        if mapped.say not in known:
            yield f"{mapped.say} is no message"
        for field, text in mapped.fields.items():
            if not kind_of(field):
                yield f"{mapped.say}: {field} is no field; fields are called thing1, time2 …"
            elif "{{" not in text and not fitting(field, text):
                yield f"{mapped.say}: {field} is empty or too long"
