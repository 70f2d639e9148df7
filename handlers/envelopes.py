"""An incoming message as JSON values, for keeping until it can be answered."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from handlers.messages import Attachment, Contact, Incoming, Place, Tap


def packed(incoming: Incoming) -> dict[str, Any]:
    """The message as JSON values."""
    return asdict(incoming) | {"received_at": incoming.received_at.isoformat()}


def unpacked(data: dict[str, Any]) -> Incoming:
    """A kept message."""
    return Incoming(
        **data
        | {
            "received_at": datetime.fromisoformat(data["received_at"]),
            "choice": Tap(**data["choice"]) if data["choice"] else None,
            "place": Place(**data["place"]) if data["place"] else None,
            "contact": Contact(**data["contact"]) if data["contact"] else None,
            "files": tuple(Attachment(**file) for file in data["files"]),
        }
    )
