"""Who can be told something unasked: windows that a platform opens, and what waited for the person."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers.messages import Incoming
from storage import deliveries
from storage.records import Conversation
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Window:
    """What a platform allows after something the person did: so many messages, for so long."""

    messages: int
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Windows:
    """A platform's windows, by what opened them: words or files, a tap, following, scanning a code."""

    message: Window
    tap: Window
    follow: Window
    scan: Window

    def opened_by(self, incoming: Incoming) -> Window:
        """The window that a message opens."""
        if incoming.kind == "follow":
            return self.follow
        if incoming.kind == "scan":
            return self.scan
        return self.message if incoming.choice is None else self.tap


def heard_from(conversation: Conversation, incoming: Incoming, unit: Unit, windows: Windows | None) -> Conversation:
    """The account is reachable again: its window is open, and what waited for it may go."""
    if conversation.held:
        deliveries.release(unit, conversation.id, incoming.received_at)
    is_news = conversation.held or conversation.reach != "reachable"
    heard = replace(conversation, reach="reachable", held=False) if is_news else conversation
    return heard if windows is None else _with_window(heard, windows.opened_by(incoming), incoming.received_at)


def _with_window(conversation: Conversation, opened: Window, now: datetime) -> Conversation:
    """The better of the open window and the new one. Whether they add up isn't documented, so they don't."""
    until, left = conversation.window_until, conversation.window_left
    if until is not None and until > now + opened.lasts and left >= opened.messages:
        return conversation
    if opened.messages < left and until is not None and until > now:
        return conversation
    return replace(conversation, window_left=opened.messages, window_until=now + opened.lasts)
