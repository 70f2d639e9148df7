"""The list of commands that clients show, in each language."""

from collections.abc import Iterator
from typing import Any

from bot.render import Words

MAIN_LANGUAGE = "zh"
COMMANDS = (
    "start", "help", "back", "skip", "my_data", "certificate", "language", "person", "bot", "check", "stop",
    "start_over", "law", "export", "erase", "who_looked", "my_home", "home",
    "my_homes", "report_tenant", "moved_out", "matters", "permit", "apply", "endorse", "replace", "rights",
)  # fmt: skip


def lists(words: Words) -> Iterator[dict[str, Any]]:
    """The calls of `setMyCommands`: one for everybody, one for each language there is."""
    yield {"commands": _commands(words, MAIN_LANGUAGE)}
    for language in words.languages:
        yield {"commands": _commands(words, language), "language_code": language}


def _commands(words: Words, language: str) -> list[dict[str, str]]:
    return [{"command": name, "description": words.label(language, "commands", name)} for name in COMMANDS]
