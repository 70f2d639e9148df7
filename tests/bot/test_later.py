"""What happens after the answer: put-off messages, files that are fetched, what is erased; on both databases."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from prometheus_client import REGISTRY
from sqlalchemy import Update, select, text, update
from structlog.testing import capture_logs

from bot.channels.channel import FetchFailed
from bot.delivery import Sender
from bot.house import House
from bot.media import ATTEMPTS as FETCHES
from bot.media import LONGEST_PAUSE, Fetcher
from bot.postponed import Answerer
from bot.purge import Purger
from handlers.messages import Attachment, Incoming
from storage import conversations, leases, papers, tables
from storage.retention import LOOSE_PAPERS
from storage.unit import Unit
from tests.bot.stations import Station, make_due, message
from tests.talks import typed as typed_talk
from tests.talks.typed import typed

BEFORE_PAPERS = typed(typed_talk.BEFORE_PAPERS)


async def test_a_message_put_off_is_answered_through_the_outbox_once(house: House) -> None:
    assert await house.chat.postpone(message(1, "你好"))
    await house.chat.postpone(message(1, "你好"))
    assert await Answerer(house.chat).answer_due() == 1
    assert await Answerer(house.chat).answer_due() == 0
    station = Station()
    await Sender(house.database, house.words, {"engine": station}).send_due()
    assert len(station.said) == 1


async def test_a_message_put_off_that_was_answered_meanwhile_is_the_same_answer(house: House) -> None:
    await house.chat.postpone(message(1, "你好"))
    answered = await house.chat.answer(message(1, "你好"))
    await house.chat.deliver_later(answered)
    await Answerer(house.chat).answer_due()
    station = Station()
    await Sender(house.database, house.words, {"engine": station}).send_due()
    assert len(station.said) == 1


def photo() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(output, "JPEG")
    return output.getvalue()


async def paper_talk(house: House) -> tuple[Station, Fetcher]:
    for number, words in enumerate(BEFORE_PAPERS):
        await house.chat.answer(message(number, words))
    station = Station(media={"media-1": photo()})
    return station, Fetcher(house.database, {"engine": station})


async def own_files(house: House) -> list[str]:
    kept = await house.database.read(lambda unit: conversations.find(unit, "engine", "me"))
    assert kept is not None
    answer = kept.answers.get("paper_identity")
    return list(answer.value["files"]) if answer else []


async def test_a_photo_is_fetched_cleaned_and_kept(house: House) -> None:
    _, fetcher = await paper_talk(house)
    await house.chat.answer(message("p", files=(Attachment("image", "media-1"),)))
    (file_id,) = await own_files(house)
    assert await fetcher.fetch_due() == 1
    assert await fetcher.fetch_due() == 0
    kept = await house.database.read(lambda unit: papers.content(unit, file_id))
    assert kept is not None
    assert kept.startswith(b"\xff\xd8\xff")


async def test_a_fetch_that_may_work_later_is_tried_again(house: House) -> None:
    station, fetcher = await paper_talk(house)
    await house.chat.answer(message("p", files=(Attachment("image", "media-1"),)))
    station.failures = [FetchFailed(retryable=True), RuntimeError("a fault of ours")]
    for _ in range(3):
        await fetcher.fetch_due()
        await make_due(house)
    (file_id,) = await own_files(house)
    found = await house.database.read(lambda unit: papers.get(unit, file_id))
    assert found is not None
    assert found.state == "stored"


@pytest.mark.parametrize(
    ("media", "failures", "reason"),
    [
        (b"MZ no picture", [], "file_kind"),
        (b"", [FetchFailed(retryable=False)], "file_not_fetched"),
        (b"", [FetchFailed(retryable=True)] * FETCHES, "file_not_fetched"),
    ],
)
async def test_a_file_that_can_not_be_used_is_asked_for_again(
    house: House, media: bytes, failures: list[Exception], reason: str
) -> None:
    station, fetcher = await paper_talk(house)
    station.media["media-1"], station.failures = media, list(failures)
    await house.chat.answer(message("p", files=(Attachment("image", "media-1"),)))
    for _ in range(FETCHES):
        await fetcher.fetch_due()
        await make_due(house)
    assert await own_files(house) == []
    await Sender(house.database, house.words, {"engine": station}).send_due()
    assert station.said == [("me", house.words.say("zh", "say/paper_refused", reason=reason, step="paper_identity"))]


def passed_over() -> float:
    return REGISTRY.get_sample_value("anju_passed_over_total", {"part": "papers"}) or 0.0


async def spoil(house: House, change: Update) -> None:
    """What was sealed can't be opened any more, as after the loss of a key."""
    await house.database.run(lambda unit: unit.execute(change).close())


async def files(house: House) -> list[Any]:
    """Every file, the oldest first."""
    oldest = select(tables.files).order_by(tables.files.c.created_at)
    return list(await house.database.read(lambda unit: unit.execute(oldest).all()))


async def test_a_file_whose_reference_cant_be_opened_holds_up_no_other_and_is_asked_for_again(house: House) -> None:
    station, fetcher = await paper_talk(house)
    station.media["media-2"] = photo()
    for name in ("media-1", "media-2"):
        await house.chat.answer(message(name, files=(Attachment("image", name),)))
    first = (await files(house))[0].id
    broken = update(tables.files).where(tables.files.c.id == first).values(reference_sealed=b"not what was sealed")
    await spoil(house, broken)
    before = passed_over()
    with capture_logs() as told:
        assert await fetcher.fetch_due() == 2
    assert [row.state for row in await files(house)] == ["waiting", "stored"]
    assert [line["file"] for line in told if line["event"] == "passed over"] == [first]
    assert await fetcher.fetch_due() == 0, "it waits a while before it is tried again"
    for _ in range(FETCHES - 1):
        await make_due(house)
        assert await fetcher.fetch_due() == 1
    assert [(row.state, row.reason) for row in await files(house)] == [("refused", "file_not_fetched"), ("stored", "")]
    assert passed_over() - before == FETCHES
    assert len(await own_files(house)) == 1
    await Sender(house.database, house.words, {"engine": station}).send_due()
    refused = house.words.say("zh", "say/paper_refused", reason="file_not_fetched", step="paper_identity")
    assert station.said == [("me", refused)]


async def test_a_file_that_cant_be_refused_holds_up_no_other_however_often_it_was_tried(house: House) -> None:
    station, fetcher = await paper_talk(house)
    station.media["media-2"] = b"MZ no picture"
    for number, words in enumerate(BEFORE_PAPERS):
        await house.chat.answer(Incoming("engine", "other", f"m{number}", datetime.now(UTC), text=words))
    sent = (Attachment("image", "media-2"),)
    await house.chat.answer(Incoming("engine", "other", "p", datetime.now(UTC), files=sent))
    await house.chat.answer(message("p", files=(Attachment("image", "media-1"),)))
    theirs = (await files(house))[0]
    talks = tables.conversations
    broken = update(talks).where(talks.c.id == theirs.conversation_id).values(state_sealed=b"not what was sealed")
    await spoil(house, broken)
    often = update(tables.files).where(tables.files.c.id == theirs.id).values(attempts=32_767)
    await spoil(house, often)
    assert await fetcher.fetch_due() == 2
    found = await files(house)
    assert [row.state for row in found] == ["waiting", "stored"]
    assert found[0].attempts == papers.MOST_ATTEMPTS
    pause = found[0].due_at - datetime.now(UTC)
    assert timedelta(minutes=4) < pause <= LONGEST_PAUSE < leases.WRONG
    assert await fetcher.fetch_due() == 0


async def test_of_several_files_only_the_bad_one_leaves_the_talk(house: House) -> None:
    station, fetcher = await paper_talk(house)
    station.media["media-2"] = b"MZ no picture"
    for name in ("media-1", "media-2"):
        await house.chat.answer(message(name, files=(Attachment("image", name),)))
    for _ in range(2):
        await fetcher.fetch_due()
    assert len(await own_files(house)) == 1


async def test_an_uploaded_file_counts_only_in_its_own_talk(house: House) -> None:
    await paper_talk(house)
    outcome, file_id = await house.chat.keep_file("engine", "me", photo())
    assert outcome == "stored"
    for who, number in (("me", 1), ("other", 0)):
        if who == "other":
            for n, words in enumerate(BEFORE_PAPERS):
                await house.chat.answer(Incoming("engine", who, f"m{n}", datetime.now(UTC), text=words))
        stolen = Attachment("image", f"stored:{file_id}")
        await house.chat.answer(Incoming("engine", who, "photo", datetime.now(UTC), files=(stolen,)))
        kept = await house.database.read(lambda unit, who=who: conversations.find(unit, "engine", who))  # type: ignore[misc]
        assert kept is not None
        answer = kept.answers.get("paper_identity")
        assert (len(answer.value["files"]) if answer else 0) == number


async def test_uploads_outside_a_talk_or_of_a_wrong_kind_are_refused(house: House) -> None:
    assert await house.chat.keep_file("engine", "stranger", photo()) == ("refused", "file_not_expected")
    assert await house.chat.keep_file("engine", "stranger", b"MZ") == ("refused", "file_kind")


async def test_papers_are_erased_some_days_after_the_decision(house: House) -> None:
    _, fetcher = await paper_talk(house)
    await house.chat.answer(message("p", files=(Attachment("image", "media-1"),)))
    await fetcher.fetch_due()
    for number, words in enumerate(["发完了", "以后"]):
        await house.chat.answer(message(f"d{number}", words))
    receipt = await house.chat.answer(message("s", "提交"))
    assert receipt.replies[0].template == "say/receipt"

    def files(unit: Unit) -> int:
        return int(unit.connection.execute(text("SELECT count(*) FROM files")).scalar_one())

    def decide(unit: Unit) -> None:
        ago = datetime.now(UTC) - timedelta(days=31)
        unit.connection.execute(text("UPDATE submissions SET decided_at = :ago"), {"ago": ago.replace(tzinfo=None)})

    purger = Purger(house.database, house.settings)
    await purger.purge()
    assert await house.database.read(files) == 1
    await house.database.run(decide)
    await purger.purge()
    assert await house.database.read(files) == 0


async def test_papers_of_an_abandoned_talk_are_erased_too(house: House) -> None:
    await paper_talk(house)
    await house.chat.answer(message("p", files=(Attachment("image", "media-1"),)))
    now = datetime.now(UTC)
    assert await house.database.run(lambda unit: LOOSE_PAPERS.erase(unit, now - timedelta(days=90), 9)) == 0
    assert await house.database.run(lambda unit: LOOSE_PAPERS.erase(unit, now + timedelta(days=1), 9)) == 1


async def test_old_message_ids_are_forgotten(house: House) -> None:
    await house.chat.answer(message(1, "你好"))
    now = datetime.now(UTC)
    assert await house.database.run(lambda unit: conversations.prune(unit, now - timedelta(days=30))) == 0
    assert await house.database.run(lambda unit: conversations.prune(unit, now + timedelta(days=1))) == 1


async def test_a_new_address_of_the_platform_keeps_the_talk(house: House) -> None:
    for number, words in enumerate(BEFORE_PAPERS[:3]):
        await house.chat.answer(message(number, words))
    await house.chat.moved("engine", "me", "me-2")
    await house.chat.moved("engine", "nobody", "me-3")
    moved = await house.chat.answer(Incoming("engine", "me-2", "n1", datetime.now(UTC), text="1"))
    assert [reply.template for reply in moved.replies] == ["ask/stay_length"]
