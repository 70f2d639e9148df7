"""What stands in deploy/ and docs/operate.md fits the program: metrics, limits, commands, an answer to each alert."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from bot import cli, metrics
from bot.channels.telegram.endpoint import PATH as TELEGRAM
from bot.channels.web.requests import FILE_BYTES
from bot.console.broadcast_editing import LARGEST
from bot.imports.sheet import LARGEST as LARGEST_LIST

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
ALERTS = (DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8")
OPERATE = (ROOT / "docs" / "operate.md").read_text("utf-8")
NAME = re.compile(r"\banju_[a-z_]+|\bprocess_[a-z_]+")
ALERT = re.compile(r"- alert: (\w+)")
MEGABYTE = 1_000_000


def exported() -> set[str]:
    """The names under which Prometheus sees what the program counts."""
    assert metrics.TURNS is not None
    ends = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
    return {family.name + end for family in REGISTRY.collect() for end in ends.get(family.type, ("",))}


def dashboard() -> Any:
    return json.loads((DEPLOY / "grafana" / "anju.json").read_text("utf-8"))


def expressions() -> Iterator[str]:
    yield from re.findall(r"^ +expr: (.+)$", ALERTS, re.MULTILINE)
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_every_metric_that_is_asked_for_exists(expression: str) -> None:
    assert set(NAME.findall(expression)) <= exported()


@pytest.mark.parametrize("label", ["channel", "kind", "state", "outcome", "reason", "part"])
def test_every_label_that_is_asked_for_exists(label: str) -> None:
    known = {name for metric in (metrics.TURNS, metrics.OUTBOX, metrics.FILES, metrics.REJECTED, metrics.PASSED_OVER)
             for name in metric._labelnames}  # fmt: skip
    assert label in known


@pytest.mark.parametrize("alert", ALERT.findall(ALERTS))
def test_the_operators_page_tells_what_to_do_at_each_alert(alert: str) -> None:
    assert f"### {alert}\n" in OPERATE


def test_no_alert_is_told_of_that_is_not_there() -> None:
    assert set(re.findall(r"^### (Anju\w+)$", OPERATE, re.MULTILINE)) == set(ALERT.findall(ALERTS))


def test_the_proxies_let_through_what_the_program_takes() -> None:
    largest = max(FILE_BYTES, LARGEST, LARGEST_LIST)
    nginx = int(re.findall(r"client_max_body_size (\d+)m", (DEPLOY / "nginx.conf").read_text("utf-8"))[0])
    caddy = max(int(size) for size in re.findall(r"max_size (\d+)MB", (DEPLOY / "Caddyfile").read_text("utf-8")))
    assert largest <= caddy * MEGABYTE <= 2 * largest
    assert largest <= nginx * 1024 * 1024 <= 2 * largest


def test_the_proxies_know_the_platforms_addresses() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text("utf-8")
    paths = re.findall(r"path (/\S+ /\S+)$", (DEPLOY / "Caddyfile").read_text("utf-8"), re.MULTILINE)
    assert paths
    assert all(set(named.split()) == {"/wechat", TELEGRAM} for named in paths)
    assert "location = /wechat {" in nginx
    assert re.search(r"location ~ \^/\(telegram\|", nginx)
    assert TELEGRAM == "/telegram"


def test_a_copied_file_of_settings_takes_nothing_from_the_compose_file() -> None:
    """`environment` goes before `env_file`, and the example's own values fit one machine only."""
    compose = (DEPLOY / "compose.yaml").read_text("utf-8")
    fixed = dict(re.findall(r"^    (ANJU_\w+): (.+)$", compose, re.MULTILINE))
    example = dict(re.findall(r"^(ANJU_\w+)=(.+)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    local = {name for name, value in example.items() if "127.0.0.1" in value or value == "development"}
    assert local | {"ANJU_PORT", "ANJU_WORK_PORT", "ANJU_DATABASE_URL", "ANJU_BASE_URL"} <= set(fixed)
    assert (fixed["ANJU_ENV"], fixed["ANJU_HOST"]) == ("production", "0.0.0.0")  # noqa: S104 -- inside a container


def test_every_command_that_is_told_of_exists() -> None:
    known = {command.name or command.callback.__name__ for command in cli.app.registered_commands if command.callback}
    known |= {str(group.name) for group in cli.app.registered_groups}
    units = "\n".join(file.read_text("utf-8") for file in (DEPLOY / "systemd").glob("*.service"))
    told = set(re.findall(r"`anju ([a-z]+)", OPERATE)) | set(re.findall(r"bin/anju ([a-z]+)", units))
    told |= set(re.findall(r"command: \[([a-z]+)", (DEPLOY / "compose.yaml").read_text("utf-8"))) - {"postgres"}
    assert told - known == set()
