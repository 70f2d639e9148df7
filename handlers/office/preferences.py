"""What people want to hear unasked: kinds of message that they turn off and on."""

from handlers.messages import Choice, Reply
from handlers.visit import Visit
from storage import topics

TOPICS = ("legal", "news")


def shown(visit: Visit) -> Reply:
    """Which kinds are on and off, each with its switch. Deadlines of one's own and answers stay on."""
    off = topics.off(visit.unit, visit.conversation.id)
    switches = tuple(Choice(f"topics:{topic}", codes="commands", role="control") for topic in TOPICS)
    return Reply("say/topics", {"on": {topic: topic not in off for topic in TOPICS}}, switches)


def switch(visit: Visit, topic: str) -> Reply:
    """Turn one kind off, or on again."""
    if not topics.turn_off(visit.unit, visit.conversation.id, topic):
        topics.turn_on(visit.unit, visit.conversation.id, topic)
    return shown(visit)
