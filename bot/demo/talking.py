"""What the people of the town say: whole talks through the program's own `receive`, at a time that has passed."""

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.demo.people import Resident
from bot.demo.photos import PHOTO, Photos
from handlers import engine
from handlers.forms.migrant import MIGRANT
from handlers.messages import Incoming, Reply, Tap
from handlers.receive import receive
from handlers.steps import Context, Form, InvalidAnswer, Step
from handlers.turns import Answered
from handlers.visit import Office
from storage import conversations, homes
from storage.records import Answer, Answers, Conversation
from storage.unit import Unit

ASK, SEND = "ask/", "send"
SUMMARIES = (
    "confirm", "confirm_answers", "confirm_leaving", "confirm_withdrawal", "confirm_home", "confirm_permit",
    "confirm_endorse", "confirm_replace",
)  # fmt: skip
BETWEEN = timedelta(seconds=11)
FILLING_IN = timedelta(minutes=6)
MOST = 60


class Stuck(Exception):
    """A person of the town does not know what to answer:"""

    def __init__(self, step: str) -> None:
        super().__init__(f"{(type(self).__doc__ or '').strip()} {step}")


@dataclass(slots=True)
class Talking:
    """Lets people talk; every message has a number of its own."""

    office: Office
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def register(self, unit: Unit, who: Resident, at: datetime) -> None:
        """Say hello, fill in everything, send. Each answer is read by its question, only not saved one by one."""
        self._greet(unit, who, at)
        filled_in_at = at + FILLING_IN
        kept = conversations.lock(unit, who.channel, who.address)
        if kept is None:
            raise Stuck("hello")
        context = self._context(unit, kept, who, filled_in_at)
        photos = Photos(kept.id)
        answers = filled_in(MIGRANT, who, context, photos)
        begun = engine.start(kept, MIGRANT, secrets.token_hex(16), answers, context).conversation
        consented = replace(begun, consent=self.office.consent_version, consented_at=at, language=who.language)
        photos.keep(unit, filled_in_at)
        conversations.save(unit, consented, filled_in_at)
        self._say(unit, who, filled_in_at, choice=Tap(MIGRANT.name, begun.asked, SEND))

    def break_off(self, unit: Unit, who: Resident, at: datetime, until: str) -> None:
        """Say hello and answer, as far as to a question that stays open."""
        self._go_on(unit, who, self._greet(unit, who, at), at, until)

    def _greet(self, unit: Unit, who: Resident, at: datetime) -> Answered:
        said = {"kind": "open", "scene": f"home_{who.home}"} if who.home else {"text": "你好"}
        return self._say(unit, who, at, **said)

    def _context(self, unit: Unit, talk: Conversation, who: Resident, now: datetime) -> Context:
        return Context(
            now=now,
            zone=self.office.zone,
            pack=self.office.pack,
            vocabulary=self.office.vocabularies[talk.language],
            areas=self.office.areas(),
            home=homes.by_code(unit, who.home) if who.home else None,
        )

    def command(self, unit: Unit, who: Resident, name: str, at: datetime) -> datetime:
        """Press a command's button, and answer all that it leads to."""
        return self._go_on(unit, who, self.press(unit, who, name, at), at)

    def press(self, unit: Unit, who: Resident, name: str, at: datetime) -> Answered:
        """Press a command's button, and leave it at that."""
        return self._say(unit, who, at, choice=Tap("", "", name))

    def say(self, unit: Unit, who: Resident, words: str, at: datetime) -> Answered:
        """Say something out of the blue."""
        return self._say(unit, who, at, text=words)

    def _go_on(self, unit: Unit, who: Resident, answered: Answered, at: datetime, until: str = "") -> datetime:
        for turn in range(1, MOST):
            asked = _asked(answered)
            if asked is None or asked.template == f"{ASK}{until}":
                return at + turn * BETWEEN
            answered = self._answer(unit, who, asked, at + turn * BETWEEN)
        raise Stuck(until or "the end")

    def _answer(self, unit: Unit, who: Resident, asked: Reply, at: datetime) -> Answered:
        step = asked.template.removeprefix(ASK)
        told = SEND if step in SUMMARIES else who.answers.get(step, "").replace(PHOTO, "counter")
        taps = {choice.value: choice.tap for choice in asked.choices}
        answered = self._say(unit, who, at, choice=taps[told]) if told in taps else self._say(unit, who, at, text=told)
        wrong = next((reply.template for reply in answered.replies if reply.template.startswith("invalid/")), "")
        if wrong:
            raise Stuck(f"{step} ({wrong})")
        return answered

    def _say(self, unit: Unit, who: Resident, at: datetime, **said: Any) -> Answered:
        blank = Incoming(who.channel, who.address, f"demo-{next(self.numbers)}", at, language=who.language)
        return receive(replace(blank, **said), unit, self.office)


def filled_in(form: Form, who: Resident, context: Context, photos: Photos) -> dict[str, Answer]:
    """Everything that somebody answers to a form, as its questions read it."""
    answers: dict[str, Answer] = {}
    for step in form.steps:
        if step.name in answers or not step.applies(answers, context):
            continue
        told = who.answers.get(step.name, "")
        if told == PHOTO:
            answers[step.name] = Answer("given", photos.taken(step.name))
            continue
        parsed = step.parse(_as_said(step, told, answers, context), answers, context)
        if isinstance(parsed, InvalidAnswer):
            raise Stuck(f"{step.name} ({parsed.reason})")
        answers[step.name] = Answer("given", parsed)
        derived = step.derives(parsed, answers, context)
        answers |= {name: Answer("derived", value, step.name) for name, value in derived.items()}
    return answers


def _as_said(step: Step, told: str, answers: Answers, context: Context) -> Incoming:
    """A tap where the question has that option, else words."""
    tap = next((c.tap for c in step.choices(answers, context) if c.value == told), None)
    return Incoming("demo", "", "", context.now, text="" if tap else told, choice=tap)


def _asked(answered: Answered) -> Reply | None:
    """The question that an answer ends with."""
    last = answered.replies[-1] if answered.replies else None
    return last if last is not None and last.template.startswith(ASK) else None
