"""Five questions about the law, for fun: about what the person was sent or read, each answered with its article."""

from collections.abc import Collection, Sequence

from handlers import turns
from handlers.answers.choices import meant, numbered
from handlers.answers.text import tidy
from handlers.messages import Choice, Reply, control
from handlers.turns import Turn
from handlers.visit import Visit
from regulations.quiz import shuffled
from storage import conversations, law_counts, quizzes, readings
from storage.quizzes import Quiz
from storage.readings import Reading

QUESTIONS = 5
REMEMBERED = 4  # quizzes whose questions are not asked again while there are others
QUESTION = "say/quiz_question"
GONE = "-"  # the answer to a question whose notice is no longer there


def play(visit: Visit, argument: str) -> Turn:
    """`quiz` begins one or takes it up again; `quiz:12:0:2` answers the first question of the 12th with option 2."""
    number, _, rest = argument.partition(":")
    quiz = quizzes.latest(visit.unit, visit.conversation.id)
    if quiz is not None and number == str(quiz.id):
        at, _, option = rest.partition(":")
        return _answered(visit, quiz, at, option)
    if quiz is None or quiz.ended_at is not None:
        quiz = None if number else _begun(visit)
    return _asked(visit, quiz) if quiz is not None else _turn(visit, _over(visit))


def typed(visit: Visit) -> Turn | None:
    """A number or an option's words, typed under a question; None for anything else."""
    incoming = visit.incoming
    asked = visit.conversation.beside == QUESTION
    if not asked or incoming.choice is not None or not incoming.text.strip():
        return None
    shown = next((reply for reply in _last(visit) if reply.template == QUESTION), None)
    if shown is None:
        return None
    options = tuple(choice for choice in shown.choices if choice.role == "option")
    picked = meant(options, tidy(incoming.text), visit.context.vocabulary)
    if picked is None:
        return play(visit, "") if numbered(incoming.text) is not None else None
    return play(visit, picked.removeprefix("quiz:"))


def leave(visit: Visit) -> Turn | None:
    """`stop` under a question: it waits to be taken up again; None where no quiz is on."""
    quiz = quizzes.latest(visit.unit, visit.conversation.id)
    if visit.conversation.beside != QUESTION or quiz is None or quiz.ended_at is not None:
        return None
    left = len(quiz.notices) - quiz.at
    return _turn(visit, Reply("say/quiz_left", {"right": quiz.right, "at": quiz.at, "left": left}, _ways(visit)))


def chosen(shown: Sequence[Reading], lately: Collection[str], there: Sequence[str]) -> tuple[str, ...]:
    """Which notices to ask about: those sent, then those opened, then others; asked lately comes last. Pure.

    there: all that have a question and hold here, in their order.
    """
    known = {reading.notice: reading for reading in shown}

    def rank(name: str) -> tuple[bool, int, int]:
        reading = known.get(name)
        place = 2 if reading is None else 0 if reading.pushed_at is not None else 1
        return name in lately, place, there.index(name)

    return tuple(sorted(there, key=rank)[:QUESTIONS])


def _begun(visit: Visit) -> Quiz | None:
    """A new quiz; None where there are no questions."""
    mine = readings.accounts(visit.unit, visit.conversation.id, visit.conversation.holder_id)
    shown = sorted(
        readings.of_accounts(visit.unit, mine).values(),
        key=lambda one: (one.pushed_at or one.read_at or visit.now, one.notice),
        reverse=True,
    )
    here = [
        one.name for one in visit.office.notices.here(visit.office.places) if one.name in visit.office.quiz.questions
    ]
    first = [one.notice for one in shown if one.notice in here]
    there = [*first, *(name for name in here if name not in first)]
    lately = quizzes.asked(visit.unit, mine, REMEMBERED)
    asked = chosen(shown, lately, there)
    if not asked:
        return None
    law_counts.count(visit.unit, visit.context.today, "quiz")
    return quizzes.begin(visit.unit, visit.conversation.id, asked, visit.now)


def _asked(visit: Visit, quiz: Quiz, *before: Reply) -> Turn:
    """The question that is open, or the score; questions that are gone are passed over."""
    while quiz.ended_at is None and quiz.notices[quiz.at] not in visit.office.quiz.questions:
        passed = quizzes.answer(visit.unit, quiz, GONE, visit.now, right=False)
        if passed is None:
            break
        quiz = passed
    said = _question(visit, quiz) if quiz.ended_at is None else _done(visit, quiz)
    return _turn(visit, *before, said)


def _answered(visit: Visit, quiz: Quiz, at: str, option: str) -> Turn:
    """Only the open question takes an answer; pressed again, the quiz goes on where it is."""
    if quiz.ended_at is not None or at != str(quiz.at):
        return _asked(visit, quiz, Reply("say/quiz_already"))
    name = quiz.notices[quiz.at]
    order = _order(visit, quiz, name)
    if not option.isdecimal() or int(option) >= len(order):
        return _asked(visit, quiz)
    right = order[int(option)] == 0
    after = quizzes.answer(visit.unit, quiz, option, visit.now, right=right)
    if after is None:
        return _turn(visit, Reply("say/quiz_already"))
    if visit.conversation.consent:
        readings.open_notice(visit.unit, visit.conversation.id, name, visit.now)
    return _asked(visit, after, Reply("say/quiz_answer", {"notice": name, "right": right}))


def _question(visit: Visit, quiz: Quiz) -> Reply:
    name = quiz.notices[quiz.at]
    words = visit.office.quiz.questions[name][visit.context.vocabulary.language]
    options = tuple(
        Choice(f"quiz:{quiz.id}:{quiz.at}:{place}", label=words.options[number])
        for place, number in enumerate(_order(visit, quiz, name))
    )
    data = {"notice": name, "number": quiz.at + 1, "of": len(quiz.notices)}
    return Reply(QUESTION, data, (*options, control("stop_quiz")))


def _order(visit: Visit, quiz: Quiz, name: str) -> tuple[int, ...]:
    questions = visit.office.quiz.questions
    options = questions[name][visit.context.vocabulary.language].options if name in questions else ()
    return shuffled(quiz.id, name, len(options))


def _done(visit: Visit, quiz: Quiz) -> Reply:
    mine = readings.accounts(visit.unit, visit.conversation.id, visit.conversation.holder_id)
    right, answered = quizzes.score(visit.unit, mine)
    asked = sum(sign != GONE for sign in quiz.answers)
    data = {"right": quiz.right, "of": asked, "all_right": right, "all": answered}
    return Reply("say/quiz_done", data, (control("quiz"), control("law"), *_back(visit)))


def _over(visit: Visit) -> Reply:
    """There is nothing to ask, or what was pressed belongs to a quiz that is over."""
    return Reply("say/quiz_over", {}, (control("quiz"), control("law"), *_back(visit)))


def _ways(visit: Visit) -> tuple[Choice, ...]:
    return (control("quiz"), control("law"), *_back(visit))


def _back(visit: Visit) -> tuple[Choice, ...]:
    return (control("continue"),) if visit.is_talking else ()


def _turn(visit: Visit, *replies: Reply) -> Turn:
    return Turn(visit.conversation, replies)


def _last(visit: Visit) -> tuple[Reply, ...]:
    last = conversations.answered(visit.unit, visit.conversation.last_message)
    return () if last is None else turns.unpacked(b"", visit.conversation.id, last).replies
