"""Both platforms on this machine, to try the whole product by hand: `python -m tests.doubles`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from tests.doubles import telegram_page, wechat_page
from tests.doubles.serving import HOST, running
from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_limits import Limits
from tests.doubles.wechat import WeChatDouble
from tests.doubles.wechat_people import People
from tests.doubles.wechat_phone import Phone

ACCOUNT = "gh_0123456789ab"
TOKEN = "token-of-the-server-page"
SECRET = "secret-of-the-webhook"
BURST = 3
SETTINGS = """\
Both platforms run; stop them with Ctrl+C. Put this into .env, then `make run`:

ANJU_WECHAT_TOKEN={token}
ANJU_WECHAT_APP_ID={wechat.app_id}
ANJU_WECHAT_APP_SECRET={wechat.secret}
ANJU_WECHAT_ACCOUNT={account}
ANJU_WECHAT_API_BASE={wechat.base}
ANJU_TELEGRAM_MODE=webhook
ANJU_TELEGRAM_TOKEN={telegram.token}
ANJU_TELEGRAM_SECRET={secret}
ANJU_TELEGRAM_API_BASE={telegram.base}

Then open these to write as somebody:
  WeChat    {wechat.base}/
  Telegram  {telegram.base}/
"""


async def serve(asked: argparse.Namespace) -> None:
    """Serve both until stopped."""
    phone = Phone(asked.program, TOKEN, account=ACCOUNT)
    wechat = WeChatDouble(people=People(strangers=False), program=phone)
    telegram = TelegramDouble(strangers=False, limits=Limits(burst=BURST))
    for template_id, fields in asked.template:
        wechat.templates[template_id] = wechat.notifications[template_id] = fields
    apps = wechat.app(), telegram.app()
    apps[0].add_routes(wechat_page.Page(wechat).routes())
    apps[1].add_routes(telegram_page.Page(telegram).routes())
    async with (
        running(apps[0], wechat.troubles, asked.wechat_port) as wechat.base,
        running(apps[1], telegram.troubles, asked.telegram_port) as telegram.base,
    ):
        values = {"token": TOKEN, "account": ACCOUNT, "secret": SECRET, "wechat": wechat, "telegram": telegram}
        sys.stdout.write(SETTINGS.format(**values))
        sys.stdout.flush()
        stopped = _stopped_by_signals()
        while not stopped.is_set():
            await wechat.deliver_due()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), 1)


def _stopped_by_signals() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM, also where whoever started this has told it to ignore Ctrl-C."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def read(arguments: Sequence[str]) -> argparse.Namespace:
    """The command's arguments."""
    parser = argparse.ArgumentParser("python -m tests.doubles", description=__doc__)
    parser.add_argument("--program", default=f"http://{HOST}:8080", help="the program's address")
    parser.add_argument("--wechat-port", type=int, default=8091)
    parser.add_argument("--telegram-port", type=int, default=8092)
    parser.add_argument("--template", type=_template, action="append", default=[], metavar="ID:thing1,time2")
    return parser.parse_args(arguments)


def _template(text: str) -> tuple[str, tuple[str, ...]]:
    template_id, _, fields = text.partition(":")
    return template_id, tuple(fields.split(","))


if __name__ == "__main__":
    asyncio.run(serve(read(sys.argv[1:])))
