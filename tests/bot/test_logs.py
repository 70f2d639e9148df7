"""A line of the log in production is JSON whatever it holds."""

import json

import pytest
import structlog

from bot import logs


@pytest.mark.parametrize("value", ["是", "\ud83d", 2**70, None], ids=["Chinese", "half a character", "long", "none"])
def test_a_line_is_json_whatever_it_holds(value: object, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(as_json=True)
    try:
        structlog.get_logger("test").info("turn", value=value)
    finally:
        structlog.reset_defaults()
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["value"]) == ("turn", "info", value)
    assert line["timestamp"].endswith("Z")
