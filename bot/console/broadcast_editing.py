"""Writing a broadcast: its form, saved with its file and list in one go; and its preview while it is typed."""

import secrets
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from bot.console import broadcast_forms
from bot.console.broadcast_forms import Trouble, Typed
from bot.console.broadcasts import PATH, UNPROCESSABLE, preview_of, publisher_of, wanted
from bot.console.errand import Errand, NotHere
from bot.console.queue import TalkWords, digits
from bot.papers import Paper, Refused, clean
from bot.places import check
from handlers.office.broadcasts import deciding, states
from handlers.office.broadcasts.deciding import Outcome
from handlers.office.rights import scope
from storage import broadcast_parts, broadcast_people, broadcasts
from storage.audiences import Audience
from storage.broadcasts import Broadcast
from storage.unit import Unit

LARGEST = 12 * 1024 * 1024  # of a form with its file
NAME = 60
AT_ONCE = 500
MOST_UNKNOWN = 20
EARLIER = 30


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that was cleaned and is to be kept, under a name people see."""

    paper: Paper
    name: str
    code: str


async def ask(errand: Errand) -> Response:
    """The form as it was saved last."""
    found = await wanted(errand)
    if found.state not in states.EDITABLE:
        return errand.go(f"{PATH}/{found.id}?problem=moved_on")
    chosen = digits(errand.request.query_params.get("audience", ""))
    typed = broadcast_forms.shown(errand, found)
    if chosen:
        typed = replace(typed, broadcast=replace(found, audience=await _saved(errand, chosen, found.audience)))
    return await _form(errand, found, typed)


async def save(errand: Errand) -> Response:
    """Keep it; where something is wrong, everything stays in the form and the place of each mistake is told."""
    found = await wanted(errand)
    typed = await broadcast_forms.typed(errand, found)
    attached, refused = await _attached(errand)
    troubles = [*typed.troubles, *([Trouble("file", refused)] if refused else [])]
    if troubles:
        return await _form(errand, found, replace(typed, troubles=troubles), status=UNPROCESSABLE)
    outcome, unknown = await _keep(errand, found, typed, attached)
    if outcome == "gone":
        raise NotHere
    if outcome == "moved_on":
        return await _form(errand, found, typed, problem="moved_on", status=UNPROCESSABLE)
    if unknown:
        return await _form(
            errand, await wanted(errand), broadcast_forms.shown(errand, await wanted(errand)), unknown=unknown
        )
    name = errand.field("keep_as")[:NAME]
    if name:
        await errand.run(lambda unit: _keep_audience(unit, errand, name, typed.broadcast.audience))
    return errand.go(f"{PATH}/{found.id}?done=saved")


async def preview(errand: Errand) -> Response:
    """What was typed so far as each channel will show it, or where the first mistake is; nothing is kept."""
    found = await wanted(errand)
    typed = await broadcast_forms.typed(errand, found)
    return errand.page("_cast_preview", **_preview(errand, typed.broadcast))


async def forget_audience(errand: Errand) -> Response:
    """A saved audience that nobody wants any more."""
    number, areas = digits(errand.field("audience")), scope(errand.member, errand.areas)
    await errand.run(lambda unit: broadcast_parts.forget_audience(unit, number, areas))
    return errand.go(f"{PATH}?done=saved")


async def _form(
    errand: Errand,
    found: Broadcast,
    typed: Typed,
    *,
    problem: str = "",
    unknown: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    areas = scope(errand.member, errand.areas)
    saved, before, listed = await errand.read(
        lambda unit: (
            broadcast_parts.saved_audiences(unit, areas),
            broadcasts.listed(unit, areas, 0, EARLIER),
            broadcast_people.listed(unit, found.id),
        )
    )
    written, tongues = typed.broadcast.content.texts, errand.desk.house.words.languages
    texts = {code: str(errand.fields.get(f"text.{code}", written.get(code, ""))) for code in tongues}
    return errand.page(
        "broadcast_edit",
        status,
        cast=found,
        typed=typed,
        texts=texts,
        problem=problem,
        unknown=unknown[:MOST_UNKNOWN],
        many_unknown=len(unknown),
        saved=saved,
        earlier=[one for one in before if one.total],
        listed=listed,
        numbers=errand.field("numbers") if status != 200 else "",  # noqa: PLR2004 -- a status of HTTP
        words=TalkWords(errand),
        **broadcast_forms.lists(errand),
        **_preview(errand, typed.broadcast),
    )


def _preview(errand: Errand, written: Broadcast) -> dict[str, Any]:
    tongues = errand.desk.house.words.languages
    texts = written.content.texts
    return {
        "previews": {code: preview_of(errand, written.content, code, written.area) for code in texts},
        "faults": {code: fault for code, text in texts.items() if (fault := check(text)) is not None},
        "missing": [code for code in tongues if code not in texts],
    }


async def _attached(errand: Errand) -> tuple[Attached | None, str]:
    """The file that was chosen, made fit for keeping; and why not, where it can't be."""
    file = errand.fields.get("file")
    if not isinstance(file, UploadFile):
        return None, ""
    cleaned = await clean(await file.read())
    if isinstance(cleaned, Refused):
        return None, cleaned.reason
    ending = "pdf" if cleaned.content_type == "application/pdf" else "jpg"
    stem = (file.filename or "").replace("\\", "/").rpartition("/")[2].rpartition(".")[0].strip()[:NAME]
    return Attached(cleaned, f"{stem or 'anju'}.{ending}", secrets.token_urlsafe(16)), ""


async def _keep(
    errand: Errand, found: Broadcast, typed: Typed, attached: Attached | None
) -> tuple[Outcome, tuple[str, ...]]:
    by, version = publisher_of(errand), digits(errand.field("version"))
    changed = await _with_known_earlier(errand, typed.broadcast)
    if attached is not None:
        content = replace(changed.content, file=attached.code, file_name=attached.name)
        changed = replace(changed, content=content)

    def write(unit: Unit) -> tuple[Outcome, tuple[str, ...]]:
        parts = attached is not None or bool(typed.numbers)
        outcome = deciding.edit(unit, by, found.id, version, changed, errand.now, parts=parts)
        if outcome != "done":
            return outcome, ()
        _keep_file(unit, errand, found, changed, attached)
        return outcome, _keep_list(unit, errand, found, typed, changed)

    return await errand.run(write)


def _keep_file(unit: Unit, errand: Errand, found: Broadcast, changed: Broadcast, attached: Attached | None) -> None:
    if attached is not None:
        paper = attached.paper
        broadcast_parts.attach(
            unit, found.id, attached.code, attached.name, paper.content, paper.content_type, errand.now
        )
    elif not changed.content.file:
        broadcast_parts.detach(unit, found.id)


def _keep_list(unit: Unit, errand: Errand, found: Broadcast, typed: Typed, changed: Broadcast) -> tuple[str, ...]:
    """The numbers that are not there."""
    if not changed.audience.listed or typed.numbers:
        broadcast_people.drop_list(unit, found.id)
    areas, unknown = scope(errand.member, errand.areas), []
    for first in range(0, len(typed.numbers), AT_ONCE):
        some = typed.numbers[first : first + AT_ONCE]
        unknown += broadcast_people.list_numbers(unit, found.id, some, areas)
    return tuple(unknown)


def _keep_audience(unit: Unit, errand: Errand, name: str, audience: Audience) -> None:
    kept = replace(audience, listed=False)
    broadcast_parts.save_audience(unit, errand.member.area, errand.member.code, name, kept, errand.now)


async def _with_known_earlier(errand: Errand, changed: Broadcast) -> Broadcast:
    """One may look only at answers to broadcasts that one may see."""
    by, earlier = publisher_of(errand), changed.audience.earlier
    seen = await errand.read(lambda unit: deciding.look(unit, by, earlier)) if earlier else None
    return changed if seen is not None else replace(changed, audience=replace(changed.audience, earlier=0, said=""))


async def _saved(errand: Errand, number: int, otherwise: Audience) -> Audience:
    areas = scope(errand.member, errand.areas)
    saved = await errand.read(lambda unit: broadcast_parts.saved_audiences(unit, areas))
    return next((one.audience for one in saved if one.id == number), otherwise)
