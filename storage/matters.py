"""Answers, and what a talk is about, as JSON values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from storage.records import Answer, Ask, Matter, Talk


def packed(answers: Mapping[str, Answer]) -> dict[str, Any]:
    """Answers as JSON values."""
    return {name: packed_answer(answer) for name, answer in answers.items()}


def unpacked(data: Mapping[str, Any]) -> dict[str, Answer]:
    """Answers from JSON values."""
    return {name: Answer(*parts) for name, parts in data.items()}


def packed_answer(answer: Answer) -> list[Any]:
    """One answer as JSON values."""
    return [answer.kind, answer.value, answer.source]


def packed_asks(asks: Mapping[str, Ask]) -> dict[str, Any]:
    """What the office asks again as JSON values."""
    return {step: [ask.reason, ask.words] for step, ask in asks.items()}


def unpacked_asks(data: Mapping[str, Any]) -> dict[str, Ask]:
    """What the office asks again from JSON values."""
    return {step: Ask(*parts) for step, parts in data.items()}


def packed_matter(matter: Matter) -> dict[str, Any] | None:
    """A matter as JSON values; None for no matter."""
    if matter == Matter():
        return None
    return {
        "number": matter.number,
        "asks": packed_asks(matter.asks),
        "before": packed(matter.before),
        "trail": matter.trail,
    }


def unpacked_matter(data: Mapping[str, Any] | None) -> Matter:
    """A matter from JSON values."""
    if data is None:
        return Matter()
    return Matter(
        number=data["number"],
        asks=unpacked_asks(data["asks"]),
        before=unpacked(data["before"]),
        trail=tuple(data["trail"]),
    )


def packed_talk(talk: Talk) -> dict[str, Any]:
    """A talk put aside as JSON values."""
    return {
        "form": talk.form,
        "asked": talk.asked,
        "status": talk.status,
        "answers": packed(talk.answers),
        "draft": talk.draft,
        "scene": talk.scene,
        "matter": packed_matter(talk.matter),
    }


def unpacked_talk(data: Mapping[str, Any]) -> Talk:
    """A talk put aside from JSON values."""
    plain = Talk(**{**data, "answers": unpacked(data["answers"]), "matter": Matter()})
    return replace(plain, matter=unpacked_matter(data["matter"]))
