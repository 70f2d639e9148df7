"""Search: questions as people ask them find their notice; what is no question about the law finds nothing."""

import csv
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest
from snowballstemmer import stemmer

from bot.notices import LazyFinder, library
from bot.vocabularies import languages
from regulations.notice_search import BEST, SURE, Finder
from regulations.pack import load
from regulations.search_words import SearchWords, is_sentence, read_search_words, weighed

HANGZHOU = load("cn-zj-hangzhou")
LIBRARY = library(HANGZHOU, languages())
EVERYWHERE = frozenset(LIBRARY.notices)
ENOUGH = 0.9  # the share of questions whose notice is among the first three


@pytest.fixture(scope="module")
def finder() -> Finder:
    labels = {code: language.table("labels", "commands") for code, language in languages().items()}
    return LazyFinder(LIBRARY, labels, files("templates"))()


def questions(language: str, table: str = "law-questions.csv") -> list[dict[str, str]]:
    """Written from the list of subjects, without the notices' words before one's eyes."""
    with (Path(__file__).parent / table).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["language"] == language]


@pytest.mark.parametrize(("table", "number"), [("law-questions.csv", 60), ("law-questions-unseen.csv", 40)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_right_notice_is_among_the_first_three(finder: Finder, language: str, table: str, number: int) -> None:
    asked = questions(language, table)
    assert len({row["question"] for row in asked}) == number
    assert all(set(row["notices"].split()) <= EVERYWHERE for row in asked)
    missed = [
        row["question"]
        for row in asked
        if not set(row["notices"].split()) & set(finder.find(row["question"], language, EVERYWHERE))
    ]
    assert len(missed) <= len(asked) * (1 - ENOUGH), missed


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("老板不发工资怎么办", {"complain-within-two-years", "payment-order", "extra-pay-when-late"}),
        ("can my landlord throw me out", {"home-sold", "renting-again"}),
    ],
)
def test_the_examples_that_were_given(finder: Finder, question: str, expected: set[str]) -> None:
    assert expected & set(finder.find(question, "zh", EVERYWHERE))


@pytest.mark.parametrize(
    "said",
    ["", "？", "你好", "谢谢", "今天天气怎么样", "怎么做红烧肉", "房东不退押金怎么办", "hello", "ok thanks", "张伟",
     "what is the weather today", "see you tomorrow", "this is mine", "happy new year", "good morning my friend",
     "apartment 5, building 3, garden street", "where can i buy cheap shoes", "今天堵车了", "这个颜色好看吗",
     "苹果多少钱一斤", "安徽省阜南县王店镇李庄村", "幸福餐馆", "13812345678", "😀", "aaaa " * 200],
)  # fmt: skip
def test_what_no_notice_answers_finds_nothing(finder: Finder, said: str) -> None:
    assert finder.find(said, "zh", EVERYWHERE) == ()


def test_a_question_is_looked_for_in_the_language_it_is_written_in(finder: Finder) -> None:
    assert "lost-identity-card" in finder.find("身份证丢了", "en", EVERYWHERE)
    assert "lost-identity-card" in finder.find("I lost my id card", "zh", EVERYWHERE)


def test_only_what_holds_here_is_found(finder: Finder) -> None:
    elsewhere = frozenset(one.name for one in LIBRARY.here({"cn"}))
    assert not {"zhejiang-report-tenants", "hangzhou-three-days"} & set(
        finder.find("租客搬来了我几天内要去报", "zh", elsewhere)
    )


def test_no_more_than_three_and_each_once(finder: Finder) -> None:
    for row in questions("zh"):
        found = finder.find(row["question"], "zh", EVERYWHERE)
        assert len(set(found)) == len(found) <= BEST


@pytest.mark.parametrize(
    ("said", "asks"),
    [("怎么办居住证", True), ("可以吗", True), ("can I quit", True), ("really?", True), ("幸福路18号", False),
     ("I am Li Wei", False), ("租的房子", False), ("showing", False)],
)  # fmt: skip
def test_a_question_is_told_from_an_answer(finder: Finder, said: str, *, asks: bool) -> None:
    assert finder.asks_something(said) == asks


@pytest.mark.parametrize(
    ("said", "names"),
    [("我叫小明", True), ("张伟不发工资", True), ("张先生扣我钱", True), ("my name is Bob", True),
     ("谢谢你", False), ("工资卡被收走", False), ("my boss took it", False)],
)  # fmt: skip
def test_a_question_that_names_somebody_is_recognised(finder: Finder, said: str, *, names: bool) -> None:
    assert finder.names_somebody(said) == names


def test_a_sentence_is_told_from_a_word() -> None:
    told = {"租的房子": False, "厂里扣了我的身份证": True, "rented flat": False, "they took my card": True}
    assert {said: is_sentence(said) for said in told} == told


def test_a_synonym_counts_less_than_the_word_itself() -> None:
    words = read_search_words('[means]\n"employer" = ["boss"]\n"单位" = ["老板"]')
    assert weighed("boss", words) == {"boss": 1.0, "employ": 0.7}
    assert weighed("the bosses", words)["employ"] == 0.7
    assert weighed("embossed", words) == {"emboss": 1.0}
    assert weighed("老板", words)["单位"] == 0.7


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("he kept both my good old id", False),
        ("he keeps all my id", True),
        ("he kept my id", True),
        ("my id he keeps", False),
    ],
)
def test_a_little_may_stand_between_the_words_of_a_saying(said: str, *, meant: bool) -> None:
    words = read_search_words('[forms]\nkeep = ["kept"]\n[means]\n"withhold" = ["keep id"]')
    assert ("withhold" in weighed(said, words)) == meant


def test_a_form_of_a_word_is_the_word() -> None:
    words = read_search_words('[forms]\ndismissed = ["fired"]')
    assert weighed("fired", words) == weighed("dismissed", words) != weighed("fire", words)


@pytest.mark.parametrize(("said", "meant"), [("身份证老板不还", True), ("不还我的身份证", True), ("身份证丢了", False)])
def test_all_parts_of_a_chinese_saying_must_be_said(said: str, *, meant: bool) -> None:
    words = read_search_words('[means]\n"扣押" = ["身份证 不还"]')
    assert ("扣押" in weighed(said, words)) == meant


def test_without_an_index_nothing_is_found() -> None:
    assert Finder().find("老板不发工资", "zh", EVERYWHERE, SURE) == ()
    assert not SearchWords().asks_something("?")


def test_questions_asked_at_once_in_several_threads_are_each_read_rightly() -> None:
    letters = "bcdfglmnprst"
    asked = [f"{first}a{second}i{third}ationally" for first in letters for second in letters for third in letters]
    alone, before = stemmer("english"), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda word: [*weighed(word, SearchWords())], asked))
    finally:
        sys.setswitchinterval(before)
    assert found == [[alone.stemWord(word)] for word in asked]
