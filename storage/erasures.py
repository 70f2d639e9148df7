"""A submission whose person has it erased: what it said goes, its number and its way through the office stay."""

from sqlalchemy import delete, exists, select, update

from storage import history, tables
from storage.history import Mark
from storage.matters import packed
from storage.people import name_index
from storage.records import Submission
from storage.submissions import ANSWERS, PERSON
from storage.unit import Unit

_rows = tables.submissions.c
_people = tables.people.c


def erase(unit: Unit, submission: Submission, mark: Mark) -> Submission | None:
    """Erase what it says, its papers, its certificates and what the staff wrote; None if it moved on since it was read.

    The person goes too once nothing that was sent about them is left.
    """
    moved = history.move(unit, submission, "erased", mark, _blank(unit, submission))
    if moved is None:
        return None
    for table in (tables.files, tables.certificates):
        unit.execute(delete(table).where(table.c.submission_id == submission.id))
    steps = tables.history
    unit.execute(update(steps).where(steps.c.submission_id == submission.id).values(note_sealed=None))
    _forget(unit, submission.person_id)
    return moved


def _blank(unit: Unit, submission: Submission) -> dict[str, object]:
    """What stays of the answers: the area, so that the office which erased it can show that it did."""
    kept = {step: answer for step, answer in submission.answers.items() if step == "area"}
    nothing = dict.fromkeys(("arrived_on", "phone_index", "home_index"))
    return nothing | {"answers_sealed": unit.vault.seal_json(packed(kept), ANSWERS), "reason": "", "education": ""}


def _forget(unit: Unit, person_id: int) -> None:
    """The row stays for the erased submissions that name it; nobody is found by it any more."""
    others = exists().where(_rows.person_id == person_id, _rows.status != "erased")
    lives = exists().where(tables.tenancies.c.person_id == person_id)
    if unit.execute(select(others | lives)).scalar_one():
        return
    coarse = dict.fromkeys(("id_number_index", "birth_year", "sex", "region"))
    blank = coarse | {"name_index": name_index(unit, ""), "person_sealed": unit.vault.seal_json({}, PERSON)}
    unit.execute(update(tables.people).where(_people.id == person_id).values(blank))
