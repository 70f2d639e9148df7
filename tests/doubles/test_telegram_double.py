"""The Bot API's double: limits on the clock, who can be reached, and how updates get to the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.doubles.clock import Clock
from tests.doubles.telegram import TelegramDouble, telegram_double
from tests.doubles.telegram_delivery import SECRET_HEADER
from tests.doubles.telegram_limits import Limits
from tests.doubles.telegram_user import TelegramUser
from tests.doubles.wechat_phone import served

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LI = 7000001


@dataclass
class Bot:
    """A bot's side."""

    double: TelegramDouble
    http: httpx.AsyncClient

    async def call(self, method: str, **values: Any) -> dict[str, Any]:
        """Any method; the whole answer."""
        answer = await self.http.post(f"/bot{self.double.token}/{method}", json=values)
        values = answer.json()
        assert answer.status_code == values.get("error_code", 200)
        return values

    async def send(self, chat: int = LI, text: str = "好") -> dict[str, Any]:
        """A message."""
        return await self.call("sendMessage", chat_id=chat, text=text)

    async def code(self, chat: int = LI) -> int:
        """A message's code; 0 where it was taken."""
        return int((await self.send(chat)).get("error_code", 0))


@asynccontextmanager
async def bot(**changes: Any) -> AsyncIterator[Bot]:
    """A bot at a strict double whose clock stands."""
    made = {"clock": Clock(NOON), "limits": Limits(), "strangers": False, "people": {LI: "伟"}}
    async with telegram_double(**{**made, **changes}) as double, httpx.AsyncClient(base_url=double.base) as http:
        yield Bot(double, http)


@asynccontextmanager
async def webhook(there: Bot, answer: object = None, status: int = 200) -> AsyncIterator[list[tuple[str, Any]]]:
    """The bot's webhook, set: the secrets and updates it got; `answer`: a call that rides in its response."""
    got: list[tuple[str, Any]] = []

    async def take(request: Request) -> Response:
        got.append((request.headers.get(SECRET_HEADER, ""), await request.json()))
        return Response(b"" if answer is None else orjson.dumps(answer), status_code=status)

    async with served([Route("/telegram", take, methods=["POST"])]) as url:
        await there.call("setWebhook", url=f"{url}/telegram", secret_token="s1", allowed_updates=["message"])
        yield got


async def test_words_in_a_form_may_begin_with_a_bracket() -> None:
    async with bot() as there:
        form = {"chat_id": str(LI), "text": "[Test] Water", "reply_markup": '{"inline_keyboard":[]}'}
        answer = await there.http.post(f"/bot{there.double.token}/sendMessage", data=form)
        assert (answer.status_code, there.double.seen_by(LI)) == (200, ["[Test] Water"])


async def test_one_message_a_second_goes_to_a_chat() -> None:
    async with bot() as there:
        assert await there.code() == 0
        refused = await there.send()
        assert (refused["error_code"], refused["parameters"]) == (429, {"retry_after": 1})
        there.double.clock.forward(timedelta(seconds=1))
        assert await there.code() == 0
        assert there.double.seen_by(LI) == ["好", "好"]
        assert [(violation.kind, violation.person) for violation in there.double.violations] == [("rate", str(LI))]


async def test_thirty_messages_a_second_go_out_overall() -> None:
    async with bot(strangers=True) as there:
        assert [await there.code(chat) for chat in range(1, 32)] == [0] * 30 + [429]
        there.double.clock.forward(timedelta(seconds=1))
        assert await there.code(31) == 0


async def test_the_time_to_wait_is_what_is_left() -> None:
    async with bot(limits=Limits(chat=10.0)) as there:
        await there.code()
        there.double.clock.forward(timedelta(seconds=4))
        wait = (await there.send())["parameters"]["retry_after"]
        there.double.clock.forward(timedelta(seconds=wait))
        assert (wait, await there.code()) == (6, 0)


async def test_a_burst_can_be_allowed() -> None:
    async with bot(limits=Limits(burst=3)) as there:
        assert [await there.code() for _ in range(4)] == [0, 0, 0, 429]


async def test_without_limits_nothing_is_too_fast() -> None:
    async with bot(limits=None) as there:
        assert [await there.code() for _ in range(40)] == [0] * 40


UNREACHABLE: list[tuple[str, dict[str, Any], int, str]] = [
    ("never began", {"people": {}}, 400, "Bad Request: chat not found"),
    ("blocked", {"blocked": {LI}}, 403, "Forbidden: bot was blocked by the user"),
    ("deactivated", {"gone": {LI}}, 403, "Forbidden: user is deactivated"),
    ("moved", {"migrated": {LI: -100}}, 400, "Bad Request: group chat was upgraded to a supergroup chat"),
]


@pytest.mark.parametrize(
    ("state", "code", "words"), [row[1:] for row in UNREACHABLE], ids=[row[0] for row in UNREACHABLE]
)
async def test_who_cannot_be_reached(state: dict[str, Any], code: int, words: str) -> None:
    async with bot(**state) as there:
        answer = await there.send()
        assert (answer["error_code"], answer["description"]) == (code, words)
        assert answer.get("parameters", {}) == ({"migrate_to_chat_id": -100} if "migrated" in state else {})
        assert (there.double.seen, [call.code for call in there.double.refused]) == ([], [code])
        assert there.double.violations == []


async def test_whoever_writes_can_be_written_to() -> None:
    async with bot() as there:
        await TelegramUser(there.double, 8).say("/start")
        assert await there.code(8) == 0


async def test_an_edit_is_seen_too() -> None:
    async with bot() as there:
        number = (await there.send())["result"]["message_id"]
        await there.call("editMessageText", chat_id=LI, message_id=number, text="很好")
        assert [(seen.text, seen.way) for seen in there.double.seen] == [("好", "message"), ("很好", "edit")]


async def test_updates_wait_to_be_polled_and_are_confirmed_by_the_next_offset() -> None:
    async with bot() as there:
        await TelegramUser(there.double, LI).say("你好")
        (update,) = (await there.call("getUpdates"))["result"]
        assert update["message"]["text"] == "你好"
        assert (await there.call("getUpdates", offset=update["update_id"] + 1))["result"] == []


async def test_updates_go_to_the_webhook_with_its_secret() -> None:
    async with bot() as there, webhook(there) as got:
        assert await TelegramUser(there.double, LI).say("你好")
        assert [(secret, update["message"]["text"]) for secret, update in got] == [("s1", "你好")]
        assert (await there.call("getUpdates"))["error_code"] == 409


async def test_a_call_in_the_webhooks_answer_is_carried_out() -> None:
    async with bot() as there, webhook(there, {"method": "sendMessage", "chat_id": LI, "text": "您好"}):
        await TelegramUser(there.double, LI).say("你好")
        assert [(seen.text, seen.way) for seen in there.double.seen] == [("您好", "reply")]


async def test_what_becomes_of_such_a_call_is_not_told() -> None:
    async with bot(blocked={LI}) as there, webhook(there, {"method": "sendMessage", "chat_id": LI, "text": "您好"}):
        assert await TelegramUser(there.double, LI).say("你好")
        assert (there.double.seen, [call.code for call in there.double.refused]) == ([], [403])


async def test_an_update_that_is_not_taken_comes_three_times() -> None:
    async with bot() as there, webhook(there, status=503) as got:
        assert not await TelegramUser(there.double, LI).say("你好")
        assert len({update["update_id"] for _, update in got}) == 1
        assert (len(got), len(there.double.delivery.undelivered)) == (3, 1)


async def test_only_the_kinds_asked_for_are_delivered() -> None:
    async with bot() as there, webhook(there) as got:
        assert await TelegramUser(there.double, LI).block()
        assert got == []


async def test_blocking_and_unblocking_are_told_to_the_bot() -> None:
    async with bot(limits=None) as there:
        person, codes = TelegramUser(there.double, LI), []
        for change in (person.block, person.unblock):
            await change()
            codes.append(await there.code())
        updates = (await there.call("getUpdates"))["result"]
        assert [update["my_chat_member"]["new_chat_member"]["status"] for update in updates] == ["kicked", "member"]
        assert codes == [403, 0]


async def test_a_pressed_button_names_its_message() -> None:
    async with bot() as there:
        keyboard = {"inline_keyboard": [[{"text": "是", "callback_data": "yes"}]]}
        sent = await there.call("sendMessage", chat_id=LI, text="？", reply_markup=keyboard)
        await TelegramUser(there.double, LI).press(sent["result"]["message_id"], "yes")
        (update,) = (await there.call("getUpdates"))["result"]
        query = update["callback_query"]
        assert (query["data"], query["message"]["text"]) == ("yes", "？")
        assert (await there.call("answerCallbackQuery", callback_query_id=query["id"]))["ok"]
        assert (await there.call("answerCallbackQuery", callback_query_id=query["id"]))["error_code"] == 400


CALLS: list[tuple[str, dict[str, Any], int]] = [
    ("dance", {}, 404),
    ("take", {}, 404),
    ("sendMessage", {"chat_id": LI, "text": "x" * 4097}, 400),
    ("sendMessage", {"chat_id": LI, "text": " "}, 400),
    ("getFile", {"file_id": "gone"}, 400),
]


@pytest.mark.parametrize(("method", "values", "code"), CALLS)
async def test_a_call_that_cannot_be_carried_out(method: str, values: dict[str, Any], code: int) -> None:
    async with bot() as there:
        assert (await there.call(method, **values))["error_code"] == code


async def test_another_bots_token_is_refused() -> None:
    async with bot() as there:
        assert (await there.http.post("/bot1:other/getUpdates", json={})).status_code == 401
