"""What WeChat tells of messages it had taken, and of notifications that people agree to (document: event push)."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.channels.wechat.ways import REFUSED
from handlers.office.reports import Agreed, Declined, Delivered, MassEnded, Report, Undelivered

Elements = Mapping[str, str]
Rows = Sequence[Elements]
Lasting = Callable[[str], bool]

SUCCESS, BLOCKED, ACCEPT = "success", "failed:user block", "accept"
NOT_DELIVERED = "the platform could not deliver it"


def read(elements: Elements, rows: Rows, lasting: Lasting) -> Sequence[Report] | None:
    """The reports of an event; None for what is none. `lasting`: whether a template is agreed to for good."""
    event = EVENTS.get(elements.get("Event", "").lower())
    return None if event is None else tuple(event(elements, rows, lasting))


def _template(elements: Elements, rows: Rows, lasting: Lasting) -> Iterator[Report]:
    number, status = elements.get("MsgID", ""), elements.get("Status", "").strip().lower()
    if status == SUCCESS:
        yield Delivered(number)
    elif status == BLOCKED:
        yield Undelivered(number, "template messages are refused", REFUSED)
    else:
        yield Undelivered(number, NOT_DELIVERED)


def _mass(elements: Elements, rows: Rows, lasting: Lasting) -> Iterator[Report]:
    """`send success`, `send fail`, `err(10001)` and the like: refused by the platform's review."""
    sent = elements.get("Status", "").replace(" ", "").lower() == "sendsuccess"
    state, reason = ("sent", "mass; counts only") if sent else ("failed", "the platform's review refused it")
    yield MassEnded(elements.get("MsgID", ""), state, reason)


def _sent(elements: Elements, rows: Rows, lasting: Lasting) -> Iterator[Report]:
    for row in rows:
        template = row.get("TemplateId", "")
        yield Delivered(template) if row.get("ErrorCode") == "0" else Undelivered(template, NOT_DELIVERED)


def _choices(elements: Elements, rows: Rows, lasting: Lasting) -> Iterator[Report]:
    """What was ticked in a page's dialogue, or turned off later in the account's settings."""
    for row in rows:
        template, accepts = row.get("TemplateId", ""), row.get("SubscribeStatusString", "").lower() == ACCEPT
        yield Agreed(template, lasting(template)) if accepts else Declined(template)


EVENTS: Mapping[str, Callable[[Elements, Rows, Lasting], Iterator[Report]]] = {
    "templatesendjobfinish": _template,
    "masssendjobfinish": _mass,
    "subscribe_msg_sent_event": _sent,
    "subscribe_msg_popup_event": _choices,
    "subscribe_msg_change_event": _choices,
}
