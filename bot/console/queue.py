"""The queue, and a submission under review: looked at, taken, decided."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from starlette.responses import Response

from bot.console.errand import Errand
from handlers.office import casework, review
from handlers.office.casework import Step
from handlers.office.masks import MASKS, masked
from handlers.office.reviewer import Decided, Done, NotTaken, Reviewer, Taken, TakenByAnother, Unfit
from handlers.office.rights import scope
from handlers.reasons import ASK_REASONS, REFUSAL_REASONS
from storage import waiting
from storage.records import Answer, Ask

QUEUE = "/console/queue"
ROWS = 50
DIGITS = 15
FACT_CODES = {"id_number": "id_number", "sex": "sex", "ethnicity": "ethnicity", "hukou_region": "region"}
SHOWN: Mapping[str, tuple[str, ...]] = {
    "open": waiting.FOR_THE_OFFICE,
    "asked": ("needs_answers",),
    "registered": ("registered", "moved_out"),
    "permits": ("accepted", "endorsed"),
    "refused": ("refused",),
}
PROBLEMS: Mapping[type, str] = {
    Decided: "decided", TakenByAnother: "taken", NotTaken: "not_taken", Unfit: "unfit", type(None): "gone",
}  # fmt: skip


async def show(errand: Errand) -> Response:
    """A page of the queue."""
    wished = errand.request.query_params.get("show", "open")
    shown, after = wished if wished in SHOWN else "open", digits(errand.request.query_params.get("after", ""))
    areas = scope(errand.member, errand.areas)
    rows = await errand.read(lambda unit: waiting.queue(unit, areas, SHOWN[shown], after, ROWS + 1))
    more = rows[ROWS - 1].id if len(rows) > ROWS else 0
    today_on = errand.desk.pages.today_on(errand.now)
    return errand.page("queue", rows=rows[:ROWS], shown=shown, tabs=list(SHOWN), more=more, today_on=today_on)


async def take_next(errand: Errand) -> Response:
    """The oldest that waits, taken for review."""
    after = digits(errand.field("after"))
    taken = await errand.run(lambda unit: review.take_next(unit, reviewer_of(errand), errand.now, after))
    return errand.go(f"{QUEUE}?done=all_done" if taken is None else _path(taken.submission.number))


async def show_one(errand: Errand) -> Response:
    """A submission with everything the reviewer looks at."""
    number = errand.request.path_params["number"]
    reviewer = reviewer_of(errand)
    case = await errand.run(lambda unit: casework.look(unit, reviewer, number, errand.now))
    if case is None:
        return errand.go(f"{QUEUE}?problem=gone")
    mine = case.submission.status == "in_review" and case.submission.reviewer == reviewer.staff_id
    return errand.page(
        "submission",
        case=case,
        mine=mine,
        may_take=errand.may("decide", case.submission.area) and case.submission.status in waiting.FOR_THE_OFFICE,
        words=TalkWords(errand, whole=mine),
        ask_reasons=list(ASK_REASONS),
        refusal_reasons=REFUSAL_REASONS,
        problem=errand.request.query_params.get("problem", ""),
    )


async def paper(errand: Errand) -> Response:
    """A photo or PDF of a submission."""
    number, file_id = errand.request.path_params["number"], errand.request.path_params["file"]
    found = await errand.read(lambda unit: casework.paper(unit, reviewer_of(errand), number, file_id))
    if found is None:
        return errand.go(f"{_path(number)}?problem=gone")
    file, content = found
    return Response(content, media_type=file.content_type)


async def take(errand: Errand) -> Response:
    """Take a certain one."""
    number = errand.request.path_params["number"]
    taken = await errand.run(lambda unit: review.take(unit, reviewer_of(errand), number, errand.now))
    return errand.go(_path(number) if isinstance(taken, Taken) else f"{_path(number)}?problem={PROBLEMS[type(taken)]}")


async def approve(errand: Errand) -> Response:
    """Register it."""
    office = errand.desk.house.chat.office
    return await _decide(errand, partial(review.approve, office=office, now=errand.now), "approved")


async def ask(errand: Errand) -> Response:
    """Ask the person for the marked answers again, all at once."""
    asks = {
        name.removeprefix("reason."): Ask(reason, errand.field(f"words.{name.removeprefix('reason.')}"))
        for name, reason in errand.fields.items()
        if name.startswith("reason.") and isinstance(reason, str) and reason
    }
    office = errand.desk.house.chat.office
    return await _decide(errand, partial(review.ask_again, asks=asks, office=office, now=errand.now), "asked")


async def refuse(errand: Errand) -> Response:
    """Refuse it, with a reason."""
    reason, office = Ask(errand.field("reason"), errand.field("words")), errand.desk.house.chat.office
    return await _decide(errand, partial(review.refuse, reason=reason, office=office, now=errand.now), "refused")


async def give_back(errand: Errand) -> Response:
    """Let others have it."""
    return await _decide(errand, partial(review.give_back, now=errand.now), "given_back", goes_on=False)


async def _decide(errand: Errand, step: Step, done: str, *, goes_on: bool = True) -> Response:
    """Take a step, and go on to the next that waits."""
    number, version = errand.request.path_params["number"], digits(errand.field("version"))
    reviewer = reviewer_of(errand)
    outcome = await errand.run(lambda unit: casework.decide(unit, step, reviewer, number, version, errand.now))
    if not isinstance(outcome, Done):
        return errand.go(f"{_path(number)}?problem={PROBLEMS[type(outcome)]}")
    if not goes_on:
        return errand.go(f"{QUEUE}?done={done}")
    following = await errand.run(lambda unit: review.take_next(unit, reviewer, errand.now))
    return errand.go(f"{QUEUE if following is None else _path(following.submission.number)}?done={done}")


def reviewer_of(errand: Errand) -> Reviewer:
    """Whoever asks, as the queue knows them."""
    return Reviewer(errand.member.code, scope(errand.member, errand.areas))


def _path(number: str) -> str:
    return f"{QUEUE}/{number}"


def digits(text: str) -> int:
    """A number that a form or an address carries; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else 0


class TalkWords:
    """The talk's own words for steps and answers, in the page's language."""

    def __init__(self, errand: Errand, *, whole: bool = True) -> None:
        """whole: whether what identifies a person is shown, or masked."""
        self._whole = whole
        self._pack = errand.desk.house.chat.office.pack
        self._words = errand.desk.house.words
        self._language = errand.language

    def step(self, name: str) -> str:
        """What a question is called."""
        return self._words.label(self._language, "steps", name)

    def value(self, step: str, codes: str, answer: Answer | None) -> str:
        """An answer as a person reads it."""
        if answer is None:
            return "–"
        if not self._whole and step in MASKS:
            return str(masked(step, answer.value)) if answer.value is not None else "–"
        line = {"step": step, "codes": codes, "value": answer.value, "kind": answer.kind}
        return self._words.answer(self._language, line)

    def fact(self, step: str, value: Any, whole: bool) -> str:
        """What is known of a person; a masked value stands as it is."""
        codes = FACT_CODES.get(step, "")
        if not whole and step in MASKS:
            return str(value)
        return self.value(step, codes, Answer("given", value))

    def law(self, key: str, on: date) -> str:
        """A rule in plain words with its article, as in force on that day; empty where this place has none."""
        rule = self._pack.find(key, on) if key else None
        if rule is None or self._language not in rule.words:
            return ""
        return f"{rule.words[self._language]} ({rule.citation[self._language]})"

    def label(self, codes: str, value: str) -> str:
        """A code's words."""
        return self._words.label(self._language, codes, value)
