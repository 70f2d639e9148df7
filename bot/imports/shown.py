"""A list that was handed in, as pages show it: to its sender, and to the staff who brought it."""

from typing import Any
from zoneinfo import ZoneInfo

from bot.render import Words
from storage.imports import Import


def shown(words: Words, zone: ZoneInfo, language: str, one: Import) -> dict[str, Any]:
    """A list as a page tells it: how it stands, how far it is, and what can be done."""
    said = words.table(language, "import_page")
    numbers = {"n": one.total, "good": one.good, "bad": one.bad, "known": one.known}
    local = one.created_at.astimezone(zone)
    return {
        "number": one.id,
        "state": one.state,
        "stands": words.label(language, "import_states", one.state),
        "what": words.label(language, "import_kinds", one.kind) if one.kind else "",
        "at": f"{local:%Y-%m-%d %H:%M}",
        "rows": said["rows"].format(**numbers) if one.total else "",
        "progress": said["progress"].format(n=one.taken) if one.state in {"taking", "done"} else "",
        "most": max(one.good if one.state == "taking" else one.total, 1),
        "value": one.reached if one.state == "taking" else one.total,
        "take": said["take"].format(n=one.good) if one.state == "checked" and one.good else "",
        "may_cancel": one.state in {"waiting", "checking", "checked"},
        "faults": one.bad and one.state in {"checked", "taking", "done"},
        "links": said.get(f"links_{one.kind}", "") if one.taken and one.state in {"taking", "done"} else "",
        "reason": words.say(language, f"invalid/{one.reason}") if one.state == "refused" else "",
        "kind": one.kind,
    }
