"""What one message leads to."""

from dataclasses import dataclass
from typing import Any

from handlers.messages import Choice, Reply
from storage.records import Conversation


@dataclass(frozen=True, slots=True)
class Turn:
    """A decision: the conversation as it is now, and the replies; `finished` when the form was sent.

    `page` is above 0 where the replies are the rest of what was said before.
    """

    conversation: Conversation
    replies: tuple[Reply, ...]
    finished: bool = False
    page: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What a message was answered: stored with its key, rendered in `language`.

    `page` counts how often `more` was said; page 0 shows the first part of what is long.
    `rejoined` is true where a redelivered message got the stored answer again.
    """

    key: bytes
    conversation_id: int
    language: str
    replies: tuple[Reply, ...]
    page: int = 0
    rejoined: bool = False


def packed(answered: Answered) -> dict[str, Any]:
    """An answer as JSON values, for keeping."""
    return {"language": answered.language, "page": answered.page, "replies": [_packed(r) for r in answered.replies]}


def unpacked(key: bytes, conversation_id: int, data: dict[str, Any]) -> Answered:
    """A kept answer."""
    replies = tuple(_unpacked(reply) for reply in data["replies"])
    return Answered(key, conversation_id, data["language"], replies, data["page"], rejoined=True)


def _packed(reply: Reply) -> list[Any]:
    choices = [[c.value, c.codes, c.label, c.role, c.form, c.step] for c in reply.choices]
    return [reply.template, dict(reply.data), choices, reply.short]


def _unpacked(reply: list[Any]) -> Reply:
    template, data, choices, short = reply
    return Reply(template, data, tuple(Choice(*choice) for choice in choices), short)
