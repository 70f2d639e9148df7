"""Settings: each wrong one is refused at start with a sentence that says what to change."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.settings import (
    NEEDS_APP_ID,
    NEEDS_BASE_URL,
    NEEDS_HTTPS,
    NEEDS_KEYS,
    NEEDS_LEGAL_BASIS,
    NEEDS_TELEGRAM_SECRET,
    NEEDS_TELEGRAM_TOKEN,
    NEEDS_WECHAT_TOKEN,
    BadSettings,
    Settings,
    read_settings,
)
from storage.secrets import generate

AES = "a" * 43
PRODUCTION = {"env": "production", "keys": generate("k"), "base_url": "https://anju.example"}
TELEGRAM = {"telegram_mode": "webhook", "telegram_token": "1:a", "telegram_secret": "s"}


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]  # pydantic-settings takes it besides the fields


def finding(**values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        settings(**values)
    return str(caught.value)


def test_without_any_setting_it_runs_for_a_first_try() -> None:
    chosen = settings()
    assert (chosen.env, chosen.public_url, chosen.telegram_mode, chosen.wechat_is_on) == (
        "development", "http://127.0.0.1:8080", "off", False,
    )  # fmt: skip
    assert chosen.pack.name == "cn-zj-hangzhou"
    assert not chosen.logs_json


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({**PRODUCTION, "keys": ""}, NEEDS_KEYS),
        ({**PRODUCTION, "base_url": ""}, NEEDS_BASE_URL),
        ({"telegram_mode": "polling"}, NEEDS_TELEGRAM_TOKEN),
        ({"telegram_mode": "webhook", "telegram_token": "1:a"}, NEEDS_TELEGRAM_SECRET),
        ({**PRODUCTION, **TELEGRAM, "base_url": "http://anju.example", "telegram_legal_basis": "x"}, NEEDS_HTTPS),
        ({**PRODUCTION, **TELEGRAM}, NEEDS_LEGAL_BASIS),
        ({"wechat_aes_key": AES, "wechat_token": "t"}, NEEDS_APP_ID),
        ({"wechat_app_id": "wx1"}, NEEDS_WECHAT_TOKEN),
        ({"wechat_aes_key": "short"}, "43 letters and digits"),
        ({"base_url": "anju.example"}, "must be an address such as https://"),
        ({"timezone": "Asia/Nowhere"}, "such as Asia/Shanghai"),
        ({"jurisdiction": "cn-xx"}, "must name a pack"),
        ({"jurisdiction": "../etc"}, "must name a pack"),
        ({"jurisdiction": "cn"}, "only a base for others"),
        ({"telegram_secret": "no spaces"}, "1 to 256 letters"),
        ({"telegram_token": "hidden token"}, "from @BotFather"),
        ({"database_url": "mysql://user:hidden@host/x"}, "sqlite:///"),
        ({"keys": "nonsense"}, "anju keys"),
        ({"quiet_hours": "at night"}, "21:00-08:00"),
        ({"port": 0}, "port"),
        ({"env": "staging"}, "development"),
    ],
)
def test_a_wrong_setting_says_what_to_change(values: dict[str, Any], sentence: str) -> None:
    assert sentence in finding(**values)


def test_a_refusal_never_shows_a_secret() -> None:
    assert "hidden" not in finding(database_url="mysql://user:hidden@host/x")
    assert "topsecret" not in finding(keys="k1:topsecret")


def test_the_legal_basis_lets_telegram_run_in_production() -> None:
    assert settings(**PRODUCTION, **TELEGRAM, telegram_legal_basis="PIPL art. 38 (3), contract filed").telegram_mode


def test_several_aes_keys_are_read_newest_first() -> None:
    chosen = settings(wechat_aes_key=f"{'b' * 43}, {AES}", wechat_app_id="wx1", wechat_token="t")
    assert [key.get_secret_value()[0] for key in chosen.wechat_aes_key] == ["b", "a"]


def test_findings_name_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_PORT", "ninety")
    monkeypatch.setenv("ANJU_BASE_URL", "nowhere")
    with pytest.raises(BadSettings) as caught:
        read_settings()
    assert "ANJU_PORT" in str(caught.value)
    assert "ANJU_BASE_URL must be an address" in str(caught.value)


def test_a_file_gives_settings_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ANJU_PORT=9001\nANJU_HOST=0.0.0.0\nSOMETHING_ELSE=1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_PORT", "9002")
    assert (read_settings().port, read_settings().host) == (9002, "0.0.0.0")  # noqa: S104 -- a value of the test


@pytest.mark.parametrize(("said", "hours"), [("never", ""), ("", "21:00-08:00"), ("22:00-07:00", "22:00-07:00")])
def test_quiet_hours_can_be_turned_off_by_a_word(
    said: str, hours: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_QUIET_HOURS", said)
    assert read_settings().quiet_hours == hours


def test_the_example_file_names_every_setting_with_a_sentence() -> None:
    lines = (Path(__file__).parents[2] / ".env.example").read_text("utf-8").splitlines()
    named = {line.partition("=")[0].removeprefix("ANJU_").lower() for line in lines if line.startswith("ANJU_")}
    assert named == set(Settings.model_fields)
    for number, line in enumerate(lines):
        if line.startswith("ANJU_"):
            above = next(earlier for earlier in reversed(lines[:number]) if not earlier.startswith("ANJU_"))
            assert re.match(r"# \S+", above), line


def test_the_example_file_is_a_good_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text("utf-8")
    (tmp_path / ".env").write_text(example)
    monkeypatch.chdir(tmp_path)
    assert read_settings() == settings()
