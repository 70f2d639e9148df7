"""Many at once, in the talk: what a list looks like, taking a file, pressing “take the good rows”, calling it off."""

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from handlers import turns
from handlers.messages import Attachment, Choice, Reply, control
from handlers.office import links, talks
from handlers.office.import_places import own
from handlers.office.imports import MOST_TOLD, acts_as, faults, where_of
from handlers.turns import Answered, Turn
from handlers.visit import Office, Visit
from storage import accounts, conversations, deliveries, imports
from storage.imports import Import, Sender
from storage.records import Conversation
from storage.unit import Unit

STORED = "stored:sheet-"
READ = (".xlsx", ".csv", ".xlsm")
SAVED_OTHERWISE = (".xls", ".et", ".ods", ".numbers", ".wps")
NO_FILES = frozenset({"wechat"})  # its people can't send a public account any document
LOOKED_AT = 20
MOST_OPEN = 10


def explained(visit: Visit) -> Reply:
    """What can be handed in as a list, with links to the templates and to a page of the sender's own."""
    takes_files = visit.incoming.channel not in NO_FILES
    data = _page(visit.unit, visit.conversation, visit.now) | {"takes_files": takes_files}
    return Reply("say/import", data, (control("my_homes"),))


def sent(visit: Visit) -> Turn | None:
    """A file that is a list is kept and checked; None for any other message."""
    found = next((file for file in visit.incoming.files if is_list(file)), None)
    if found is None:
        return None
    if visit.incoming.channel in NO_FILES:
        return talks.present(visit, explained(visit))
    if found.name.casefold().endswith(SAVED_OTHERWISE):
        return talks.present(visit, Reply("invalid/sheet_old"), explained(visit))
    return _begun(visit, found)


def is_list(file: Attachment) -> bool:
    """Whether a file is a list, by its name or because it was kept as one."""
    named = file.kind == "document" and file.name.casefold().endswith((*READ, *SAVED_OTHERWISE))
    return named or file.reference.startswith(STORED)


def command(visit: Visit, argument: str) -> Turn:
    """`import`, `import:take:12`, `import:cancel:12`, `import:report:12`; without a number the last list is meant."""
    word, _, number = argument.partition(":")
    if word not in WORDS:
        return talks.present(visit, explained(visit))
    one = _meant(visit, number)
    if one is None:
        return talks.present(visit, Reply("say/import_none", {}, (control("import"),)))
    return WORDS[word](visit, one)


def begin(unit: Unit, sender: Sender, now: datetime, reference: str = "") -> int | None:
    """Note a list that comes in; None where the sender has too many that nothing became of yet."""
    return None if imports.count_open(unit, sender) >= MOST_OPEN else imports.begin(unit, sender, now, reference)


def accept(unit: Unit, one: Import, conversation: Conversation, now: datetime) -> Conversation | None:
    """The sender wants the good rows taken; None where that was said before, or there is nothing to take."""
    if not one.good or not imports.move(unit, one.id, ("checked",), "taking", now):
        return None
    if conversation.holder_id or one.kind != "homes":
        return conversation
    holder = secrets.token_hex(16)
    accounts.begin_holder(unit, holder, now)
    return replace(conversation, holder_id=holder)


def call_off(unit: Unit, one: Import, now: datetime) -> bool:
    """The sender doesn't want the list any more; what was taken before stays."""
    off = imports.move(unit, one.id, ("receiving", "waiting", "checking", "checked"), "cancelled", now)
    if off:
        imports.drop_pieces(unit, one.id)
        imports.drop_lines(unit, one.id)
    return off


def tell(unit: Unit, one: Import, office: Office, now: datetime) -> None:
    """Tell the sender how their list stands: checked, done, refused, or handed in before; once for each."""
    found = None if one.conversation_id is None else conversations.address_of(unit, one.conversation_id)
    conversation = conversations.find(unit, *found) if found else None
    if conversation is None:
        return
    answered = Answered(b"", conversation.id, conversation.language, (told(unit, one, conversation, office, now),))
    key = f"import:{one.id}:{one.state}"
    deliveries.enqueue(unit, key, conversation.id, turns.packed(answered), now)


def told(unit: Unit, one: Import, conversation: Conversation, office: Office, now: datetime) -> Reply:
    """How a list stands, with what can be done about it."""
    page = _page(unit, conversation, now)
    if one.state == "refused":
        return Reply("say/import_refused", page | {"reason": one.reason}, (control("import"),))
    shown = page | _numbers(one) | {"acts_as": acts_as(where_of(unit, one, office))}
    if one.state == "cancelled":
        said = "say/import_again" if one.reason == "again" else "say/import_cancelled"
        return Reply(said, shown, (control("import"),))
    if one.state == "done":
        return Reply("say/import_done", shown, (control("my_homes"), control("import")))
    if one.state != "checked":
        return Reply("say/import_under_way", shown)
    most = [asdict(fault) for fault in faults(unit, one.id)]
    data = shown | {"faults": most[:MOST_TOLD], "other": len(most) > MOST_TOLD}
    return Reply("say/import_checked", data, _choices(one))


def _choices(one: Import) -> tuple[Choice, ...]:
    words = ("take", "cancel") if one.good else ("cancel",)
    return tuple(Choice(f"import:{word}:{one.id}", codes="commands", role="control") for word in words)


def _begun(visit: Visit, file: Attachment) -> Turn:
    unit, now = visit.unit, visit.now
    if file.reference.startswith(STORED):
        number = file.reference.removeprefix(STORED)
        one = imports.get(unit, int(number)) if number.isdecimal() else None
        if one is None or one.conversation_id != visit.conversation.id:
            return talks.present(visit, Reply("invalid/sheet_broken"))
        imports.move(unit, one.id, ("receiving",), "checking", now)
    else:
        sender = Sender(visit.conversation.language, visit.conversation.id)
        if begin(unit, sender, now, file.reference) is None:
            return talks.present(visit, Reply("invalid/sheet_too_many"))
    greeted = replace(visit.conversation, status="ended") if visit.conversation.status == "new" else visit.conversation
    received = Reply("say/import_received", _page(unit, visit.conversation, now))
    return talks.present(visit.with_conversation(greeted), received)


def _take(visit: Visit, one: Import) -> Turn:
    conversation = accept(visit.unit, one, visit.conversation, visit.now)
    if conversation is None:
        return _report(visit, one)
    return talks.present(visit.with_conversation(conversation), Reply("say/import_started", _numbers(one)))


def _cancel(visit: Visit, one: Import) -> Turn:
    if not call_off(visit.unit, one, visit.now):
        return _report(visit, one)
    return talks.present(visit, Reply("say/import_cancelled", _numbers(one), (control("import"),)))


def _report(visit: Visit, one: Import) -> Turn:
    standing = imports.get(visit.unit, one.id) or one
    return talks.present(visit, told(visit.unit, standing, visit.conversation, visit.office, visit.now))


def _meant(visit: Visit, number: str) -> Import | None:
    """The list of that number, if it is the sender's; without one their newest."""
    own_lists = imports.of_conversation(visit.unit, visit.conversation.id, LOOKED_AT)
    return next((one for one in own_lists if not number or str(one.id) == number), None)


def _page(unit: Unit, conversation: Conversation, now: datetime) -> dict[str, Any]:
    """The link to a page of the sender's own, and for how long it is good."""
    token = links.token(unit.vault, links.Link("import", conversation.id), now)
    role = acts_as(own(unit, conversation.holder_id))
    return {"token": token, "hours": int(links.LASTS.total_seconds() // 3600), "acts_as": role}


def _numbers(one: Import) -> dict[str, Any]:
    left = one.good - one.taken
    counts = {"total": one.total, "good": one.good, "bad": one.bad, "known": one.known, "taken": one.taken}
    return counts | {"kind": one.kind, "list_state": one.state, "left": max(left, 0)}


WORDS: dict[str, Callable[[Visit, Import], Turn]] = {"take": _take, "cancel": _cancel, "report": _report}
