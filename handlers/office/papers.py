"""Photos and PDFs in a talk: noted for fetching, replaced when they can't be used, erased in time."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from handlers import turns
from handlers.forms.entries import FORMS
from handlers.forms.papers import LEGIBLE, PAPER_STEPS
from handlers.messages import Attachment, Incoming, Reply
from handlers.turns import Answered
from handlers.visit import Visit
from storage import conversations, deliveries, papers
from storage.records import Answer, Answers, Conversation, PaperFile
from storage.unit import Unit

STORED = "stored:"
TALK = "talk"  # in place of a step: sent to the staff in a hand-over
TAKEN = frozenset({"image", "document"})


def with_kept_files(visit: Visit) -> Incoming:
    """The message with each photo or document noted in the database and named by its own id."""
    incoming = visit.incoming
    step = visit.form.step(visit.conversation.asked)
    if not incoming.files or step is None or "files" not in step.accepts:
        return incoming
    return replace(incoming, files=tuple(kept(visit, file, step.name) for file in incoming.files))


def kept(visit: Visit, file: Attachment, step: str) -> Attachment:
    """A photo or document noted in the database and named by its own id; anything else as it is."""
    return _kept(visit, file, step) if file.kind in TAKEN else file


def store(unit: Unit, channel: str, address: str, content: bytes, content_type: str, now: datetime) -> str | None:
    """Keep a cleaned file that was uploaded before its message; its id, or None where no file is asked for."""
    conversation = conversations.find(unit, channel, address)
    place = _place_for_files(conversation) if conversation is not None else ""
    if conversation is None or not place:
        return None
    file = _new(conversation, place, "stored", content_type, len(content))
    papers.store(unit, file, content, now)
    return file.id


def wants_legible(unit: Unit, channel: str, address: str) -> bool:
    """Whether the paper that is asked for now must be legible."""
    conversation = conversations.find(unit, channel, address)
    return conversation is not None and _place_for_files(conversation) in LEGIBLE


def refuse(unit: Unit, file_id: str, reason: str, now: datetime) -> None:
    """A file that can't be used leaves the draft, and the person is asked for another one."""
    file = papers.get(unit, file_id)
    if file is None or not papers.refused(unit, file_id, reason):
        return
    found = conversations.address_of(unit, file.conversation_id)
    conversation = conversations.lock(unit, *found) if found else None
    if conversation is None:
        return
    if conversation.draft:
        aside = tuple(replace(talk, answers=_without(talk.answers, file)) for talk in conversation.aside)
        conversation = replace(conversation, answers=_without(conversation.answers, file), aside=aside)
        conversations.save(unit, conversation, now)
    replies = (Reply("say/paper_refused", {"reason": reason, "step": file.step}),)
    answered = Answered(b"", conversation.id, conversation.language, replies)
    deliveries.enqueue(unit, f"paper:{file_id}", conversation.id, turns.packed(answered), now)


def attach(unit: Unit, answers: Answers, conversation_id: int, submission_id: int) -> None:
    """The papers of a talk become a submission's."""
    sent = [answers[step].value for step in PAPER_STEPS if step in answers]
    file_ids = [file_id for value in sent if value for file_id in value["files"]]
    if file_ids:
        papers.attach(unit, file_ids, conversation_id, submission_id)


def _kept(visit: Visit, file: Attachment, step: str) -> Attachment:
    if file.reference.startswith(STORED):
        return _own(visit, replace(file, reference=file.reference.removeprefix(STORED)))
    waiting = _new(visit.conversation, step, "waiting", "", file.size or 0)
    papers.expect(visit.unit, waiting, file.reference, visit.now)
    return replace(file, reference=waiting.id)


def _own(visit: Visit, file: Attachment) -> Attachment:
    """A file that was uploaded in this talk; anything else is no paper of theirs."""
    kept = papers.get(visit.unit, file.reference)
    is_own = kept is not None and kept.conversation_id == visit.conversation.id
    return file if is_own else replace(file, kind="other", reference="")


def _place_for_files(conversation: Conversation) -> str:
    """The step that takes files now, or the talk with the staff; empty where none is asked for."""
    if conversation.hand_over is not None:
        return TALK
    form = FORMS.get(conversation.form)
    step = form.step(conversation.asked) if form is not None and conversation.draft else None
    return step.name if step is not None and "files" in step.accepts else ""


def _new(conversation: Conversation, step: str, state: str, content_type: str, size: int) -> PaperFile:
    return PaperFile(secrets.token_hex(16), conversation.id, step, state, "", content_type, size)


def _without(answers: Answers, file: PaperFile) -> Mapping[str, Answer]:
    """The answers, the step's files without this one."""
    answer = answers.get(file.step)
    if answer is None or answer.value is None or file.id not in answer.value["files"]:
        return answers
    left = [file_id for file_id in answer.value["files"] if file_id != file.id]
    if not left:
        return {name: kept for name, kept in answers.items() if name != file.step}
    return {**answers, file.step: replace(answer, value={**answer.value, "files": left})}
