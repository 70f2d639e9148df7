"""`anju regulations`: check, show, explain."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.regulation_commands import app

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def said(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_everything_that_is_shipped_is_in_order() -> None:
    told = said("check")
    assert told.count("✓") == 6
    assert "cn-zj-hangzhou: 47 rules" in told


def test_a_pack_of_ones_own_is_looked_at_and_what_is_wrong_with_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "here.toml").write_text(
        'extends = "cn-zj"\ntitle = { zh = "这里", en = "Here" }\ncolour = 1\n', "utf-8"
    )
    told = said("check", "--packs", str(tmp_path), code=1)
    assert "✗ here" in told
    assert "colour" in told


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('[[years]]\nyear = 2026\nsource = "x"\nrest = ["2026-03-04"]\n', 0, "✓ holidays.toml: 1 days"),
        ('[[years]]\nyear = 2027\nsource = "x"\ncomplete = true\n', 1, "2027-01-01"),
    ],
)
def test_a_file_of_holidays_is_looked_at_before_it_is_used(tmp_path: Path, text: str, code: int, words: str) -> None:
    file = tmp_path / "holidays.toml"
    file.write_text(text, "utf-8")
    assert words in said("check", "cn", "--holidays", str(file), code=code)


def test_the_law_is_shown_with_what_does_not_count_yet() -> None:
    told = said("show", "penalty")
    assert "penalty.reporter" in told
    assert "not confirmed, so not counted: penalty.landlord.space.entity" in told
    assert "our reading, safe side" in said("show", "permit.eligibility.residence")
    assert "in force from 2018-07-01" in said("show", "registration.deadline")


def test_a_day_is_explained_with_the_days_counted() -> None:
    told = said("explain", "registration.deadline", "2025-04-25")
    assert "Counted days: 04-27 Sun*, 04-28 Mon, 04-29 Tue (* = make-up working day)." in told
    assert "nominal = 2025-04-29" in told
    assert "holiday_calendar_missing_2027" in said("explain", "registration.deadline", "2026-12-30")
    assert "cn-yn" not in said("explain", "registration.deadline", "2026-03-02", "--pack", "cn-yn")
