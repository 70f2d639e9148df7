"""Step and Form: a question, and a series of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.messages import Choice, Incoming, Reply
from handlers.vocabulary import Vocabulary
from regulations.pack import Pack
from storage.records import Answers, Area, Home, Value


@dataclass(frozen=True, slots=True)
class InvalidAnswer:
    """A person's answer that can't be taken: the reason names the template `invalid/<reason>`."""

    reason: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know and can't ask for."""

    now: datetime
    zone: ZoneInfo
    pack: Pack
    vocabulary: Vocabulary
    areas: tuple[Area, ...] = ()
    home: Home | None = None
    abroad: bool = False

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(self.zone).date()


Parse = Callable[[Incoming, Answers, Context], Value | InvalidAnswer]


def no_choices(answers: Answers, context: Context) -> tuple[Choice, ...]:
    """A question that is answered in own words."""
    return ()


def always(answers: Answers, context: Context) -> bool:
    """A question that everyone is asked."""
    return True


def never(answers: Answers, context: Context) -> bool:
    """A question that nobody may skip."""
    return False


def nothing(value: Value, answers: Answers, context: Context) -> Mapping[str, Value]:
    """An answer that tells nothing beyond itself."""
    return {}


def keeps_all(value: Value) -> tuple[str, ...]:
    """An answer that makes no other one doubtful."""
    return ()


def whole(value: Value) -> bool:
    """An answer that is complete as it is: not unfinished."""
    return False


@dataclass(frozen=True, slots=True)
class Step:
    """One question. Its words are `ask/<name>`, `help/<name>` and the label `steps.<name>`.

    parse: reads an incoming answer; choices: what can be tapped; applies: whether it is asked at all;
    derives: further answers that follow from this one (step name → value); skippable: whether `skip`
    is allowed; data: what its template needs to know; short: options shown before `more`;
    codes: the code list that labels its value in the summary; accepts: what else than words it takes
    (`files`, `place`, `contact`); hidden: kept out of the summary; resets: the steps whose answers a changed
    answer makes doubtful, so that they are asked again; unfinished: whether a value wants more (photos that
    come one after another), so that the question stays.
    """

    name: str
    parse: Parse
    choices: Callable[[Answers, Context], tuple[Choice, ...]] = no_choices
    applies: Callable[[Answers, Context], bool] = always
    derives: Callable[[Value, Answers, Context], Mapping[str, Value]] = nothing
    skippable: Callable[[Answers, Context], bool] = never
    data: Callable[[Answers, Context], Mapping[str, Any]] | None = None
    short: int = 0
    codes: str = ""
    accepts: frozenset[str] = frozenset()
    hidden: bool = False
    resets: Callable[[Value], tuple[str, ...]] = keeps_all
    unfinished: Callable[[Value], bool] = whole


@dataclass(frozen=True, slots=True)
class Form:
    """A series of questions. The next one is computed: the first that applies and lacks an answer.

    ends: looks at the answers after each accepted one; a reply ends the talk early (no duty to register);
    summary: the template in which everything is confirmed; confirms: whether there is anything to confirm;
    may_drop: whether it can be left for good by one word.
    """

    name: str
    version: str
    steps: tuple[Step, ...]
    ends: Callable[[Answers, Context], Reply | None]
    summary: str = "ask/confirm"
    confirms: bool = True
    may_drop: bool = False

    def step(self, name: str) -> Step | None:
        """The step of that name, or None where the form no longer has it."""
        return next((step for step in self.steps if step.name == name), None)
