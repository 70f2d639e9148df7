"""Papers: photos or PDFs that come one after another, or a promise to show them."""

from typing import Any

from handlers.answers.choices import pick
from handlers.answers.text import WRONG_KINDS
from handlers.messages import Choice, Incoming
from handlers.steps import Context, InvalidAnswer, Parse
from storage.records import Answers

MOST = 8
TAKEN = frozenset({"image", "document"})
WAYS = tuple(Choice(value, codes="papers") for value in ("done", "counter", "later"))


def papers(step: str) -> Parse:
    """A parser for a paper's question: `{"files": [ids], "plan": "more" | "sent" | "counter" | "later"}`.

    Its plan is `more` until the person says that these are all; then `sent`.
    """

    def parse(incoming: Incoming, answers: Answers, context: Context) -> Any:
        sent = files_of(answers, step)
        if incoming.files:
            return _with(sent, incoming)
        picked = pick(_offered(sent), incoming, context.vocabulary)
        if isinstance(picked, InvalidAnswer):
            return InvalidAnswer("paper_expected") if picked.reason in {"pick_one", "number_out_of_range"} else picked
        if picked == "done":
            return {"files": sent, "plan": "sent"} if sent else InvalidAnswer("papers_none_yet")
        return {"files": sent, "plan": picked}

    return parse


def files_of(answers: Answers, step: str) -> list[str]:
    """The ids of the files sent so far; what the office asks for again begins anew."""
    answer = answers.get(step)
    sent = answer is not None and answer.kind != "questioned" and answer.value
    return list(sent["files"]) if sent else []


def _offered(sent: list[str]) -> tuple[Choice, ...]:
    """`done` is number one once a file is there; before that the other ways come first."""
    return WAYS if sent else (*WAYS[1:], WAYS[0])


def _with(sent: list[str], incoming: Incoming) -> Any:
    """The files so far and the new ones, each once."""
    wrong = next((file for file in incoming.files if file.kind not in TAKEN), None)
    if wrong is not None:
        return InvalidAnswer(WRONG_KINDS[wrong.kind])
    files = list(dict.fromkeys([*sent, *(file.reference for file in incoming.files)]))
    return InvalidAnswer("papers_too_many", {"max": MOST}) if len(files) > MOST else {"files": files, "plan": "more"}
