"""`anju doctor`: every finding has an advice, and what must be mended fails."""

import io
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from bot import doctor, notices
from bot.doctor import Finding, examine, findings_at
from bot.render import Words
from regulations import errors
from storage.secrets import generate
from tests import house as houses

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_DATABASE_URL", f"sqlite:///{tmp_path / 'anju.db'}")


def found(now: datetime = NOW) -> dict[str, Finding]:
    return {finding.about: finding for finding in findings_at(now)}


def test_a_fresh_machine_has_nothing_to_mend() -> None:
    findings = found()
    assert {finding.mark for finding in findings.values()} <= {"good", "note"}
    assert findings["database"].mark == "note"
    assert "anju keys" in findings["keys"].advice
    assert "ANJU_WECHAT_TOKEN" in findings["wechat"].advice
    assert "ANJU_TELEGRAM_MODE" in findings["telegram"].advice
    assert findings["web"].advice == "on"


async def test_after_a_start_everything_is_good(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'anju.db'}"
    monkeypatch.setenv("ANJU_KEYS", houses.KEYS)
    monkeypatch.setenv("ANJU_WECHAT_TOKEN", "token")
    monkeypatch.setenv("ANJU_OFFICE_NAME", "城东派出所")
    monkeypatch.setenv("ANJU_OFFICE_PHONE", "0571-87654321")
    async with houses.opened(houses.settings(url)):
        pass
    findings = found()
    assert {name: finding.mark for name, finding in findings.items()} == {
        "settings": "good", "database": "good", "index key": "good", "keys": "good",
        "templates": "good", "web": "good", "wechat": "good",
        "telegram": "note", "terminal": "note", "wechat templates": "note", "calendar": "good",
        "law": "good", "notices": "good",
    }  # fmt: skip


def test_wrong_settings_are_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANJU_PORT", "ninety")
    (finding,) = findings_at(NOW)
    assert (finding.mark, finding.about) == ("bad", "settings")
    assert "ANJU_PORT" in finding.advice


def test_a_database_that_is_away_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANJU_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert found()["database"].mark == "bad"
    assert "ANJU_DATABASE_URL" in found()["database"].advice


@pytest.mark.parametrize(
    ("now", "mark"),
    [
        (datetime(2026, 6, 1, tzinfo=UTC), "good"),
        (datetime(2026, 11, 24, tzinfo=UTC), "note"),
        (datetime(2027, 1, 2, tzinfo=UTC), "bad"),
    ],
)
def test_the_calendars_edge_is_seen_before_it_comes(now: datetime, mark: str) -> None:
    assert found(now)["calendar"].mark == mark
    if mark != "good":
        assert "2027" in found(now)["calendar"].advice


@pytest.mark.parametrize(
    ("now", "mark"),
    [(datetime(2027, 5, 22, tzinfo=UTC), "good"), (datetime(2027, 5, 24, tzinfo=UTC), "note")],
)
def test_notices_past_their_next_check_are_told(now: datetime, mark: str) -> None:
    assert found(now)["notices"].mark == mark


def test_notices_that_are_left_out_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    fault, whole = errors.Uncited("zh/notice/wages-in-money"), notices.library
    monkeypatch.setattr(notices, "library", lambda *given: replace(whole(*given), faults=(fault,)))
    assert found()["notices"].mark == "bad"
    assert "zh/notice/wages-in-money" in found()["notices"].advice


def test_it_prints_every_finding_and_fails_only_for_bad_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    assert examine(Console(file=output, width=200), NOW) == 0
    assert "templates" in output.getvalue()
    monkeypatch.setenv("ANJU_KEYS", "nonsense")
    assert examine(Console(file=output, width=200), NOW) == 1


def test_every_look_is_taken() -> None:
    assert len(doctor.LOOKS) == 8
    assert generate("k").startswith("k:")


MAPPINGS: list[tuple[str, str, str, str]] = [
    ("decision=T1", 'say = "say/law"', 'thing1 = "ok"', "good"),
    ("", 'say = "say/law"', 'thing1 = "ok"', "note"),
    ("decision=T1,other=T2", 'say = "say/law"', 'thing1 = "ok"', "bad"),
    ("decision=T1", 'say = "say/never"', 'thing1 = "ok"', "bad"),
    ("decision=T1", 'say = "say/law"', 'subject = "ok"', "bad"),
    ("decision=T1", 'say = "say/law"', 'phrase1 = "longer than five"', "bad"),
    ("decision=T1", 'say = "say/law"', 'thing1 = ""', "bad"),
]


@pytest.mark.parametrize(("named", "say", "field", "mark"), MAPPINGS)
def test_what_approved_templates_carry_is_checked(
    named: str, say: str, field: str, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANJU_WECHAT_TOKEN", "token")
    monkeypatch.setenv("ANJU_WECHAT_TEMPLATES", named)
    mapping = tomllib.loads(f'[[message]]\n{say}\ncarrier = "template"\nname = "decision"\nfields = {{ {field} }}')
    monkeypatch.setattr(Words, "wechat", lambda words, language: mapping)
    assert found()["wechat templates"].mark == mark


@pytest.mark.parametrize("value", ["decision", "decision=", "Decision=T1", "decision=T 1", "decision=T1:short"])
def test_a_template_that_is_named_wrongly_is_refused_with_an_example(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANJU_WECHAT_NOTIFICATIONS", value)
    (finding,) = findings_at(NOW)
    assert "ANJU_WECHAT_NOTIFICATIONS" in finding.advice
    assert "decision=TEMPLATE_ID" in finding.advice
