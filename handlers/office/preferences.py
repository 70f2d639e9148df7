"""What people want to hear unasked: kinds of message that they turn off and on."""

from datetime import timedelta

from handlers.messages import Choice, Reply, control
from handlers.visit import Visit
from storage import accounts, conversations, law_counts, readings, topics

TOPICS = ("legal", "news")
JUST = timedelta(days=7)
REACHING = ("wechat", "telegram")  # channels that tell people things while they are away


def shown(visit: Visit) -> Reply:
    """Which kinds are on and off, each with its switch. Deadlines of one's own and answers stay on."""
    off = topics.off(visit.unit, visit.conversation.id)
    switches = tuple(Choice(f"topics:{topic}", codes="commands", role="control") for topic in TOPICS)
    on = {topic: topic not in off for topic in TOPICS}
    first, others = _channels(visit)
    prefer = tuple(Choice(f"prefer:{channel}", codes="commands", role="control") for channel in others)
    return Reply("say/topics", {"on": on, "first": first if others else ""}, (*switches, *prefer))


def switch(visit: Visit, topic: str) -> Reply:
    """Turn one kind off, or on again."""
    if not topics.turn_off(visit.unit, visit.conversation.id, topic):
        topics.turn_on(visit.unit, visit.conversation.id, topic)
    return shown(visit)


def no_notices(visit: Visit) -> Reply:
    """One word turns notices about the law off; said again, they stay off."""
    if topics.turn_off(visit.unit, visit.conversation.id, "legal"):
        law_counts.count(visit.unit, visit.context.today, "stopped")
    again = Choice("topics:legal", codes="commands", role="control")
    return Reply(
        "say/notices_off", {}, (again, control("topics"), *((control("continue"),) if visit.is_talking else ()))
    )


def has_just_been_told(visit: Visit) -> bool:
    """Whether a notice came unasked in the last days, so that a bare `stop` is meant for it."""
    mine = readings.accounts(visit.unit, visit.conversation.id, visit.conversation.holder_id)
    pushed_at = readings.last_pushed_at(visit.unit, mine)
    return (
        pushed_at is not None
        and visit.now - pushed_at < JUST
        and not topics.is_off(visit.unit, visit.conversation.id, "legal")
    )


def prefer(visit: Visit, channel: str) -> Reply:
    """Write to the person on that channel first, if they have linked an account there."""
    if channel in _linked(visit):
        accounts.prefer(visit.unit, visit.conversation.holder_id, channel)
    return shown(visit)


def _channels(visit: Visit) -> tuple[str, tuple[str, ...]]:
    """Where the person is told things first, and where else they could be."""
    linked = _linked(visit)
    first = linked[0] if linked else ""
    return first, tuple(channel for channel in REACHING if channel in linked and channel != first)


def _linked(visit: Visit) -> list[str]:
    """The channels of the person's accounts that tell them things, the one told first at the beginning."""
    holder = visit.conversation.holder_id
    theirs = conversations.of_holder(visit.unit, holder) if holder else ()
    reachable = [account.channel for account in theirs if account.reach == "reachable"]
    return [channel for channel in dict.fromkeys(reachable) if channel in REACHING]
