"""The server as a whole: health, metrics, what runs when, and the operator's commands."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from typer.testing import CliRunner

from bot import cli, metrics
from bot.app import Server, build_app, build_server
from bot.areas import BadAreas, read_csv
from bot.channels.channel import SendFailed
from bot.channels.entries import CHANNELS
from bot.delivery import Sender
from bot.house import House
from bot.settings import BadSettings
from storage import ledger
from storage.errors import OldSchema, Unavailable
from tests import house as houses
from tests.bot.stations import Station
from tests.handlers.test_receive import message

WECHAT = {"wechat_token": "token"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(f"sqlite:///{tmp_path / 'anju.db'}", **WECHAT)) as opened:
        yield opened


async def got(server: Server, path: str) -> httpx.Response:
    app = build_app(server)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.get(path)


def test_the_settings_decide_which_channels_there_are(tmp_path: Path) -> None:
    nothing = houses.settings("sqlite://")
    everything = houses.settings("sqlite://", **WECHAT, telegram_mode="polling", telegram_token="1:a")
    assert [entry.name for entry in CHANNELS if entry.is_on(nothing)] == ["web"]
    assert [entry.name for entry in CHANNELS if entry.is_on(everything)] == ["web", "wechat", "telegram"]


async def test_health_readiness_and_metrics(house: House) -> None:
    server = build_server(house)
    await house.chat.answer(message(1, "你好"))
    await server.measure()
    assert (await got(server, "/healthz")).json() == {"status": "ok"}
    assert (await got(server, "/readyz")).json() == {"status": "ready"}
    told = (await got(server, "/metrics")).text
    assert 'anju_turns_total{channel="engine",outcome="answered"}' in told
    assert "anju_turn_seconds_bucket" in told


async def test_it_is_not_ready_without_its_database(tmp_path: Path) -> None:
    async with houses.opened(houses.settings(f"sqlite:///{tmp_path / 'anju.db'}")) as opened:
        server = build_server(opened)
        opened.database.close()
        answer = await got(server, "/readyz")
        assert (answer.status_code, answer.json()["status"]) == (503, "the database does not answer")
        with pytest.raises(Unavailable):
            await opened.chat.answer(message(1, "你好"))
    counted = metrics.TURNS.labels("engine", "failed")._value.get()
    assert counted >= 1


async def test_every_job_can_run(house: House) -> None:
    server = build_server(house)
    names = [job.name for job in server.jobs()]
    assert sorted(names) == [
        "areas",
        "broadcasts",
        "coarse",
        "deadlines",
        "fetch",
        "gauges",
        "lists",
        "names",
        "notices",
        "permits",
        "plan_reminders",
        "postponed",
        "purge",
        "reminders",
        "send",
        "send_to_many",
        "settle",
        "silences",
    ]
    for job in server.jobs():
        await job.work()


async def test_channels_start_and_stop_with_the_server(house: House) -> None:
    server = build_server(house)
    app = build_app(server)
    async with server.lifespan(app):
        assert (await got(server, "/")).status_code == httpx.codes.OK


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[CliRunner]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANJU_KEYS", houses.KEYS)
    monkeypatch.setenv("ANJU_DATABASE_URL", f"sqlite:///{tmp_path / 'anju.db'}")
    yield CliRunner()
    structlog.reset_defaults()


def test_keys_are_made_fresh_each_time(operator: CliRunner) -> None:
    first, second = (operator.invoke(cli.app, ["keys"]).output for _ in range(2))
    assert first.startswith("ANJU_KEYS=k")
    assert first != second


def test_migrating_twice_is_migrating_once(operator: CliRunner) -> None:
    assert [operator.invoke(cli.app, ["migrate"]).exit_code for _ in range(2)] == [0, 0]


def test_areas_come_from_a_file(operator: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text(
        "code,parent,name_zh,name_en,latitude,longitude\nA,,东街道,East,,\nA-1,A,一社区,,30.1,120.1\n", "utf-8-sig"
    )
    assert operator.invoke(cli.app, ["areas", str(file)]).exit_code == 0
    assert [area.names["en"] for area in read_csv(file)] == ["East", "一社区"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("code,name\n", "the columns must be code, parent"),
        ("code,parent,name_zh,name_en,latitude,longitude\nA,,,,,\n", "row 2: code and name_zh are needed"),
        ("code,parent,name_zh,name_en,latitude,longitude\nA,,东,,x,1\n", "decimal degrees"),
        ("code,parent,name_zh,name_en,latitude,longitude\nA,,东,,,\nA,,西,,,\n", "row 3: this code stands there twice"),
        ("code,parent,name_zh,name_en,latitude,longitude\nA,B,东,,,\n", "parent must be the code of a street"),
    ],
)
def test_a_wrong_table_of_areas_says_which_row(rows: str, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "areas.csv"
    file.write_text(rows, "utf-8")
    with pytest.raises(BadAreas, match=sentence):
        read_csv(file)


def test_a_home_gets_a_link(operator: CliRunner) -> None:
    told = operator.invoke(cli.app, ["home", "S01-01", "幸福路1号"]).output
    assert told.startswith("http://127.0.0.1:8080/h/")
    assert len(told.strip().rpartition("/")[2]) == 12


def test_a_code_for_an_unknown_receipt_is_refused(operator: CliRunner) -> None:
    assert operator.invoke(cli.app, ["link", "261124-AAAAA-1"]).exit_code == 0


def test_known_failures_are_sentences(
    operator: CliRunner, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANJU_PORT", "ninety")
    monkeypatch.setattr("sys.argv", ["anju", "serve"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "ANJU_PORT" in capsys.readouterr().err


async def test_a_database_server_that_was_not_migrated_is_refused(postgres_server: str) -> None:
    from tests.postgres import fresh_database

    with fresh_database(postgres_server) as url, pytest.raises(OldSchema, match="anju migrate"):
        async with houses.opened(houses.settings(url)):
            pass


def test_wrong_settings_hold_every_finding() -> None:
    assert str(BadSettings(["one", "two"])).splitlines()[1:] == ["  - one", "  - two"]


def test_the_outbox_can_be_seen_and_mended_by_hand(operator: CliRunner, tmp_path: Path) -> None:
    assert operator.invoke(cli.app, ["migrate"]).exit_code == 0
    number = asyncio.run(one_message(f"sqlite:///{tmp_path / 'anju.db'}"))
    listed = operator.invoke(cli.app, ["outbox", "list", "--state", "failed"]).output
    assert "blocked" in listed
    assert "李伟" not in listed
    told = operator.invoke(cli.app, ["outbox", "show", str(number)]).output
    assert "1. " in told
    assert "refused blocked" in told
    assert [operator.invoke(cli.app, ["outbox", "retry", str(number)]).exit_code for _ in range(2)] == [0, 1]
    assert [operator.invoke(cli.app, ["outbox", "cancel", str(number)]).exit_code for _ in range(2)] == [0, 1]
    assert "cancelled" in operator.invoke(cli.app, ["outbox", "list"]).output
    assert "Everybody can be reached." in operator.invoke(cli.app, ["outbox", "calls"]).output
    assert operator.invoke(cli.app, ["outbox", "called", str(number)]).exit_code == 1
    assert operator.invoke(cli.app, ["outbox", "show", "999"]).exit_code == 1


async def one_message(url: str) -> int:
    """A message that failed; its number."""
    async with houses.opened(houses.settings(url)) as house:
        await house.chat.deliver_later(await house.chat.answer(message(1, "你好")))
        station = Station(failures=[SendFailed("blocked", retryable=False)])
        await Sender(house.database, house.words, {"engine": station}).send_due()
        return (await house.database.read(ledger.entries))[0].id
