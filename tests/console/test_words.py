"""The console's words: the same keys in every language, and none that a page names is missing."""

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import nodes

from bot.channels.telegram import errors as telegram
from bot.channels.wechat import errors as wechat
from bot.console.navigation import NAVIGATION
from bot.console.words import Table, environment, sources, table
from handlers.office.rights import ROLES
from storage import claims, deliveries
from storage.waiting import OPEN

ROOT = files("templates")
LANGUAGES = ("zh", "en")
PLACES = re.compile(r"\{(\w+)\}")


def words(language: str) -> Table:
    return table(language, language, ROOT)


def calls(name: str) -> list[nodes.Call]:
    """Every call of a function in any console template."""
    parsed = [environment({}).parse(source) for source in sources(ROOT).values()]
    found = [call for tree in parsed for call in tree.find_all(nodes.Call)]
    return [call for call in found if isinstance(call.node, nodes.Name) and call.node.name == name]


def consts(call: nodes.Call) -> list[str]:
    """The words of a call's first argument, also of `a if b else c`."""
    first = call.args[0]
    found = [first] if isinstance(first, nodes.Const) else list(first.find_all(nodes.Const))
    return [str(const.value) for const in found]


def in_code() -> set[str]:
    folders = (files("bot") / "console", files("bot") / "exports")
    entries = [entry for folder in folders for entry in folder.iterdir() if entry.name.endswith(".py")]
    texts = [entry.read_text("utf-8") for entry in entries]
    return {
        key
        for text in texts
        for key in re.findall(r'"((?:sign_in|code|problem|columns|export|cast|why)\.[a-z_]+)"', text)
    }


def test_every_language_has_the_same_words_with_the_same_places() -> None:
    zh, en = words("zh"), words("en")
    assert zh.words.keys() == en.words.keys()
    assert {key: set(PLACES.findall(text)) for key, text in zh.words.items()} == {
        key: set(PLACES.findall(text)) for key, text in en.words.items()
    }
    assert {name: set(labels) for name, labels in zh.labels.items()} == {
        name: set(labels) for name, labels in en.labels.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_a_page_names_is_there(language: str) -> None:
    named = {key for call in calls("t") for key in consts(call)} | in_code() | {link.word for link in NAVIGATION}
    assert len(named) > 60
    assert sorted(named - words(language).words.keys()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_left_that_nobody_names(language: str) -> None:
    named = {key for call in calls("t") for key in consts(call)} | in_code() | {link.word for link in NAVIGATION}
    left = {key for key in words(language).words.keys() - named if not key.startswith("problem.password_")}
    assert sorted(left) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_name(language: str) -> None:
    labels = words(language).labels
    assert {call for call in {consts(call)[0] for call in calls("label")} if call not in labels} == set()
    assert set(ROLES) <= labels["roles"].keys() & labels["role_duties"].keys()
    assert set(OPEN) <= labels["statuses"].keys()
    assert labels["notices"].keys() == labels["notice_titles"].keys()


def reasons() -> set[str]:
    """Whatever the program writes down as the reason why a message was not sent."""
    folders = (Path(str(files(package))) for package in ("bot", "handlers"))
    paths = (path for folder in folders for path in folder.rglob("*.py"))
    trees = [ast.parse(path.read_text("utf-8")) for path in paths]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    made = [call.args[0] for call in calls if getattr(call.func, "id", "") in {"SendFailed", "Failure"}]
    said = {str(first.value) for first in made if isinstance(first, ast.Constant)}
    platforms = {meaning.reason for meaning in wechat.MEANINGS.values()} | set(telegram.REASONS.values())
    ours = {claims.BACK, claims.ASKED, claims.ASKED_LATE, claims.SENDER_DIED, claims.UNREADABLE}
    ours |= {deliveries.WAITING_FOR_THE_PERSON}
    return said | platforms | set(telegram.WORDINGS[:2]) | ours | {deliveries.QUOTA, "too late", "unknown", "topic off"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_that_the_outbox_gives_is_in_the_staffs_words(language: str) -> None:
    assert len(reasons()) > 40
    assert sorted(reasons() - words(language).labels["why"].keys()) == []


@pytest.mark.parametrize(("language", "reason", "said"), [
    ("zh", "HTTP 502", "平台出错（502）"),
    ("en", "HTTP 502", "the platform failed (502)"),
    ("en", "refused with code -13", "WeChat refused it (-13)"),
    ("zh", "blocked", "屏蔽了我们"),
])  # fmt: skip
def test_a_platforms_number_stays_in_the_words(language: str, reason: str, said: str) -> None:
    assert words(language).why(reason) == said
