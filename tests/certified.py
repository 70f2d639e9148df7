"""A registration that was approved, and its certificate: for tests in which the talk isn't the matter."""

from datetime import UTC, datetime

from bot.house import House
from handlers.messages import Incoming
from handlers.office import certificates
from storage import conversations, submissions
from storage.certificates import Certificate
from storage.records import Submission
from tests.talks.typed import typed


async def say(house: House, number: str, words: str, who: str = "me", channel: str = "engine") -> list[str]:
    """Say something; what is answered, in words."""
    incoming = Incoming(channel, who, number, datetime.now(UTC), text=words)
    answered = await house.chat.answer(incoming)
    return [message.text for message in house.chat.messages(answered)]


async def registered(house: House, who: str = "me", **facts: str) -> Submission:
    """Somebody registers."""
    for number, words in enumerate(typed(**facts)):
        await say(house, f"{who}-{number}", words, who)
    talk = await house.database.read(lambda unit: conversations.find(unit, "engine", who))
    assert talk is not None
    return (await house.database.read(lambda unit: submissions.of_holder(unit, talk.holder_id)))[0]


async def certified(house: House, who: str = "me", **facts: str) -> tuple[Submission, Certificate]:
    """Somebody registers and the office approves."""
    sent = await registered(house, who, **facts)
    now, office = datetime.now(UTC), house.chat.office
    return sent, await house.database.run(lambda unit: certificates.issue(unit, sent, office, now))
