"""Signing in over real HTTP, on both databases: what lets in, what doesn't, what ends a session."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
import time_machine
from sqlalchemy import update
from structlog.testing import capture_logs

from handlers.office import sign_in
from storage import sign_in_tries, tables
from storage import staff as accounts
from storage.database import Database
from tests.channels.web_house import WebHouse
from tests.conftest import NOW
from tests.console.clerks import PASSWORD, Clerk, clerk, console, invited, run, shown

WRONG = "登录名或密码不对"
WRONG_CODE = "验证码不对"
LOCKED = "试得太多了"


@pytest.fixture
async def web(tmp_path: Path, database_url: str) -> AsyncIterator[WebHouse]:
    async with console(tmp_path, database_url) as served:
        yield served


async def age(web: WebHouse, column: str, ago: timedelta) -> None:
    """Let every session have been opened, or seen last, so long ago."""
    past = {column: datetime.now(UTC) - ago}
    await run(web, lambda unit: unit.execute(update(tables.staff_sessions).values(past)))


async def test_password_and_code_let_in(web: WebHouse) -> None:
    async with clerk(web, "reviewer") as wang:
        today = await wang.sign_in()
        assert today.status_code == 200
        assert "今日" in shown(today)
        assert "审核员" in shown(today)


async def test_a_new_member_sets_up_password_and_telephone_by_the_link(web: WebHouse) -> None:
    invitation = await invited(web, "reviewer")
    async with web.browser() as client:
        wang = Clerk(web, client, invitation.member)
        link = f"/console/set-up/{invitation.token}"
        page = await wang.follow(await wang.post(link, password=PASSWORD, again=PASSWORD))
        assert "<svg" in page.text
        wang.secret = await run(web, lambda unit: accounts.proofs(unit, wang.member.id).totp)
        assert "".join(wang.secret) in page.text.replace(" ", "")
        assert "今日" in shown(await wang.follow(await wang.post("/console/code", code=wang.code())))
        await wang.post("/console/sign-out", "/console")
        assert "今日" in shown(await wang.sign_in())


async def test_a_set_up_link_works_once_and_looking_at_it_does_not_count(web: WebHouse) -> None:
    invitation = await invited(web)
    link = f"/console/set-up/{invitation.token}"
    async with web.browser() as client, web.browser() as thief:
        wang, other = Clerk(web, client, invitation.member), Clerk(web, thief, invitation.member)
        for _ in range(3):
            assert (await wang.get(link)).status_code == 200
        stale = await other.get(link)
        await wang.post(link, password=PASSWORD, again=PASSWORD)
        assert stale.status_code == 200
        assert (await other.get(link)).status_code == 410
        assert (await other.get("/console/set-up/guessed")).status_code == 410


async def test_what_is_wrong_with_a_new_password_is_told_and_the_link_stays_good(web: WebHouse) -> None:
    invitation = await invited(web, login="wangfang")
    link = f"/console/set-up/{invitation.token}"
    async with web.browser() as client:
        wang = Clerk(web, client, invitation.member)
        for password, again, told in (
            ("short", "short", "密码太短了"),
            ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "太容易猜到"),
            ("1234567890", "1234567890", "太容易猜到"),
            ("my-WangFang-77", "my-WangFang-77", "不要有您的登录名"),
            (PASSWORD, PASSWORD + "x", "两次输入的不一样"),
        ):
            answer = await wang.post(link, password=password, again=again)
            assert answer.status_code == 422
            assert told in shown(answer)
            assert password not in answer.text
        assert (await wang.post(link, password=PASSWORD, again=PASSWORD)).status_code == 303


async def test_a_wrong_password_and_an_unknown_name_are_told_alike(web: WebHouse) -> None:
    async with clerk(web) as wang:
        wrong = await wang.give_password("not the password")
        unknown = await wang.give_password(login="nobody")
        assert (wrong.status_code, unknown.status_code) == (422, 422)
        assert WRONG in shown(wrong)
        assert shown(wrong) == shown(unknown)


async def test_the_name_typed_stays_and_the_password_does_not(web: WebHouse) -> None:
    async with clerk(web, login="wangfang") as wang:
        wrong = await wang.give_password("not the password")
        assert 'value="wangfang"' in wrong.text
        assert "not the password" not in wrong.text


async def test_the_password_alone_opens_nothing(web: WebHouse) -> None:
    async with clerk(web) as wang:
        await wang.give_password()
        answer = await wang.get("/console/staff")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in?next=/console/staff")


@pytest.mark.parametrize("typed", ["000000", "", "abcdef", "1234567"])
async def test_a_wrong_code_does_not_let_in(web: WebHouse, typed: str) -> None:
    async with clerk(web) as wang:
        await wang.give_password()
        answer = await wang.post("/console/code", code=typed)
        assert answer.status_code == 422
        assert WRONG_CODE in shown(answer)


async def test_a_code_with_a_blank_and_full_width_digits_is_read(web: WebHouse) -> None:
    async with clerk(web) as wang:
        await wang.give_password()
        code = "".join(chr(ord(digit) + 0xFEE0) for digit in wang.code())
        assert (await wang.post("/console/code", code=f"{code[:3]} {code[3:]}")).status_code == 303


async def test_a_code_that_was_used_lets_nobody_else_in(web: WebHouse) -> None:
    async with clerk(web) as wang, web.browser() as client:
        code = wang.code()
        thief = Clerk(web, client, wang.member)
        for somebody in (wang, thief):
            await somebody.give_password()
        assert (await wang.post("/console/code", code=code)).status_code == 303
        answer = await thief.post("/console/code", code=code)
        assert answer.status_code == 422
        assert (await thief.get("/console")).status_code == 303


async def test_an_older_code_than_the_last_used_is_refused(web: WebHouse) -> None:
    async with clerk(web) as wang:
        totp, now = pyotp.TOTP(wang.secret), datetime.now(UTC)
        await wang.give_password()
        assert (await wang.post("/console/code", code=totp.at(now, counter_offset=1))).status_code == 303
        await wang.post("/console/sign-out", "/console")
        await wang.give_password()
        assert (await wang.post("/console/code", code=totp.at(now))).status_code == 422


async def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(web: WebHouse) -> None:
    async with clerk(web) as wang:
        for _ in range(5):
            assert WRONG in shown(await wang.give_password("not the password"))
        answer = await wang.give_password()
        assert answer.status_code == 429
        assert LOCKED in shown(answer)


async def test_a_name_that_nobody_has_locks_alike(web: WebHouse) -> None:
    async with web.browser() as client:
        nobody = Clerk(web, client, (await invited(web)).member)
        answers = [await nobody.give_password("x", login="nobody") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429]


async def test_tries_sent_all_at_once_gain_nothing(web: WebHouse) -> None:
    async with clerk(web) as wang:
        page = await wang.get("/console/sign-in")
        token = page.text.partition('name="csrf" value="')[2].partition('"')[0]
        form = {"csrf": token, "login": wang.member.login, "password": "not the password"}
        tries = [wang.client.post("/console/sign-in", data=form) for _ in range(20)]
        statuses = [answer.status_code for answer in await asyncio.gather(*tries)]
        assert statuses.count(422) == 5
        assert statuses.count(429) == 15


async def test_wrong_codes_lock_although_the_password_is_right_in_between(web: WebHouse) -> None:
    async with clerk(web) as wang:
        for _ in range(5):
            await wang.give_password()
            assert WRONG_CODE in shown(await wang.post("/console/code", code="000000"))
            await wang.post("/console/sign-out", "/console/code")
        await wang.give_password()
        answer = await wang.post("/console/code", code=wang.code())
        assert answer.status_code == 429
        assert LOCKED in shown(answer)


async def test_signing_in_ends_on_the_server_and_not_only_in_the_browser(web: WebHouse) -> None:
    async with clerk(web) as wang:
        await wang.sign_in()
        cookie = wang.client.cookies["anju_console"]
        await wang.post("/console/sign-out", "/console")
        wang.client.cookies.set("anju_console", cookie)
        assert (await wang.get("/console")).status_code == 303


async def test_each_step_of_signing_in_gives_a_new_cookie(web: WebHouse) -> None:
    async with clerk(web) as wang:
        await wang.get("/console/sign-in")
        cookies = [wang.client.cookies["anju_console"]]
        await wang.give_password()
        cookies.append(wang.client.cookies["anju_console"])
        await wang.post("/console/code", code=wang.code())
        cookies.append(wang.client.cookies["anju_console"])
        assert len(set(cookies)) == 3
        wang.client.cookies.set("anju_console", cookies[1])
        assert (await wang.get("/console")).status_code == 303


@pytest.mark.parametrize(("column", "ago"), [("seen_at", timedelta(minutes=31)), ("created_at", timedelta(hours=13))])
async def test_a_session_ends_by_itself(web: WebHouse, column: str, ago: timedelta) -> None:
    async with clerk(web) as wang:
        await wang.sign_in()
        await age(web, column, ago)
        assert (await wang.get("/console")).headers["location"] == "/console/sign-in"


async def test_a_password_waits_ten_minutes_for_its_code(web: WebHouse) -> None:
    async with clerk(web) as wang:
        await wang.give_password()
        await age(web, "created_at", timedelta(minutes=11))
        assert (await wang.get("/console/code")).status_code == 303


async def test_work_keeps_a_session_alive(web: WebHouse) -> None:
    async with clerk(web) as wang:
        await wang.sign_in()
        for _ in range(3):
            await age(web, "seen_at", timedelta(minutes=20))
            assert (await wang.get("/console")).status_code == 200


async def test_a_clock_that_jumps_ahead_signs_nobody_out_who_is_at_work(web: WebHouse) -> None:
    hour = timedelta(hours=1)
    async with clerk(web, "reviewer") as wang, clerk(web, "reviewer") as idle:
        await wang.sign_in()
        await idle.sign_in()
        assert (await wang.get("/console")).status_code == 200
        with time_machine.travel(datetime.now(UTC) + hour):
            assert (await wang.get("/console")).status_code == 200
            sessions, long_ago = tables.staff_sessions, datetime.now(UTC) - hour - timedelta(minutes=31)
            theirs = update(sessions).where(sessions.c.staff_id == idle.member.id).values(seen_at=long_ago)
            await run(web, lambda unit: unit.execute(theirs))
            assert (await idle.get("/console")).status_code == 303
        assert (await wang.get("/console")).status_code == 200


async def test_who_is_disabled_is_out_at_once(web: WebHouse) -> None:
    async with clerk(web) as wang, clerk(web) as admin:
        await wang.sign_in()
        await admin.sign_in()
        number = wang.member.id
        await admin.post(f"/console/staff/{number}/disable", f"/console/staff/{number}")
        assert (await wang.get("/console")).status_code == 303
        assert WRONG in shown(await wang.give_password())


async def test_a_new_password_signs_out_everywhere_else(web: WebHouse) -> None:
    async with clerk(web) as wang, web.browser() as client:
        await wang.sign_in()
        phone = Clerk(web, client, wang.member, wang.secret, wang.used)
        await phone.sign_in()
        new = "quiet harbour lantern nine"
        fields = {"current": PASSWORD, "password": new, "again": new}
        answer = await wang.post("/console/account/password", "/console/account", **fields)
        again = await wang.post("/console/account/password", "/console/account", **fields)
        assert [answer.headers["location"], again.headers["location"]] == ["/console/account?done=password"] * 2
        assert (await phone.get("/console")).status_code == 303
        assert (await wang.get("/console")).status_code == 200
        assert WRONG in shown(await phone.give_password())
        assert (await phone.give_password(new)).status_code == 303


async def test_the_present_password_is_needed_for_a_new_one(web: WebHouse) -> None:
    async with clerk(web) as wang:
        await wang.sign_in()
        fields = {"current": "guessed", "password": "quiet harbour lantern", "again": "quiet harbour lantern"}
        answer = await wang.post("/console/account/password", "/console/account", **fields)
        assert answer.status_code == 422
        assert "现在的密码不对" in shown(answer)


async def test_other_places_are_signed_out_at_a_click(web: WebHouse) -> None:
    async with clerk(web) as wang, web.browser() as client:
        await wang.sign_in()
        phone = Clerk(web, client, wang.member, wang.secret, wang.used)
        await phone.sign_in()
        assert "另外 1 处" in shown(await wang.get("/console/account"))
        await wang.post("/console/account/sessions", "/console/account")
        assert (await phone.get("/console")).status_code == 303
        assert "只在这里" in shown(await wang.get("/console/account"))


async def test_a_reset_ends_everything_that_was_set_up(web: WebHouse) -> None:
    async with clerk(web) as wang, clerk(web) as admin:
        await wang.sign_in()
        await admin.sign_in()
        number = wang.member.id
        page = await admin.post(f"/console/staff/{number}/reset", f"/console/staff/{number}")
        link = page.text.partition("/console/set-up/")[2].partition("<")[0]
        assert (await wang.get("/console")).status_code == 303
        assert WRONG in shown(await wang.give_password())
        answer = await wang.post(f"/console/set-up/{link}", password=PASSWORD, again=PASSWORD)
        assert "<svg" in (await wang.follow(answer)).text


async def test_after_signing_in_one_is_where_one_wanted_to_go(web: WebHouse) -> None:
    async with clerk(web) as wang:
        asked = await wang.get("/console/account")
        form = asked.headers["location"]
        step = await wang.post(form, login=wang.member.login, password=PASSWORD)
        assert (await wang.post(step.headers["location"], code=wang.code())).headers["location"] == "/console/account"


@pytest.mark.parametrize("wished", ["//evil.example", "https://evil.example", "/console//evil", "/elsewhere", "\\x"])
async def test_signing_in_leads_nowhere_else(web: WebHouse, wished: str) -> None:
    async with clerk(web) as wang:
        step = await wang.post(f"/console/sign-in?next={wished}", login=wang.member.login, password=PASSWORD)
        assert step.headers["location"].startswith("/console/code")
        done = await wang.post(f"/console/code?next={wished}", code=wang.code())
        assert done.headers["location"].startswith("/console")


async def test_neither_names_nor_passwords_nor_addresses_reach_the_log(web: WebHouse) -> None:
    with capture_logs() as logs:
        async with clerk(web, login="ouyangyuehua") as wang:
            await wang.give_password("wrong-password-77")
            await wang.sign_in()
    told = str(logs)
    assert "console_signed_in" in told
    assert not [word for word in ("ouyangyuehua", "王芳", "wrong-password-77", PASSWORD, "127.0.0.1") if word in told]


def test_locks_grow_to_their_most_and_are_forgotten_after_a_day(database: Database) -> None:
    subject = sign_in.by_name("wangfang")

    def tried(minutes: float) -> float | None:
        """Minutes until which a try at that minute is locked; None where it is let through."""
        at = NOW + timedelta(minutes=minutes)
        until = database.run_now(lambda unit: sign_in_tries.begin(unit, (subject,), at))
        return None if until is None else (until - NOW) / timedelta(minutes=1)

    assert [tried(0) for _ in range(6)] == [None] * 5 + [1]
    assert [tried(minute) for minute in (1, 2, 3, 4)] == [None, 3, None, 7]
    assert [tried(minute) for minute in (7, 14, 15, 29, 30, 44)] == [None, 15, None, 30, None, 45]
    assert [tried(46 + 24 * 60 + n) for n in range(4)] == [None] * 4


def test_tries_from_one_address_lock_it_for_every_name(database: Database) -> None:
    address = sign_in.by_address("192.0.2.7")

    def begun(name: str) -> datetime | None:
        return database.run_now(lambda unit: sign_in_tries.begin(unit, (sign_in.by_name(name), address), NOW))

    assert [begun(f"name{number}") for number in range(30)] == [None] * 30
    assert begun("another") is not None
    database.run_now(lambda unit: sign_in_tries.forget(unit, address))
    assert begun("another") is None
