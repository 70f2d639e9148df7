"""The words: nothing is missing in any language, and no two languages speak of different things."""

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
from jinja2 import Environment, meta

from bot.channels.entries import CHANNELS
from bot.render import Words
from bot.tongue import OfficeFacts, phone
from bot.vocabularies import WordClash, languages, vocabulary
from handlers.commands import COMMANDS
from handlers.forms.entries import FORMS
from handlers.messages import Choice, Reply
from handlers.office.answering import LONGEST
from handlers.reminders.entries import REMINDERS
from handlers.turns import Answered
from regulations.pack import load

OFFICE = OfficeFacts("城东派出所", "0571-87654321", "8:30–17:00", "幸福路1号", "https://anju.example")
SAID_IN_CODE = re.compile(r'"((?:say|help|invalid|ask|remind)/[a-z0-9_]+)"')
OF_LISTS = re.compile(
    r'(?:[fF]ault|Unfit|Unreadable|_dropped|_refuse)\([^"\n]*(?:"[a-z_]+", )?"((?:import|sheet)_[a-z_]+)"'
    r'|else "((?:import|sheet)_[a-z_]+)"'
)
REASON_IN_CODE = re.compile(r'(?:InvalidAnswer|Unfit)\(\s*"([a-z0-9_]+)"(?: if [^"]*else "([a-z0-9_]+)")?')
FLOORS = ("handlers", "bot")
PACKS = ("cn-zj-hangzhou", "cn-zj")


@pytest.fixture(scope="module", params=PACKS)
def words(request: pytest.FixtureRequest) -> Words:
    return Words(load(request.param), OFFICE, tuple)


def sources() -> Iterator[str]:
    for floor in FLOORS:
        root = files(floor)
        folders = [root]
        while folders:
            for entry in folders.pop().iterdir():
                if entry.is_dir():
                    folders.append(entry)
                elif entry.name.endswith(".py"):
                    yield entry.read_text("utf-8")


def needed() -> set[str]:
    """Every template that a decision or a channel may name."""
    found: set[str] = set()
    for source in sources():
        found |= set(SAID_IN_CODE.findall(source))
        found |= {f"invalid/{reason}" for pair in OF_LISTS.findall(source) for reason in pair if reason}
        found |= {f"invalid/{reason}" for pair in REASON_IN_CODE.findall(source) for reason in pair if reason}
    found |= {f"invalid/{reason}" for reason in (*WRONG_KIND_REASONS, *WRONG_FILES)}
    for form in FORMS.values():
        found |= {f"{kind}/{step.name}" for step in form.steps for kind in ("ask", "help")}
    found |= {f"remind/{entry.name}" for entry in REMINDERS}
    return found | {"ask/confirm", "help/confirm"} | {f"say/not_needed_{kind}" for kind in NOT_NEEDED}


WRONG_KIND_REASONS = ("photo_not_expected", "voice_not_expected", "sticker_not_expected", "file_not_expected")
WRONG_FILES = ("file_empty", "file_bomb", "file_too_large", "file_broken", "file_unclear")
NOT_NEEDED = (
    "here", "hk_mo_tw", "foreign", "hotel", "hospital", "school", "shelter", "under_min", "relatives",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_template_that_is_named_is_there(language: str) -> None:
    there = Words(load("cn-zj-hangzhou"), OFFICE, tuple).templates(language)
    assert sorted(needed() - there) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_template_is_left_that_nobody_names(language: str) -> None:
    there = Words(load("cn-zj-hangzhou"), OFFICE, tuple).templates(language)
    assert sorted(there - needed()) == []


def test_languages_have_the_same_templates_and_the_same_variables() -> None:
    environment = Environment(autoescape=True)

    def variables(language: str) -> dict[str, set[str]]:
        root = files("templates") / language
        return {
            f"{folder.name}/{entry.name}": meta.find_undeclared_variables(environment.parse(entry.read_text("utf-8")))
            for folder in root.iterdir()
            if folder.is_dir()
            for entry in folder.iterdir()
        }

    zh, en = variables("zh"), variables("en")
    loose = {"rule_words", "cite", "number", "words_of", "place", "label", "word", "edit_phrase"}
    assert {name: found - loose for name, found in zh.items()} == {name: found - loose for name, found in en.items()}


def test_languages_have_the_same_lists_of_words() -> None:
    def entries(language: str) -> set[str]:
        raw = languages()[language].raw
        tables = {"labels": raw["labels"], "phrases": {"": raw["phrases"]}, "page": {"": raw["page"]}}
        return {f"{kind}.{table}.{name}" for kind, found in tables.items() for table in found for name in found[table]}

    assert entries("zh") == entries("en")


def test_quick_replies_are_the_same_in_every_language_and_short_enough(words: Words) -> None:
    tables = {language: words.table(language, "quick_replies") for language in words.languages}
    assert len({frozenset(table) for table in tables.values()}) == 1
    assert all(0 < len(text) <= LONGEST for table in tables.values() for text in table.values())


def test_every_option_step_and_command_has_a_label(words: Words) -> None:
    for language in words.languages:
        labels = words.vocabularies[language].labels
        assert {step.name for form in FORMS.values() for step in form.steps} <= set(labels["steps"])
        assert {*COMMANDS, "more", "send", "share_contact", "share_location"} - {"edit"} <= set(labels["commands"])


def test_every_reminder_has_a_name_and_a_button_that_says_it_is_done(words: Words) -> None:
    for language in words.languages:
        labels = words.vocabularies[language].labels
        assert set(labels["reminders"]) == {entry.name for entry in REMINDERS}
        assert {f"remind:done:{entry.name}" for entry in REMINDERS} <= set(labels["commands"])


def test_every_command_is_understood_in_every_language(words: Words) -> None:
    for language in words.languages:
        commands = words.vocabularies[language].commands
        assert {
            "返回": "back",
            "back": "back",
            "帮助": "help",
            "english": "language:en",
            "中文": "language:zh",
        }.items() <= (commands.items())


def test_a_word_for_two_commands_is_refused() -> None:
    spoken = languages()
    zh = spoken["zh"]
    clashing = {**zh.raw, "commands": {**zh.raw["commands"], "skip": ["返回"]}}
    with pytest.raises(WordClash, match="返回"):
        vocabulary(zh, {"zh": type(zh)("zh", clashing)}, {})


@pytest.mark.parametrize(
    ("e164", "written"),
    [("+8613812345678", "138 1234 5678"), ("+8657187654321", "0571 8765 4321"), ("+84912345678", "+84 912 345 678")],
)
def test_telephone_numbers_are_shown_as_people_write_them(e164: str, written: str) -> None:
    assert phone(e164) == written


def test_what_a_choice_says_depends_on_its_role(words: Words) -> None:
    choices = (
        Choice("rented", codes="stay_kind"),
        Choice("edit:phone", codes="steps", role="line"),
        Choice("edit:phone", codes="commands", role="control"),
        Choice("S01", label="安宁街道", codes="areas"),
    )
    reply = Reply("say/resumed", {}, choices)
    (message,) = words.messages(Answered(b"", 1, "en", (reply,)))
    assert [button.label for button in message.options] == ["Rented", "安宁街道"]
    assert [button.label for button in message.lines] == ["Mobile"]
    assert [button.label for button in message.controls] == ["Change: Mobile"]
    assert [button.number for button in message.options] == [1, 2]


def test_channels_have_a_hint_for_the_operator() -> None:
    assert all(entry.hint for entry in CHANNELS)
