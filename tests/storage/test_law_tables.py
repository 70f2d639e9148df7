"""What is kept of the law made known, on both databases: quizzes, counts, searches without result, readings."""

from datetime import date, timedelta

from sqlalchemy import select

from storage import law_counts, missed_searches, quizzes, readings, tables
from storage.database import Database
from storage.unit import Unit
from tests.conftest import NOW

TODAY = date(2026, 11, 25)


def test_a_question_is_answered_once_by_whoever_is_first(database: Database) -> None:
    quiz = database.run_now(lambda unit: quizzes.begin(unit, 1, ["a", "b"], NOW))
    first = database.run_now(lambda unit: quizzes.answer(unit, quiz, "0", NOW, right=True))
    assert first is not None
    assert database.run_now(lambda unit: quizzes.answer(unit, quiz, "1", NOW, right=False)) is None
    last = database.run_now(lambda unit: quizzes.answer(unit, first, "-", NOW, right=False))
    assert last is not None
    assert (last.at, last.right, last.ended_at) == (2, 1, NOW)
    assert database.run_now(lambda unit: quizzes.latest(unit, 1)) == last


def test_the_score_is_of_all_accounts_and_leaves_out_what_was_passed_over(database: Database) -> None:
    def play(unit: Unit) -> None:
        for account, signs in ((1, "00-"), (2, "01"), (3, "0")):
            quiz = quizzes.begin(unit, account, ["x"] * len(signs), NOW)
            for sign in signs:
                after = quizzes.answer(unit, quiz, sign, NOW, right=sign == "0")
                assert after is not None
                quiz = after

    database.run_now(play)
    assert database.run_now(lambda unit: quizzes.score(unit, {1, 2})) == (3, 4)
    assert database.run_now(lambda unit: quizzes.score(unit, {9})) == (0, 0)
    assert database.run_now(lambda unit: quizzes.asked(unit, {2, 3}, 1)) == ["x"]


def test_counts_add_up_over_days(database: Database) -> None:
    def count(unit: Unit) -> None:
        for ago, number in ((0, 2), (0, 3), (10, 5), (40, 100)):
            law_counts.count(unit, TODAY - timedelta(days=ago), "sent", "repairs", number)
        law_counts.count(unit, TODAY, "missed")

    database.run_now(count)
    found = database.run_now(lambda unit: law_counts.totals(unit, TODAY - timedelta(days=30)))
    assert dict(found) == {("sent", "repairs"): 10, ("missed", ""): 1}
    assert law_counts.busiest(found, "sent") == [("repairs", 10)]
    assert law_counts.busiest(found, "missed") == []


def test_a_search_without_result_is_sealed_and_counted(database: Database) -> None:
    def ask(unit: Unit) -> None:
        for words in ("彩礼", "彩礼", "彩票"):
            missed_searches.note(unit, words, "zh", NOW)

    database.run_now(ask)
    found = database.run_now(lambda unit: missed_searches.newest(unit, 10))
    assert [(one.words, one.times) for one in found] == [("彩礼", 2), ("彩票", 1)]
    sealed = database.run_now(lambda unit: unit.execute(select(tables.missed_searches.c.words_sealed)).scalars().all())
    assert all("彩".encode() not in one for one in sealed)
    assert database.run_now(lambda unit: missed_searches.drop(unit, found[0].id))
    assert not database.run_now(lambda unit: missed_searches.drop(unit, found[0].id))


def test_readings_of_several_accounts_are_one(database: Database) -> None:
    def read(unit: Unit) -> None:
        readings.push(unit, 1, "repairs", "k1", NOW)
        assert readings.open_notice(unit, 2, "repairs", NOW + timedelta(hours=1))
        assert not readings.open_notice(unit, 2, "repairs", NOW + timedelta(hours=2))
        readings.push(unit, 1, "home-sold", "k2", NOW + timedelta(days=7))

    database.run_now(read)
    found = database.run_now(lambda unit: readings.of_accounts(unit, {1, 2}))
    assert (found["repairs"].pushed_at, found["repairs"].read_at) == (NOW, NOW + timedelta(hours=1))
    assert found["home-sold"].read_at is None
    assert database.run_now(lambda unit: readings.last_pushed_at(unit, {1, 2})) == NOW + timedelta(days=7)
    assert database.run_now(lambda unit: readings.last_pushed_at(unit, {3})) is None
