"""What the tests of parsers share: somebody says something, on a Friday in Hangzhou."""

from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from stdnum.iso7064 import mod_11_2

from handlers.messages import Incoming, Tap
from handlers.steps import Context, InvalidAnswer, Parse
from handlers.vocabulary import Vocabulary
from regulations.codelists import codes
from regulations.pack import load
from storage.records import Answer, Answers

LISTS = ("sex", "ethnicity", "education", "marital_status", "political_status", "industry")
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)

LABELS = {
    "consent": {"agree": "同意", "decline": "不同意"},
    "yes_no": {"yes": "是", "no": "不是"},
    "papers": {"done": "发完了", "counter": "到窗口出示", "later": "以后再说"},
    "id_number": {"none": "没有身份证"},
    "stay_months": {"under_1": "不到1个月", "1_to_6": "1到6个月", "6_to_12": "6到12个月", "over_12": "12个月以上"},
}
ALIASES = {
    "consent": {"agree": ("I agree", "yes", "好的"), "decline": ("I do not agree", "no")},
    "yes_no": {"yes": ("yes", "对"), "no": ("no",)},
    "papers": {"done": ("done", "好了"), "counter": ("at the counter",), "later": ("later",)},
    "id_number": {"none": ("没有", "无", "没带", "none", "I have none", "I don't have one")},
}
RELATIVE = {"今天": 0, "昨天": -1, "前天": -2, "大前天": -3, "明天": 1, "today": 0, "yesterday": -1, "tomorrow": 1}
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            ("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",), ("jun", "june"),
            ("jul", "july"), ("aug", "august"), ("sep", "sept", "september"), ("oct", "october"),
            ("nov", "november"), ("dec", "december"),
        ],
        1,
    )
    for name in names
}  # fmt: skip


@cache
def vocabulary() -> Vocabulary:
    """Chinese labels, everyone's aliases."""
    standard: dict[str, Any] = {name: {code.code: code.zh for code in codes(name)} for name in LISTS}
    said: dict[str, Any] = {
        name: {code.code: (code.en, *code.aliases.get("zh", ()), *code.aliases.get("en", ())) for code in codes(name)}
        for name in LISTS
    }
    days = {**RELATIVE, "the day before yesterday": -2}
    labels: dict[str, Any] = {**standard, **LABELS}
    aliases: dict[str, Any] = {**said, **ALIASES}
    return Vocabulary("zh", labels, aliases, {}, days, MONTHS)


@cache
def context() -> Context:
    """Friday, 20 November 2026, noon in Hangzhou."""
    return Context(NOW, ZoneInfo("Asia/Shanghai"), load("cn-zj-hangzhou"), vocabulary())


def saying(text: str = "", **parts: Any) -> Incoming:
    """A message with these words, or with other parts."""
    return Incoming("web", "a", "1", NOW, text=text, **parts)


def tapping(value: str, step: str = "step") -> Incoming:
    """A pressed button."""
    return saying(choice=Tap("migrant", step, value))


def read(parse: Parse, incoming: Incoming | str, **answers: Any) -> Any:
    """What a parser makes of a message, earlier answers given."""
    message = saying(incoming) if isinstance(incoming, str) else incoming
    known: Answers = {name: Answer("given", value) for name, value in answers.items()}
    return parse(message, known, context())


def reason(parsed: Any) -> str:
    """Why an answer wasn't taken; empty where it was."""
    return parsed.reason if isinstance(parsed, InvalidAnswer) else ""


def id_number(region: str = "330106", born: str = "19900307", order: str = "123") -> str:
    """An invented number with its right check digit."""
    number = region + born + order
    return number + mod_11_2.calc_check_digit(number)
