"""Texts that staff write: what may stand in them, where a mistake is, and that nothing gets out of the sandbox."""

from datetime import date

import pytest

from bot.places import Fault, Filler, check, places
from bot.render import Words
from bot.tongue import OfficeFacts
from regulations.pack import load
from storage.broadcast_parts import Known

GOOD = (
    "今晚停水",
    "{{ name }}，您好",
    "{{姓名}}您好，{{ 社区 }}今晚停水",
    'Dear {{ name or "friend" }}',
    "{% if next_date %}before {{ next_date }}{% else %}soon{% endif %}",
    "{% if not area %}x{% elif name and area %}y{% endif %}",
    "100% sure, {name}, C:\\{x}",
)
BAD: tuple[tuple[str, Fault], ...] = (
    ("{{ nam }}好", Fault("unknown_place", 1, 4, "nam")),
    ("一行\n二行 {{ phone }}", Fault("unknown_place", 2, 7, "phone")),
    ("{{ name.upper }}", Fault("not_allowed", 1, 8, ".")),
    ("{{ name | upper }}", Fault("not_allowed", 1, 9, "|")),
    ("{{ name[0] }}", Fault("not_allowed", 1, 8, "[")),
    ("{{ 7 * 7 }}", Fault("not_allowed", 1, 4, "7")),
    ("{% for x in name %}{% endfor %}", Fault("unknown_place", 1, 4, "for")),
    ("{% set name = 1 %}", Fault("unknown_place", 1, 4, "set")),
    ("{# hidden #}", Fault("not_allowed", 1, 1, "{#")),
)
UNFINISHED = ("Hi {{ name", "{{ }}", "{% if name %}x", "{% endif %}", "{{ name area }}", "{{ name } }", "{{ 'x }}")
ESCAPES = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ name.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ range(10**9) }}",
    "{% for a in range(9999999) %}{% endfor %}",
    "{{ 'a' * 999999999 }}",
    "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{% macro x() %}{% endmacro %}",
    "{{ config }}",
    "{{ (name) }}",
    "{{ name() }}",
    "{{ name|attr('__class__') }}",
    "{% raw %}{{ x }}{% endraw %}",
    "{{ '%c' % 65 }}",
    "{% if name.__class__ %}x{% endif %}",
    "{{ ['a'] }}{{ {'a': 1} }}",
    "{{ name ~ name }}",
    "{%- debug -%}",
)


@pytest.mark.parametrize("text", GOOD)
def test_a_good_text_is_taken(text: str) -> None:
    assert check(text) is None


@pytest.mark.parametrize(("text", "fault"), BAD)
def test_a_mistake_is_shown_with_its_line_and_column(text: str, fault: Fault) -> None:
    assert check(text) == fault


@pytest.mark.parametrize("text", UNFINISHED)
def test_what_is_not_finished_is_refused_with_its_line(text: str) -> None:
    fault = check(f"第一行\n{text}")
    assert fault is not None
    assert fault.line == 2, fault


@pytest.mark.parametrize("text", ESCAPES)
def test_nothing_gets_out_of_the_sandbox(text: str) -> None:
    assert check(text) is not None
    assert check(f"{{{{ name }}}}\n{text}") is not None


def test_a_text_has_a_longest_length() -> None:
    fault = check("好" * 3000 + "\n" + "好" * 3000)
    assert fault is not None
    assert (fault.wrong, fault.line) == ("too_long", 2)


def test_places_are_known_by_either_name() -> None:
    assert places("{{ 姓名 }} {{ area }} {% if 日期 %}x{% endif %}") == {"name", "area", "next_date"}
    assert places("name, area") == frozenset()


@pytest.fixture(scope="module")
def filler() -> Filler:
    return Filler(Words(load("cn-zj-hangzhou"), OfficeFacts(), tuple))


@pytest.mark.parametrize(
    ("text", "known", "said"),
    [
        ("{{ name }}您好", Known("赵敏"), "赵敏您好"),
        ("{{ name }}您好", Known(), "居民朋友您好"),
        ('{{ name or "您" }}好', Known(), "您好"),
        ("{% if name %}{{ name }}：{% endif %}停水", Known(), "停水"),
        ("在{{ next_date }}前", Known(), None),
        ("在{{ next_date }}前", Known(next_on=date(2026, 12, 1)), "在2026年12月1日前"),
        ("{% if next_date %}在{{ next_date }}前{% else %}尽快{% endif %}", Known(), "尽快"),
        ("{{ name }}", Known("{{ 7*7 }}<b>"), "{{ 7*7 }}<b>"),
        ("没有位置 {x}", Known(), "没有位置 {x}"),
    ],
)
def test_a_text_is_filled_for_one_person(filler: Filler, text: str, known: Known, said: str | None) -> None:
    assert filler.fill("zh", text, known) == said
