"""Papers: identity papers and the proof of dwelling, as photos, at the counter, or later."""

from handlers.answers import papers
from handlers.forms.conditions import Condition, acts_for_another, answered, both, has_id_number
from handlers.forms.options import Options
from handlers.messages import Choice
from handlers.steps import Context, Step
from storage.records import Answers, Value


def _choices(step: str) -> Options:
    """`done` once a file is there, before that the other ways to show the paper."""

    def options(answers: Answers, context: Context) -> tuple[Choice, ...]:
        values = ("done",) if papers.files_of(answers, step) else ("counter", "later")
        return tuple(Choice(name, codes="papers") for name in values)

    return options


def paper(step: str, applies: Condition) -> Step:
    """A question for a paper: photos or a PDF, or when it will be shown."""
    return Step(
        step,
        papers.papers(step),
        _choices(step),
        applies=applies,
        data=lambda answers, context: {"sent": len(papers.files_of(answers, step))},
        codes="papers",
        accepts=frozenset({"files"}),
        unfinished=_wants_more,
    )


def _wants_more(sent: Value) -> bool:
    """Photos may still come until the person says that these are all."""
    return sent is not None and sent["plan"] == "more"


PAPERS = (
    paper("paper_identity", has_id_number),
    paper("paper_agent_identity", both(has_id_number, acts_for_another)),
    paper("paper_dwelling", both(has_id_number, answered("stay_kind", "rented", "own", "dormitory"))),
)
OF_PERMITS = (
    "permit_identity", "permit_agent_identity", "permit_photo", "permit_proof", "endorse_proof", "replace_proof",
)  # fmt: skip
LEGIBLE = frozenset(OF_PERMITS)  # a photo that can't be read is refused at once
PAPER_STEPS = (*(step.name for step in PAPERS), *OF_PERMITS)
