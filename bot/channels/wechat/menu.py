"""The menu below the talk: registering, one's own matters, help."""

from typing import Any

from bot.render import Words

OWN_MATTERS = ("matters", "permit", "certificate", "my_data", "change")
HELP = ("law", "person", "check", "language", "my_homes")


def menu(words: Words, language: str = "zh") -> dict[str, Any]:
    """The menu as menu/create takes it; every key is a command."""
    return {
        "button": [
            _button(words, language, "start"),
            _group(words, language, "matters", OWN_MATTERS),
            _group(words, language, "help", HELP),
        ]
    }


def _button(words: Words, language: str, command: str) -> dict[str, Any]:
    return {"type": "click", "name": words.label(language, "commands", command), "key": command}


def _group(words: Words, language: str, title: str, commands: tuple[str, ...]) -> dict[str, Any]:
    buttons = [_button(words, language, command) for command in commands]
    return {"name": words.label(language, "commands", title), "sub_button": buttons}
