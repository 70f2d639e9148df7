"""Template messages, subscription notifications and mass messages at WeChat, code by code; and their results."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import xmltodict  # type: ignore[import-untyped]  # it has no types
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.doubles.wechat import WeChatDouble
from tests.doubles.wechat_client import DATA, LI, WANG, Client, client
from tests.doubles.wechat_meter import CUSTOM, MASS, TEMPLATE, Cap
from tests.doubles.wechat_phone import Phone, served

TOKEN = "token-of-the-server-page"
MINUTE = timedelta(minutes=1)
SEEN = "permit\nthing1: 居住证到期\ntime2: 2026-12-01"


@asynccontextmanager
async def heard(program: Client, *, status: int = 200) -> AsyncIterator[list[dict[str, Any]]]:
    """What the program's webhook is told."""
    events: list[dict[str, Any]] = []

    async def take(request: Request) -> Response:
        events.append(xmltodict.parse(await request.body())["xml"])
        return PlainTextResponse("success", status_code=status)

    async with served([Route("/wechat", take, methods=["POST"])]) as url:
        program.double.program = Phone(url, TOKEN)
        yield events


async def test_a_template_message_reaches_a_follower_without_any_window() -> None:
    async with client() as program:
        assert await program.template() == 0
        assert [(seen.text, seen.way) for seen in program.double.seen] == [(SEEN, "template")]


TEMPLATES: list[tuple[str, dict[str, Any], int]] = [
    ("unknown person", {"openid": "oSomebody"}, 40003),
    ("unknown template", {"template_id": "other"}, 40037),
    ("no data", {"data": {}}, 47003),
    ("a field missing", {"data": {"thing1": {"value": "x"}}}, 47003),
    ("a field empty", {"data": DATA | {"thing1": {"value": " "}}}, 47003),
    ("a field too long", {"data": DATA | {"thing1": {"value": "字" * 21}}}, 47003),
    ("a field as long as may be", {"data": DATA | {"thing1": {"value": "字" * 20}}}, 0),
    ("a field that is no text", {"data": DATA | {"thing1": {"value": 7}}}, 47003),
]


@pytest.mark.parametrize(("changes", "code"), [row[1:] for row in TEMPLATES], ids=[row[0] for row in TEMPLATES])
async def test_a_template_message_is_checked(changes: dict[str, Any], code: int) -> None:
    async with client() as program:
        assert await program.template(**changes) == code
        assert len(program.double.seen) == (code == 0)


STATES: list[tuple[Callable[[WeChatDouble, str], None], int, int]] = [
    (WeChatDouble.unfollowed, 43004, 0),
    (WeChatDouble.blacklisted, 43019, 43019),
]


@pytest.mark.parametrize(("doing", "template", "notice"), STATES)
async def test_who_does_not_follow_gets_no_template_but_a_granted_notification(
    doing: Callable[[WeChatDouble, str], None], template: int, notice: int
) -> None:
    async with client() as program:
        program.double.granted(LI, "permit")
        doing(program.double, LI)
        assert (await program.template(), await program.notify()) == (template, notice)


async def test_the_same_id_is_sent_once_to_a_person_within_ten_minutes() -> None:
    async with client() as program:
        first = [await program.template(openid, client_msg_id="k1") for openid in (LI, LI, WANG)]
        await program.later(10 * MINUTE)
        assert [*first, await program.template(client_msg_id="k1")] == [0, 40241, 0, 0]
        assert len(program.double.seen_by(LI)) == 2


async def test_messages_without_an_id_are_never_taken_for_the_same() -> None:
    async with client() as program:
        assert [await program.template() for _ in range(2)] == [0, 0]


QUOTAS = [(CUSTOM, Client.custom), (TEMPLATE, Client.template)]


@pytest.mark.parametrize(("path", "send"), QUOTAS)
@pytest.mark.parametrize(
    ("cap", "code", "kind"), [(Cap(per_day=1), 45009, "quota"), (Cap(per_minute=1), 45011, "rate")]
)
async def test_calls_are_limited(path: str, send: Callable[[Client], Any], cap: Cap, code: int, kind: str) -> None:
    async with client() as program:
        program.double.meter.caps[path] = cap
        program.double.wrote(LI)
        assert [await send(program) for _ in range(2)] == [0, code]
        assert [(violation.kind, violation.person) for violation in program.double.violations] == [(kind, LI)]


@pytest.mark.parametrize(("refuses", "status", "seen"), [(False, "success", 1), (True, "failed:user block", 0)])
async def test_the_result_of_a_template_message_comes_later(*, refuses: bool, status: str, seen: int) -> None:
    async with client() as program, heard(program) as events:
        program.double.person(LI).refuses_templates = refuses
        assert await program.template() == 0
        assert (await program.double.deliver_due(), events) == (0, [])
        program.double.clock.forward(program.double.result_after)
        assert await program.double.deliver_due() == 1
        assert [(event["Event"], event["Status"]) for event in events] == [("TEMPLATESENDJOBFINISH", status)]
        assert (events[0]["FromUserName"], len(program.double.seen)) == (LI, seen)
        assert await program.double.deliver_due() == 0


async def test_the_number_in_the_result_is_the_one_of_the_answer() -> None:
    async with client() as program, heard(program) as events:
        answer = await program.call(TEMPLATE, {"touser": LI, "template_id": "permit", "data": DATA})
        program.double.clock.forward(program.double.result_after)
        await program.double.deliver_due()
        assert events[0]["MsgID"] == str(answer["msgid"])


async def test_a_result_that_the_program_never_takes_is_lost_after_three_deliveries() -> None:
    async with client() as program, heard(program, status=503) as events:
        await program.template()
        program.double.clock.forward(program.double.result_after)
        assert await program.double.deliver_due() == 0
        assert (len(events), len(program.double.undelivered)) == (3, 1)


async def test_a_one_time_grant_is_spent_once() -> None:
    async with client() as program:
        program.double.granted(LI, "permit")
        assert [await program.notify() for _ in range(2)] == [0, 43101]
        assert [violation.kind for violation in program.double.violations] == ["grant"]


async def test_a_long_term_grant_is_never_spent() -> None:
    async with client() as program:
        program.double.granted(LI, "permit", long_term=True)
        assert [await program.notify() for _ in range(3)] == [0, 0, 0]
        assert [seen.way for seen in program.double.seen] == ["notification"] * 3


async def test_a_wrong_notification_spends_no_grant() -> None:
    async with client() as program:
        program.double.granted(LI, "permit")
        assert [await program.notify(template_id="other"), await program.notify(data={})] == [40037, 47003]
        assert await program.notify() == 0


async def test_the_result_of_a_notification_names_its_template() -> None:
    async with client() as program, heard(program) as events:
        program.double.granted(LI, "permit")
        await program.notify()
        program.double.clock.forward(program.double.result_after)
        await program.double.deliver_due()
        assert events[0]["SubscribeMsgSentEvent"]["List"]["TemplateId"] == "permit"


async def test_a_mass_message_reaches_followers_and_its_result_counts_them() -> None:
    async with client() as program, heard(program) as events:
        program.double.unfollowed(WANG)
        answer = await program.mass(LI, WANG)
        program.double.clock.forward(program.double.result_after)
        await program.double.deliver_due()
        assert (program.double.seen_by(LI), program.double.seen_by(WANG)) == (["公告"], [])
        (event,) = events
        assert (event["Event"], event["MsgID"]) == ("MASSSENDJOBFINISH", str(answer["msg_id"]))
        assert (event["TotalCount"], event["SentCount"]) == ("2", "1")


LISTS = [([LI], 40130), ([LI] * 10_001, 40130), ([], 40130), ([LI, WANG], 0)]


@pytest.mark.parametrize(("openids", "code"), LISTS)
async def test_a_mass_message_is_to_two_up_to_ten_thousand(openids: list[str], code: int) -> None:
    async with client() as program:
        assert (await program.mass(*openids))["errcode"] == code


async def test_nobody_gets_a_fifth_mass_message_in_a_calendar_month() -> None:
    async with client() as program:
        for _ in range(5):
            assert (await program.mass(LI, WANG))["errcode"] == 0
        assert len(program.double.seen_by(LI)) == 4
        assert [(violation.kind, violation.person) for violation in program.double.violations] == [
            ("month", LI), ("month", WANG),
        ]  # fmt: skip
        await program.later(timedelta(days=8))
        await program.mass(LI, WANG)
        assert len(program.double.seen_by(LI)) == 5


async def test_the_same_clientmsgid_is_sent_once() -> None:
    async with client() as program:
        first = await program.mass(LI, WANG, clientmsgid="b1")
        again = await program.mass(LI, WANG, clientmsgid="b1")
        assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
        assert program.double.seen_by(LI) == ["公告"]
        assert (await program.mass(LI, WANG, clientmsgid="b" * 65))["errcode"] == 45067


async def test_mass_messages_are_limited_by_the_minute_and_the_day() -> None:
    async with client() as program:
        program.double.meter.caps[MASS] = Cap(per_minute=1, per_day=2)
        codes = [(await program.mass(LI, WANG))["errcode"] for _ in range(2)]
        for wait in (MINUTE, MINUTE):
            await program.later(wait)
            codes.append((await program.mass(LI, WANG))["errcode"])
        assert codes == [0, 45011, 0, 45009]


BODIES: list[tuple[bytes, int]] = [
    (b'{"touser": "\\u0041"}', 40033),
    (b"{", 47001),
    (b"{}", 47001),
    (b'{"touser": "%s", "msgtype": "dance", "dance": {}}' % LI.encode(), 40008),
    (b'{"touser": "%s", "msgtype": "news", "news": {"articles": [{}, {}]}}' % LI.encode(), 45008),
]


@pytest.mark.parametrize(("body", "code"), BODIES)
async def test_a_body_that_cannot_be_read(body: bytes, code: int) -> None:
    async with client() as program:
        program.double.wrote(LI)
        answer = await program.http.post(CUSTOM, params={"access_token": program.token}, content=body)
        assert answer.json()["errcode"] == code


async def test_a_msgmenu_is_seen_with_its_items() -> None:
    async with client() as program:
        program.double.wrote(LI)
        items = [{"id": "1", "content": "是"}, {"id": "2", "content": "否"}]
        menu = {"head_content": "搬家了吗？", "list": items, "tail_content": ""}
        assert (await program.call(CUSTOM, {"touser": LI, "msgtype": "msgmenu", "msgmenu": menu}))["errcode"] == 0
        assert program.double.seen_by(LI) == ["搬家了吗？\n是\n否"]
