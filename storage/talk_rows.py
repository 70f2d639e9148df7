"""A conversation as a row of its table, and back: what may be read plainly, and what is sealed."""

from datetime import datetime
from typing import Any

from storage import matters
from storage.matters import packed, unpacked
from storage.records import Conversation
from storage.unit import Unit

ADDRESS = "conversations.address"
STATE = "conversations.state"


def changing(unit: Unit, conversation: Conversation, now: datetime) -> dict[str, Any]:
    """The columns that a turn may change."""
    return {
        "language": conversation.language,
        "status": conversation.status,
        "form": conversation.form,
        "asked": conversation.asked,
        "holder_id": conversation.holder_id,
        "state_sealed": unit.vault.seal_json(_state(conversation), STATE),
        "updated_at": now,
        "reach": conversation.reach,
        "held": conversation.held,
        "window_left": conversation.window_left,
        "window_until": conversation.window_until,
        "hand_over": conversation.hand_over,
    }


def address_in(unit: Unit, row: Any) -> str:
    """A row's address in the clear."""
    return unit.vault.open(row.address_sealed, ADDRESS).decode()


def _state(conversation: Conversation) -> dict[str, Any]:
    consented_at = conversation.consented_at
    return {
        "answers": packed(conversation.answers),
        "draft": conversation.draft,
        "consent": conversation.consent,
        "consented_at": consented_at.isoformat() if consented_at else None,
        "last": conversation.last_message.hex(),
        "scene": conversation.scene,
        "matter": matters.packed_matter(conversation.matter),
        "aside": [matters.packed_talk(talk) for talk in conversation.aside],
        "beside": conversation.beside,
    }


def conversation_in(unit: Unit, channel: str, address: str, row: Any) -> Conversation:
    """A row as the house knows it."""
    state = unit.vault.open_json(row.state_sealed, STATE)
    return Conversation(
        id=row.id,
        channel=channel,
        address=address,
        language=row.language,
        form=row.form,
        asked=row.asked,
        status=row.status,
        answers=unpacked(state["answers"]),
        draft=state["draft"],
        consent=state["consent"],
        consented_at=datetime.fromisoformat(state["consented_at"]) if state["consented_at"] else None,
        holder_id=row.holder_id,
        last_message=bytes.fromhex(state["last"]),
        scene=state["scene"],
        version=row.version,
        updated_at=row.updated_at,
        reach=row.reach,
        held=row.held,
        window_left=row.window_left,
        window_until=row.window_until,
        hand_over=row.hand_over,
        matter=matters.unpacked_matter(state.get("matter")),
        aside=tuple(matters.unpacked_talk(talk) for talk in state.get("aside", ())),
        beside=state.get("beside", ""),
    )
