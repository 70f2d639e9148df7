"""An invented office's year, for charts and exports: submissions of all kinds, talks that stopped, messages."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import update

from handlers import turns
from handlers.messages import Reply
from handlers.turns import Answered
from storage import conversations, deliveries, submissions, tables
from storage.records import Answer, State
from storage.unit import Unit
from tests.handlers.filed import blank

AREAS = ("S01-01", "S01-01", "S01-02", "S01-03", "S02-01")
ORIGINS = ("341225", "341225", "411302", "360121", "522301", "330702")
EDUCATIONS = ("70", "60", "30", "70", "20", "40", "80")
STATUSES: tuple[State, ...] = ("registered", "received", "registered", "needs_answers", "refused", "registered", "left")
CHANNELS = ("wechat", "wechat", "web", "telegram")
STOPS = ("id_number", "id_number", "phone", "address", "paper_identity", "consent", "confirm")


def one(unit: Unit, number: int, at: datetime, **answers: str | None) -> None:
    """The submission of that number: which one it is decides everything about it."""
    told = {
        "area": AREAS[number % 5],
        "area_street": AREAS[number % 5][:3],
        "id_number": f"{ORIGINS[number % 6]}{1955 + number % 55}0307{number % 10000:04}",
        "birth_date": f"{1955 + number % 55}-03-07",
        "hukou_region": ORIGINS[number % 6],
        "education": EDUCATIONS[number % 7],
        "phone": f"+8613800{number % 1000000:06}",
        **answers,
    }
    made = replace(
        blank(f"AJ{number:06}", f"holder{number}", **told),
        submitted_at=at, status=STATUSES[number % 7], channel=CHANNELS[number % 4],
    )  # fmt: skip
    kept = submissions.submit(unit, made)
    if made.status in {"registered", "refused", "left"}:
        took = timedelta(hours=5 + number * 7 % 200)
        row = tables.submissions.c
        unit.execute(update(tables.submissions).where(row.id == kept.id).values(decided_at=at + took))


def year(unit: Unit, now: datetime, number: int = 180) -> None:
    """So many submissions over the last twelve weeks, some talks that stopped, a message for each."""
    for each in range(number):
        one(unit, each, now - timedelta(days=each * each % 83, hours=each % 7))
    for each in range(number // 3):
        talk = conversations.begin(unit, CHANNELS[each % 4], f"address{each}", "zh", now)
        stopped = replace(
            talk, form="migrant", asked=STOPS[each % 7], status="active", draft=f"open{each}",
            holder_id=f"holder{each}", answers={"name": Answer("given", "李伟")},
        )  # fmt: skip
        conversations.save(unit, stopped, now - timedelta(days=2 + each % 40))
        said = turns.packed(Answered(b"", talk.id, "zh", (Reply("say/law"),)))
        terms = deliveries.Terms(("notice", "reminder")[each % 2])
        deliveries.enqueue(unit, f"notice:{each}", talk.id, said, now - timedelta(days=each % 30), terms)
        state = ("sent", "sent", "sent", "failed", "expired", "waiting")[each % 6]
        row = tables.outbox.c
        unit.execute(update(tables.outbox).where(row.once_key == f"notice:{each}").values(state=state))
