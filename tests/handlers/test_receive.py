"""One message, one answer: sent twice, sent at once, sent while another is being answered; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.house import House
from handlers.messages import Attachment, Incoming, Tap
from handlers.office.accounts import CODE_LASTS, OWN_TRIES, code_for_receipt
from handlers.turns import Answered
from storage import conversations, submissions
from storage.errors import LostUpdate
from storage.records import Submission
from storage.unit import Unit
from tests import house as houses
from tests.talks.engine import Engine
from tests.talks.player import play
from tests.talks.transcript import FOLDER, read
from tests.talks.typed import typed

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
WHOLE = read(FOLDER / "01_rented_for_work.txt")


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with houses.opened(houses.settings(database_url)) as opened:
        yield opened


def message(number: int | str, text: str = "", who: str = "me", **parts: object) -> Incoming:
    blank = Incoming("engine", who, f"m{number}", NOW, text=text)
    return replace(blank, **parts)  # type: ignore[arg-type]  # fields of Incoming


async def whole_talk(house: House, who: str = "me") -> Submission:
    sent = (await play(WHOLE, Named(house, who))).sent
    return next(one for one in reversed(sent))


class Named(Engine):
    """The engine, everything said by one person of that name."""

    def __init__(self, house: House, who: str) -> None:
        super().__init__(house, "", NOW)
        self._who = who

    async def _give(self, who: str, **parts: object) -> object:  # type: ignore[override]  # the same replies
        return await super()._give(self._who, **parts)


def templates(answered: Answered) -> list[str]:
    return [reply.template for reply in answered.replies]


async def count(house: House) -> int:
    return await house.database.read(submissions.count)


async def test_a_message_sent_twice_is_answered_once(house: House) -> None:
    first = await house.chat.answer(message(1, "你好"))
    again = await house.chat.answer(message(1, "你好"))
    assert (first.rejoined, again.rejoined) == (False, True)
    assert again.replies == first.replies


async def test_a_message_from_long_ago_gets_its_old_answer(house: House) -> None:
    first = await house.chat.answer(message(1, "你好"))
    await house.chat.answer(message(2, "同意"))
    again = await house.chat.answer(message(1, "你好"))
    assert again.rejoined
    assert again.replies == first.replies
    next_one = await house.chat.answer(message(3, "外地"))
    assert templates(next_one) == ["ask/lodging"]


async def test_every_message_of_a_whole_talk_three_times_at_once_makes_one_registration(house: House) -> None:
    texts = [exchange.said for exchange in WHOLE.exchanges]
    last: tuple[Tap, ...] = ()
    for number, said in enumerate(texts):
        tap = next((t for t in last if f"[{t.value}]" == said), None)
        sent = message(number, "" if tap else said, choice=tap)
        answers = await asyncio.gather(*(house.chat.answer(sent) for _ in range(3)))
        assert answers[0].replies == answers[1].replies == answers[2].replies
        assert sorted(answer.rejoined for answer in answers) == [False, True, True]
        last = tuple(choice.tap for reply in answers[0].replies for choice in reply.choices)
    assert templates(answers[0]) == ["say/receipt"]
    assert await count(house) == 1


async def test_two_taps_on_send_at_once_make_one_registration(house: House) -> None:
    engine = Named(house, "me")
    for exchange in WHOLE.exchanges[:-1]:
        if exchange.said.startswith("["):
            await engine.type("me", _typed(exchange.said))
        else:
            await engine.type("me", exchange.said)
    taps = [message(f"send{n}", choice=Tap("migrant", "confirm", "send")) for n in range(5)]
    answers = await asyncio.gather(*(house.chat.answer(tap) for tap in taps))
    assert await count(house) == 1
    assert sum(templates(answer) == ["say/receipt"] for answer in answers) == 1


def _typed(said: str) -> str:
    """What a person types in place of the taps of the whole talk."""
    words = {
        "agree": "同意", "elsewhere": "外地", "ordinary": "1", "longer": "1", "self": "自己", "01": "汉", "70": "初中",
        "20": "已婚", "13": "群众", "S01": "1", "S01-01": "1", "rented": "租", "6_to_12": "6到12个月", "work": "工作",
        "catering": "餐饮", "yes": "交", "counter": "到窗口出示",
    }  # fmt: skip
    return words[said.strip("[]")]


async def test_a_burst_is_answered_in_turn(house: House) -> None:
    await house.chat.answer(message(0, "你好"))
    await asyncio.gather(*(house.chat.answer(message(n, text)) for n, text in enumerate(["同意", "同意", "同意"], 1)))
    data = await house.chat.answer(message(9, "帮助"))
    assert templates(data) == ["help/hukou_kind", "ask/hukou_kind"]


async def test_many_people_at_once_do_not_mix(house: House) -> None:
    people = [f"person{n}" for n in range(12)]
    await asyncio.gather(*(whole_talk(house, who) for who in people))
    assert await count(house) == len(people)
    sent = (await play(read(FOLDER / "43_language_at_once.txt"), Named(house, "another"))).sent
    assert len({one.number for one in sent}) == len({one.holder_id for one in sent}) == len(people)


async def test_the_second_with_an_id_number_is_marked_for_the_reviewer_alone(house: House) -> None:
    first = await whole_talk(house, "one")
    second = await whole_talk(house, "two")
    assert (first.already_registered, second.already_registered) == (False, True)
    assert first.holder_id != second.holder_id


async def test_without_consent_only_that_fact_is_kept(house: House) -> None:
    await house.chat.answer(message(1, "你好"))
    await house.chat.answer(message(2, "不同意"))
    kept = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert kept is not None
    assert (dict(kept.answers), kept.draft, kept.consent, kept.status) == ({}, "", "", "ended")


async def test_consent_is_kept_with_the_version_of_its_text(house: House) -> None:
    sent = await whole_talk(house)
    assert sent.consent == house.chat.office.consent_version
    assert sent.consented_at >= NOW
    changed = replace(house.chat.office, consent_version="another")
    chat = replace(house.chat, office=changed)
    assert templates(await chat.answer(message("x", "变更登记"))) == ["ask/consent"]


async def test_a_form_that_lost_a_question_asks_what_is_missing(house: House) -> None:
    for number, text in enumerate(["你好", "同意", "外地"]):
        await house.chat.answer(message(number, text))

    def forget(unit: object) -> None:
        found = conversations.lock(unit, "engine", "me")  # type: ignore[arg-type]  # a Unit
        assert found is not None
        conversations.save(unit, replace(found, asked="a_question_of_old"), NOW)  # type: ignore[arg-type]  # a Unit

    await house.database.run(forget)
    assert templates(await house.chat.answer(message(7, "什么"))) == ["ask/lodging"]


async def test_a_conversation_that_moved_on_is_not_overwritten(house: House) -> None:
    await house.chat.answer(message(1, "你好"))
    old = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    await house.chat.answer(message(2, "同意"))
    assert old is not None
    with pytest.raises(LostUpdate):
        await house.database.run(lambda unit: conversations.save(unit, old, NOW))


async def test_unfollowing_erases_the_account_and_keeps_the_registration(house: House) -> None:
    sent = await whole_talk(house)
    await house.chat.answer(message("x", "家人"))
    await house.chat.answer(message("bye", kind="unfollow"))
    await house.chat.answer(message("bye2", kind="unfollow"))
    assert await house.database.read(lambda unit: conversations.find(unit, "engine", "me")) is None
    assert await count(house) == 1
    ended = await house.database.read(lambda unit: submissions.wechat_ended_on(unit, sent.holder_id))
    assert str(ended) == "2026-11-24"
    assert templates(await house.chat.answer(message("new", "你好"))) == ["ask/consent"]


async def test_a_code_of_the_counter_links_a_new_account(house: House) -> None:
    sent = await whole_talk(house)
    assert await house.database.run(lambda unit: code_for_receipt(unit, "no-such-number", NOW)) is None
    code = await house.database.run(lambda unit: code_for_receipt(unit, sent.number, NOW))
    linked = await house.chat.answer(message(1, f"link {code}", who="new"))
    assert templates(linked) == ["say/linked"]
    spent = await house.chat.answer(message(1, f"link {code}", who="third"))
    assert templates(spent) == ["say/link_wrong"]
    back = await house.chat.answer(message(2, "你好", who="new"))
    assert templates(back) == ["say/welcome_back"]


async def test_a_code_is_too_old_after_its_time(house: House) -> None:
    sent = await whole_talk(house)
    code = await house.database.run(lambda unit: code_for_receipt(unit, sent.number, NOW - CODE_LASTS))
    assert templates(await house.chat.answer(message(1, str(code), who="new"))) == ["say/link_wrong"]


async def test_codes_can_not_be_guessed(house: House) -> None:
    for number in range(OWN_TRIES):
        answer = await house.chat.answer(message(number, "link 000000", who="thief"))
        assert templates(answer) == ["say/link_wrong"]
    sent = await whole_talk(house)
    code = await house.database.run(lambda unit: code_for_receipt(unit, sent.number, NOW))
    assert templates(await house.chat.answer(message(9, f"link {code}", who="thief"))) == ["say/link_too_many"]
    later = message(10, f"link {code}", who="thief", received_at=NOW + timedelta(minutes=5))
    assert templates(await house.chat.answer(later)) == ["say/link_too_many"]


async def test_linking_two_registered_accounts_joins_them(house: House) -> None:
    first, second = await whole_talk(house, "one"), await whole_talk(house, "two")
    code = await house.database.run(lambda unit: code_for_receipt(unit, first.number, NOW))
    await house.chat.answer(message("l", f"link {code}", who="two"))
    mine = await house.database.read(lambda unit: submissions.of_holder(unit, first.holder_id))
    assert {one.number for one in mine} == {first.number, second.number}


async def test_my_data_shows_nothing_to_another_account(house: House) -> None:
    await whole_talk(house, "one")
    answer = await house.chat.answer(message(1, "我的资料", who="two"))
    (reply,) = answer.replies
    assert reply.template == "ask/consent"
    await house.chat.answer(message(2, "同意", who="two"))
    shown = (await house.chat.answer(message(3, "我的资料", who="two"))).replies[0]
    assert (shown.data["sent"], shown.data["draft"]) == ([], [])


async def test_commands_without_a_talk_lead_to_the_beginning(house: House) -> None:
    await whole_talk(house)
    for number, word in enumerate(["back", "skip", "keep", "edit", "continue", "start_over", "家人", "start", "变更"]):
        choice = Tap("", "", "edit:phone") if word == "edit" else None
        answer = await house.chat.answer(message(f"c{number}", "" if choice else word, choice=choice))
        assert templates(answer)[-1] in {"say/welcome_back", "ask/changed"}
    assert templates(await house.chat.answer(message("h", "stop"))) == ["say/stopped"]


async def test_help_and_stop_without_a_talk(house: House) -> None:
    await whole_talk(house)
    assert templates(await house.chat.answer(message("h", "help"))) == ["help/idle"]
    assert templates(await house.chat.answer(message("s", "stop"))) == ["say/nothing_to_stop"]


async def test_household_and_change_without_a_registration_begin_one(house: House) -> None:
    for number, who in enumerate(["a", "b"]):
        await house.chat.answer(message(0, "你好", who=who))
        await house.chat.answer(message(1, "不同意", who=who))
        answer = await house.chat.answer(message(2, ["家人登记", "变更登记"][number], who=who))
        assert templates(answer) == ["ask/consent"]


async def test_more_without_anything_said_before_begins(house: House) -> None:
    assert templates(await house.chat.answer(message(1, "more"))) == ["ask/consent"]


async def test_files_outside_the_paper_question_are_not_kept(house: House) -> None:
    await house.chat.answer(message(1, "你好"))
    answer = await house.chat.answer(message(2, files=(Attachment("image", "media"),)))
    assert templates(answer) == ["invalid/photo_not_expected", "ask/consent"]


async def test_ones_own_change_renews_the_person_and_another_accounts_does_not(house: House) -> None:
    first = await whole_talk(house, "one")
    await whole_talk(house, "two")

    def phone(unit: Unit) -> str:
        return str(submissions.person(unit, first.answers["id_number"].value)["phone"])

    assert await house.database.read(phone) == "+8613812345678"
    for number, words in enumerate(["变更登记", "换手机号", "13700001111"]):
        await house.chat.answer(message(f"c{number}", words, who="one"))
    changed = await house.chat.answer(message("send", "提交", who="one"))
    assert templates(changed) == ["say/receipt"]
    assert await house.database.read(phone) == "+8613700001111"
    newest = (await house.database.read(lambda unit: submissions.of_holder(unit, first.holder_id)))[0]
    assert not newest.already_registered


@pytest.mark.parametrize(("channel", "only_here"), [("web", True), ("wechat", False)])
async def test_who_has_only_the_web_page_is_asked_to_link_another_account(
    house: House, channel: str, only_here: bool
) -> None:
    texts = typed()
    for number, words in enumerate(texts):
        last = await house.chat.answer(replace(message(number, words), channel=channel))
    assert last.replies[0].data["only_here"] == only_here
