"""What the demonstration says on the terminal: how far it is, and how to come in."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from bot.demo.crew import CREW, PASSWORD, code, seconds_left
from bot.house import House

DUTIES: Mapping[str, str] = {
    "reviewer": "审核 reviewer",
    "collector": "网格员 collector",
    "publisher": "发布 publisher",
    "auditor": "审计 auditor",
    "administrator": "管理员 administrator",
}
SOON = 8  # seconds before its end a code is shown in another colour


def progress(console: Console) -> Progress:
    """How much of the town is told."""
    return Progress(
        TextColumn("[bold]{task.description}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TextColumn("[dim]{task.fields[note]}"),
        console=console,
    )


def welcome(console: Console, url: str, secrets: Mapping[str, str]) -> AbstractContextManager[object]:
    """Addresses and accounts, with the codes of each moment where the terminal can show them."""

    def page() -> Group:
        return _page(url, secrets, datetime.now(UTC) if console.is_terminal else None)

    if console.is_terminal:
        return Live(get_renderable=page, console=console, refresh_per_second=2, vertical_overflow="visible")
    console.print(page())
    return nullcontext()


def say_nothing(house: House, channels: list[str]) -> None:
    """The usual lines of `serve` are left out: `welcome` has said more."""


def one_code(console: Console, login: str, secret: str, now: datetime) -> None:
    """The code of one login, to be typed now."""
    shown = code(secret, now)
    console.print(Text.assemble((spaced(shown.digits), "bold green"), f"  {login}, {shown.seconds} s"))


def spaced(digits: str) -> str:
    """A code as telephones show it."""
    return f"{digits[:3]} {digits[3:]}"


def _page(url: str, secrets: Mapping[str, str], now: datetime | None) -> Group:
    parts: tuple[Table | Text, ...] = (_addresses(url), _accounts(secrets, now), _hints(now))
    return Group(*(Padding(part, (1, 0, 0, 2)) for part in parts))


def _addresses(url: str) -> Table:
    table = Table.grid(padding=(0, 3))
    table.add_row(Text("安居小镇 An invented town", "bold"))
    table.add_row(Text("工作台 Console"), Text(f"{url}/console", "cyan underline"))
    table.add_row(Text("网页登记 Web chat"), Text(f"{url}/", "cyan underline"))
    table.add_row(Text("密码 Password"), Text.assemble((PASSWORD, "bold"), "  (所有账号 all accounts)"))
    return table


def _accounts(secrets: Mapping[str, str], now: datetime | None) -> Table:
    table = Table("登录名 login", "验证码 code", "角色 role", "", box=None, padding=(0, 3, 0, 0), header_style="dim")
    for login, name, role, area in CREW:
        duty = f"{DUTIES[role]}{area and f' ({area})'}"
        table.add_row(Text(login, "bold"), _code(secrets.get(login, ""), login, now), duty, Text(name, "dim"))
    return table


def _code(secret: str, login: str, now: datetime | None) -> Text:
    """The code of this moment; where the terminal keeps no pace with it, how to ask for one."""
    if now is None:
        return Text(f"anju demo code {login}", "dim")
    shown = code(secret, now)
    return Text(spaced(shown.digits), "bold yellow" if shown.seconds < SOON else "bold green")


def _hints(now: datetime | None) -> Text:
    left = "" if now is None else f" · {seconds_left(now)} s"
    lines = (
        f"验证码 30 秒一换，一个只用一次 · a new code every 30 s, each works once{left}",
        "停止 stop: Ctrl-C · 重建 another town: make demo FRESH=1",
    )
    return Text("\n".join(lines), "dim")
