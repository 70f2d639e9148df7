"""Code lists of the national standards, with the words people use for each code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from regulations.errors import UnknownCodeList


@dataclass(frozen=True, slots=True)
class Code:
    """One entry: the standard's code, its names, and by language how else people say it."""

    code: str
    zh: str
    en: str
    aliases: Mapping[str, tuple[str, ...]]

    def name(self, language: str) -> str:
        """The entry's name in Chinese, or in English for any other language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list with the standard it follows (`GB/T 3304-1991`), or empty where it is our own."""

    name: str
    standard: str
    codes: tuple[Code, ...]


def codes(name: str) -> tuple[Code, ...]:
    """The entries of a list, in the order in which they are offered; raises UnknownCodeList."""
    return code_list(name).codes


def code(name: str, value: str) -> Code | None:
    """One entry of a list, or None where the list hasn't that code."""
    return _by_code(name).get(value)


@cache
def code_list(name: str) -> CodeList:
    """A list with its standard; raises UnknownCodeList."""
    file = files("regulations") / "codes" / f"{name}.toml"
    if not (name.isidentifier() and file.is_file()):
        raise UnknownCodeList(f"({name})")
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    return CodeList(name, raw["standard"], tuple(_entry(entry) for entry in raw["codes"]))


@cache
def _by_code(name: str) -> Mapping[str, Code]:
    return MappingProxyType({entry.code: entry for entry in codes(name)})


def _entry(raw: Mapping[str, str | list[str]]) -> Code:
    also = {language: tuple(raw.get(f"also_{language}", ())) for language in ("zh", "en")}
    return Code(str(raw["code"]), str(raw["zh"]), str(raw["en"]), MappingProxyType(also))
