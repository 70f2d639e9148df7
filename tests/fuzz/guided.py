"""Guided fuzzing (`make fuzz SECONDS=60`): atheris looks for bytes that lead a decoder to new places.

`python -m tests.fuzz.guided` runs every target for so many seconds, each as a process of its own, which libFuzzer
ends; what made one fail is kept under var/fuzz/. Nothing but the refusal that a decoder declares may come out of it.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FunctionType, ModuleType

import atheris

from bot.channels.telegram import incoming as telegram
from bot.channels.telegram import updates
from bot.channels.web import requests
from bot.channels.wechat import incoming as wechat
from bot.channels.wechat import xml
from bot.imports import worker
from handlers.answers import address, days, dwelling, identity, names, numerals, phone, text, written_days
from handlers.messages import Incoming
from handlers.steps import InvalidAnswer, Parse
from tests.handlers.answers.telling import context
from tests.imports.lists import comma, person, xlsx

LOOKED_INTO = (
    telegram, updates, requests, wechat, xml, worker, address, days, dwelling, identity, names, numerals, phone, text,
    written_days,
)  # fmt: skip
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
FOLDER = Path("var/fuzz")
LONGEST = 20_000
PARSERS: Sequence[Parse] = (
    days.day_in_the_past, days.birth_date, days.day_near, days.day_ahead, days.day_moved_in, identity.id_number,
    names.name, phone.mobile, phone.any_phone, address.line, dwelling.rooms, dwelling.people,
)  # fmt: skip
SAID = (
    "昨天", "2026年2月30日", "3/4/2026", "the day before yesterday", "上个月15号", "下周三", "May 5th",
    "二〇二六年五月三日", "341225199003071233", "34122519900307123X", "欧阳月华", "+86 138 1234 5678", "0571-87654321",
    "幸福路18号3幢502室", "101-110", "安徽阜南",
)  # fmt: skip
XML = "<xml><ToUserName><![CDATA[gh]]></ToUserName><FromUserName>o1</FromUserName><CreateTime>1</CreateTime>"
MESSAGES = (
    f"{XML}<MsgType>text</MsgType><Content>你好</Content><MsgId>2</MsgId></xml>",
    f"{XML}<MsgType>event</MsgType><Event>subscribe</Event><EventKey>qrscene_x</EventKey></xml>",
    f"{XML}<MsgType>location</MsgType><Location_X>1.5</Location_X><Location_Y>2</Location_Y><MsgId>3</MsgId></xml>",
    f"{XML}<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List>"
    "<TemplateId>t</TemplateId><SubscribeStatusString>accept</SubscribeStatusString></List></SubscribeMsgPopupEvent></xml>",
)
WHO = {"id": 71, "is_bot": False, "first_name": "伟", "language_code": "zh"}
CHAT = {"id": 71, "type": "private"}
UPDATES = (
    {"update_id": 5, "message": {"message_id": 7, "date": 1, "text": "李伟", "chat": CHAT, "from": WHO}},
    {"update_id": 6, "callback_query": {"id": "q", "from": WHO, "data": "x", "chat_instance": "1"}},
    {"update_id": 7, "my_chat_member": {"chat": CHAT, "from": WHO, "date": 1, "new_chat_member": {"status": "kicked"}}},
)
ROWS = [person(number, "幸福路20号", str(101 + number)) for number in range(3)]


def said_on_wechat(data: bytes) -> None:
    """A WeChat message's XML."""
    with contextlib.suppress(xml.Unreadable):
        wechat.to_incoming(xml.read(data).elements, NOW)


def said_on_telegram(data: bytes) -> None:
    """An update of the Bot API."""
    with contextlib.suppress(updates.Unreadable):
        telegram.to_incoming(updates.parse(data), NOW)


def said_on_the_web(data: bytes) -> None:
    """The body of a message of the page."""
    with contextlib.suppress(requests.UnreadableMessage):
        requests.read_said(data)


def answers(data: bytes) -> None:
    """What somebody types where a day, a number, a name, a telephone or an address is asked for."""
    message = Incoming("web", "a", "1", NOW, text=data.decode("utf-8", "replace"))
    for parse in PARSERS:
        found = parse(message, {}, context())
        if not isinstance(found, InvalidAnswer):
            json.dumps(found)


def regions(data: bytes) -> None:
    """What somebody types where a county is asked for: it is compared with all there are, so this one is slow."""
    json.dumps(str(address.region(Incoming("web", "a", "1", NOW, text=data.decode("utf-8", "replace")), {}, context())))


def list_of_rows(data: bytes) -> None:
    """A list that somebody hands in, as a workbook or as text."""
    with contextlib.suppress(worker.Unfit):
        for number, cells in worker.rows(data):
            json.dumps([number, cells])


TARGETS: Mapping[str, tuple[Callable[[bytes], None], Sequence[bytes]]] = {
    "wechat": (said_on_wechat, [one.encode() for one in MESSAGES]),
    "telegram": (said_on_telegram, [json.dumps(update).encode() for update in UPDATES]),
    "web": (said_on_the_web, [b'{"id": "m1", "text": "1"}', b'{"id": "m", "choice": {"form": "a", "step": "b"}}']),
    "answers": (answers, [one.encode() for one in SAID]),
    "regions": (regions, ["安徽阜南".encode(), "杭州西湖区".encode(), b"fu nan"]),
    "list": (list_of_rows, [xlsx(ROWS), comma(ROWS), comma(ROWS, "gb18030")]),
}


def run(name: str, seconds: int) -> None:
    """One target in this process, which ends with it."""
    target, seeds = TARGETS[name]
    corpus = FOLDER / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = (f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20", "-rss_limit_mb=2048")
    found = f"-artifact_prefix={FOLDER}/{name}-"
    for module in LOOKED_INTO:
        _look_into(module)
    atheris.Setup([sys.argv[0], *limits, found, "-print_final_stats=1", str(corpus)], target)
    atheris.Fuzz()


def _look_into(module: ModuleType) -> None:
    """Let atheris see which ways the module's functions go; to see it of everything imported would take minutes."""
    for thing in vars(module).values():
        if isinstance(thing, FunctionType) and thing.__module__ == module.__name__:
            atheris.instrument_func(thing)


def main() -> int:
    """Every target in turn; how many failed."""
    seconds, failed = int(os.environ.get("SECONDS", "60")), []
    for name in sys.argv[1:] or TARGETS:
        told = subprocess.run(  # noqa: S603 -- this module
            [sys.executable, "-m", "tests.fuzz.guided", f"--only={name}", str(seconds)], check=False
        )
        failed += [name] if told.returncode else []
    sys.stdout.write(f"guided fuzzing: {len(failed)} of the targets failed {failed}\n")
    return len(failed)


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1].startswith("--only="):
        run(sys.argv[1].removeprefix("--only="), int(sys.argv[2]))
    sys.exit(main())
