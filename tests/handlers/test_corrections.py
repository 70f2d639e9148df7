"""What the office asks again, as the person meets it: on any account, at any time, once; on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.house import House
from handlers.messages import Incoming, Tap
from handlers.office import review
from handlers.office.homes import register
from handlers.office.reviewer import Decided, Done, Reviewer, Taken
from handlers.turns import Answered
from storage import conversations, history, submissions, tables
from storage.records import Ask, Submission
from tests import house as houses
from tests.handlers.filed import OFFICE
from tests.handlers.test_receive import NOW
from tests.talks.typed import typed

ANN = Reviewer("ann")
SOON = NOW + timedelta(hours=1)


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(database_url)) as opened:
        yield opened


async def say(house: House, text: str, who: str = "me", at: datetime = SOON, **parts: object) -> Answered:
    """One message; each is new."""
    say.number += 1  # type: ignore[attr-defined]  # counts the messages of this module
    blank = Incoming("engine", who, f"m{say.number}", at, text=text)  # type: ignore[attr-defined]  # the same
    return await house.chat.answer(replace(blank, **parts))  # type: ignore[arg-type]  # fields of Incoming


say.number = 0  # type: ignore[attr-defined]  # the same


async def registered(house: House, who: str = "me") -> Submission:
    for line in typed():
        await say(house, line, who, NOW)
    return await newest(house, who)


async def newest(house: House, who: str = "me") -> Submission:
    holder = await holder_of(house, who)
    return (await house.database.read(lambda unit: submissions.of_holder(unit, holder)))[0]


async def holder_of(house: House, who: str = "me") -> str:
    found = await house.database.read(lambda unit: conversations.find(unit, "engine", who))
    assert found is not None
    return found.holder_id


async def taken(house: House, now: datetime = SOON) -> Submission:
    found = await house.database.run(lambda unit: review.take_next(unit, ANN, now))
    assert isinstance(found, Taken)
    return found.submission


async def ask(house: House, **reasons: str) -> Submission:
    mine = await taken(house)
    asks = {step: Ask(reason) for step, reason in reasons.items()}
    done = await house.database.run(
        lambda unit: review.ask_again(unit, ANN, mine.number, mine.version, asks, house.chat.office, SOON)
    )
    assert isinstance(done, Done)
    return done.submission


def templates(answered: Answered) -> list[str]:
    return [reply.template for reply in answered.replies]


async def outbox(house: House) -> list[tuple[str, str]]:
    rows = await house.database.read(lambda unit: unit.execute(select(tables.outbox)).all())
    return [(row.state, row.reason) for row in rows]


async def test_each_question_shows_the_old_answer_and_the_reason(house: House) -> None:
    await registered(house)
    await ask(house, phone="wrong", employer="please_check")
    opening, question = (await say(house, "你好")).replies
    assert opening.data["count"] == 2
    assert (question.data["old"], question.data["why"]) == ("+8613812345678", {"reason": "wrong", "words": ""})
    assert "keep" not in {choice.value for choice in question.choices}
    (doubted,) = (await say(house, "13700001111")).replies
    assert (doubted.data["old"], doubted.data["may_keep"]) == ("幸福餐馆", True)
    assert "keep" in {choice.value for choice in doubted.choices}


async def test_the_summary_holds_what_was_asked_before_and_now(house: House) -> None:
    await registered(house)
    await ask(house, phone="wrong", employer="please_check")
    for line in ("你好", "13700001111"):
        await say(house, line)
    (shown,) = (await say(house, "不改")).replies
    lines = [(line["step"], line["before"]["value"], line["value"]) for line in shown.data["lines"]]
    assert lines == [("phone", "+8613812345678", "+8613700001111"), ("employer", "幸福餐馆", "幸福餐馆")]
    assert [choice.value for choice in shown.choices if choice.role == "line"] == ["edit:phone", "edit:employer"]


async def test_the_notice_that_still_waits_is_dropped_once_the_talk_says_it(house: House) -> None:
    await registered(house)
    await ask(house, phone="wrong")
    assert await outbox(house) == [("waiting", "")]
    await say(house, "你好")
    assert await outbox(house) == [("suppressed", "answered")]


async def test_another_account_of_the_person_answers_and_the_first_is_told_so(house: House) -> None:
    sent = await registered(house)
    code = (await say(house, "关联账号")).replies[0].data["code"]
    await say(house, f"绑定 {code}", "phone")
    await ask(house, phone="wrong")
    for who in ("me", "phone"):
        assert templates(await say(house, "在吗", who)) == ["say/answers_begin", "ask/phone"]
        await say(house, "13700001111", who)
    assert templates(await say(house, "提交", "phone")) == ["say/received_again"]
    late = await say(house, "提交")
    assert templates(late) == ["say/answers_too_late"]
    assert late.replies[0].data == {"number": sent.number, "status": "received"}
    assert templates(await say(house, "你好")) == ["say/welcome_back"]


async def test_sent_twice_is_one_step(house: House) -> None:
    await registered(house)
    asked = await ask(house, phone="wrong")
    for line in ("你好", "13700001111"):
        await say(house, line)
    tap = Tap("correction", "confirm", "send")
    answers = [templates(await say(house, "", choice=tap)) for _ in range(2)]
    assert answers == [["say/received_again"], ["say/welcome_back"]]
    steps = await house.database.read(lambda unit: history.of(unit, asked.id))
    assert [step.went_to for step in steps] == ["received", "in_review", "needs_answers", "received"]


async def test_two_submissions_that_need_answers_are_asked_one_after_the_other(house: House) -> None:
    await registered(house)
    await say(house, "变更登记")
    for line in ("换手机号", "13700001111", "提交"):
        await say(house, line)
    first, second = await ask(house, employer="unclear"), await ask(house, phone="please_check")
    assert templates(await say(house, "你好")) == ["say/answers_begin", "ask/employer"]
    await say(house, "幸福大酒店")
    assert templates(await say(house, "提交")) == ["say/received_again"]
    assert templates(await say(house, "你好")) == ["say/answers_begin", "ask/phone"]
    assert first.id < second.id
    await say(house, "不改")
    await say(house, "提交")
    kept = await newest(house)
    assert (kept.kind, kept.status, kept.answers["changed"].value) == ("change", "received", "phone")


async def test_a_newer_text_of_consent_is_not_taken_as_agreed_to(house: House) -> None:
    await registered(house)
    await ask(house, phone="wrong")
    chat = replace(house.chat, office=replace(house.chat.office, consent_version="another"))
    await chat.answer(Incoming("engine", "me", "other", SOON, text="你好"))
    found = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert found is not None
    assert found.consent == house.chat.office.consent_version


async def test_the_scanned_home_of_another_talk_is_neither_asked_nor_lost(house: House) -> None:
    await registered(house)
    home = await house.database.run(lambda unit: register(unit, "S01-02", "幸福路9号2幢101室", NOW))
    await ask(house, phone="wrong")
    assert templates(await say(house, "", kind="open", scene=f"home_{home}")) == ["say/answers_begin", "ask/phone"]
    await say(house, "13700001111")
    assert templates(await say(house, "提交")) == ["say/received_again"]
    assert (await newest(house)).answers["address"].value == typed(("{address}",))[0]


async def test_a_corrected_day_of_arrival_moves_the_deadline_and_not_the_day_it_was_sent(house: House) -> None:
    sent = await registered(house)
    await ask(house, arrived_on="differs")
    for line in ("你好", "2026-11-02", "提交"):
        await say(house, line, at=SOON + timedelta(days=9))
    again = await newest(house)
    assert (sent.in_time, again.in_time) == (True, False)
    assert again.due_on is not None
    assert again.due_on.isoformat() == "2026-11-05"
    assert again.submitted_at == sent.submitted_at


async def test_what_the_person_takes_back_the_reviewer_is_told(house: House) -> None:
    await registered(house)
    mine = await taken(house)
    for line in ("撤回申请", "提交"):
        answer = await say(house, line)
    assert templates(answer) == ["say/withdrawn"]
    told = await house.database.run(lambda unit: review.approve(unit, ANN, mine.number, mine.version, OFFICE, SOON))
    assert isinstance(told, Decided)
    assert (told.submission.status, told.by) == ("withdrawn", "")


async def test_a_correction_put_aside_is_not_gone_on_with_once_it_is_taken_back(house: House) -> None:
    await registered(house)
    await ask(house, phone="wrong")
    for line in ("你好", "撤回申请"):
        await say(house, line)
    assert templates(await say(house, "提交")) == ["say/withdrawn"]
    assert templates(await say(house, "你好")) == ["ask/hukou_kind"]


async def test_my_data_says_the_state_in_words(house: House) -> None:
    await registered(house)
    await ask(house, phone="wrong")
    answered = await say(house, "我的资料")
    (message,) = house.chat.messages(answered)
    assert "有几项要您补充" in message.text
    assert "说“补充资料”" in message.text


async def test_changes_and_leavings_name_the_registration_they_are_about(house: House) -> None:
    sent = await registered(house)
    for line in ("变更登记", "换手机号", "13700001111", "提交"):
        await say(house, line)
    change = await newest(house)
    assert (change.kind, change.former_id, change.in_time) == ("change", sent.id, None)
    for line in ("我要离开", "今天", "提交"):
        await say(house, line)
    leaving = await newest(house)
    assert (leaving.kind, leaving.former_id, leaving.person_id) == ("leaving", change.id, sent.person_id)
    assert leaving.area == sent.area
