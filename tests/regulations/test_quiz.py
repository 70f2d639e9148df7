"""Quiz questions: those that ship are whole; whatever else is refused by name; options are shuffled and stay so."""

from pathlib import Path

import pytest

from bot.notices import book, library
from bot.vocabularies import languages
from regulations import errors
from regulations.pack import load
from regulations.quiz import Book, read_book, shuffled

LIBRARY = library(load("cn-zj-hangzhou"), languages())
GOOD = '[repairs]\nask = "Who?"\nright = "A"\nwrong = ["B", "C"]\n'


def read(folder: Path, zh: str = GOOD, en: str = GOOD) -> Book:
    for language, content in (("zh", zh), ("en", en)):
        (folder / language).mkdir(exist_ok=True)
        (folder / language / "quiz.toml").write_text(content, "utf-8")
    return read_book(folder, ("zh", "en"), LIBRARY)


def test_every_question_that_ships_is_right() -> None:
    ours = book(LIBRARY, languages())
    assert ours.faults == ()
    assert len(ours.questions) >= 40


def test_numbers_of_the_right_answer_stand_in_the_notice() -> None:
    """A hint that question and notice have parted: every figure of an answer is one of its notice."""
    for name, question in book(LIBRARY, languages()).questions.items():
        notice = LIBRARY.notices[name].words["en"]
        said = f"{notice.title} {notice.text}".replace("seven", "7")
        for word in question["en"].right.replace("%", " % ").split():
            if word.isdecimal():
                assert word in said, name


WRONG = [
    (
        "no such notice",
        errors.QuizWithoutNotice,
        GOOD.replace("repairs", "cooking"),
        GOOD.replace("repairs", "cooking"),
    ),
    ("missing in English", errors.QuizLanguageMissing, GOOD, ""),
    ("more options in Chinese", errors.QuizLanguageMissing, GOOD.replace('"C"', '"C", "D"'), GOOD),
    ("one wrong option", errors.QuizUnclear, GOOD.replace(', "C"', ""), GOOD),
    ("four wrong options", errors.QuizUnclear, GOOD.replace('"C"', '"C", "D", "E"'), GOOD),
    ("the right one twice", errors.QuizUnclear, GOOD.replace('"C"', '"a"'), GOOD),
    ("no right one", errors.QuizUnclear, GOOD.replace('right = "A"\n', ""), GOOD),
    ("a misspelt line", errors.QuizUnclear, GOOD.replace("ask", "asks"), GOOD),
    ("an option too long for a button", errors.QuizUnclear, GOOD.replace('"B"', f'"{"b" * 41}"'), GOOD),
    ("a question too long", errors.QuizUnclear, GOOD.replace("Who?", "w" * 121), GOOD),
    ("wrong options in one text", errors.QuizUnclear, GOOD.replace('["B", "C"]', '"B, C"'), GOOD),
]


@pytest.mark.parametrize(("refusal", "zh", "en"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_a_wrong_question_is_refused(tmp_path: Path, refusal: type[errors.NoticeRefused], zh: str, en: str) -> None:
    found = read(tmp_path, zh, en)
    assert not found.questions
    assert [type(fault) for fault in found.faults] == [refusal]


def test_a_quiz_shows_its_options_always_in_the_same_order_and_quizzes_differ() -> None:
    orders = [shuffled(number, "repairs", 3) for number in range(60)]
    assert orders == [shuffled(number, "repairs", 3) for number in range(60)]
    assert {order.index(0) for order in orders} == {0, 1, 2}
    assert all(sorted(order) == [0, 1, 2] for order in orders)


def test_without_a_file_there_are_no_questions(tmp_path: Path) -> None:
    assert read_book(tmp_path, ("zh", "en"), LIBRARY) == Book()
