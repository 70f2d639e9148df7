"""Days as people write them; today is Friday, 20 November 2026."""

import pytest

from handlers.answers.days import birth_date, day_in_the_past
from handlers.steps import InvalidAnswer
from tests.handlers.answers.telling import read, reason, saying, tapping

ARRIVED = {
    "2026-11-20": [
        "2026-11-20", "2026/11/20", "2026.11.20", "2026.11.20.", "20261120", "2026 11 20", "2026-11-20 10:30",
        "2026-11-20T10:30:00", "2026年11月20日", "2026年11月20号", "2026年11月20", "2026 年 11 月 20 日", "11月20日", "11月20号",
        "11月20", "十一月二十日", "十一月二十号", "二〇二六年十一月二十日", "二零二六年十一月二十号", "今年11月20日",
        "11-20", "11/20", "20/11", "20.11.", "11.20", "20-11-2026", "20/11/2026", "11/20/2026", "20.11.2026", "20112026",
        "２０２６－１１－２０", "2026－11－20", "20号", "20日", "二十号", "廿号", "20th", "the 20th", "on the 20th",
        "今天", "今天早上", "今天。", "我今天来的", "我是今天到的", "today", "Today", "today morning", "TODAY!", "周五", "星期五", "这周五",
        "本周五", "friday", "Friday", "this Friday", "Nov 20", "20 Nov", "November 20th", "20 November 2026", "Nov 20, 2026",
        "november 20, 2026", "20th of November 2026", "the 20th of November", "on 20 Nov 2026", "20Nov2026", "20-Nov-2026",
        "Friday, 20 November 2026", "Nov. 20", "11月20日来的", "11月20日到杭州的", "从11月20日开始", "I arrived on 20 November",
        "11月20日下午", "26年11月20日", "20 nov 26", "11\u200b月20日", "2026–11–20",
    ],
    "2026-11-19": ["昨天", "昨天晚上", "我昨天到的", "yesterday", "Yesterday.", "i came yesterday", "1天前", "一天前", "1 day ago",
                   "a day ago", "one day ago", "周四", "星期四", "礼拜四", "thursday", "last Thursday", "Thu", "19号"],
    "2026-11-18": ["前天", "the day before yesterday", "day before yesterday", "两天前", "2 days ago"],
    "2026-11-17": ["大前天", "3天前", "三天前", "3天以前", "3天之前", "３天前", "3 days ago", "three days ago", "3日前"],
    "2026-11-10": ["十天前", "10天前", "10 days ago"],
    "2026-11-08": ["12天前", "十二天前", "twelve days ago"],
    "2026-11-06": ["两周前", "2周前", "二个星期前", "两个礼拜前", "two weeks ago", "2 weeks ago", "上上周五", "上上个星期五"],
    "2026-11-13": ["上周五", "上星期五", "上个星期五", "上礼拜五", "last Friday", "friday last week", "一周前", "一个星期前", "a week ago",
                   "1 week ago"],
    "2026-11-09": ["上周一", "上星期一", "Monday last week"],
    "2026-11-15": ["上周日", "上星期天", "上礼拜天", "周日", "星期天", "sunday", "last Sunday"],
    "2026-11-16": ["周一", "这周一", "本周一", "monday", "last monday"],
    "2026-10-03": ["上个月3号", "上月3号", "上个月三日", "十月三号", "10月3日", "3rd of last month", "3 Oct", "October 3rd"],
    "2026-09-03": ["上上个月3号", "9月3号", "九月三日", "Sept 3", "3 sep"],
    "2026-11-03": ["这个月3号", "本月3日", "3号", "三号", "3rd", "03号"],
    "2026-10-20": ["一个月前", "1个月前", "a month ago", "1 month ago"],
    "2026-08-20": ["3个月前", "三个月前", "three months ago"],
    "2026-05-20": ["半年前", "6个月前"],
    "2026-11-05": ["半个月前", "15天前"],
    "2025-11-20": ["一年前", "1年前", "a year ago", "12个月前", "去年11月20日", "去年十一月二十号"],
    "2024-11-20": ["前年11月20日", "两年前", "2024-11-20", "24年11月20日"],
    "2025-11-21": ["11月21日", "11-21", "21/11", "Nov 21", "21 November"],
    "2025-12-31": ["12月31日", "12-31", "31/12", "12/31", "Dec 31", "31 Dec 2025"],
    "2026-10-21": ["21号", "21st", "二十一号"],
    "2026-10-31": ["31号", "三十一号", "卅一号"],
    "2024-02-29": ["2月29日", "29/2", "Feb 29", "二月二十九日", "2024-2-29", "20240229"],
    "2026-03-03": ["3/3", "3-3", "3.3", "三月三日"],
    "2026-01-01": ["1月1日", "2026-1-1", "1/1", "20260101"],
    "2026-04-13": ["13/4", "4/13", "4-13", "13.4.2026", "4月13"],
    "2026-03-12": ["3/12/2026", "12/3/2026", "2026-3-12", "March 12", "12 march"],
    "1999-07-08": ["1999-7-8", "8 July 1999", "99年7月8日", "一九九九年七月八日", "8 July 99"],
}  # fmt: skip


@pytest.mark.parametrize(("said", "day"), [(said, day) for day, ways in ARRIVED.items() for said in ways if said])
def test_a_day_is_read_however_it_is_written(said: str, day: str) -> None:
    assert read(day_in_the_past, said) == day


UNREADABLE = [
    "hello", "你好", "不知道", "很久了", "几天前", "上周", "last week", "11月", "2026年", "2026-11", "2026", "20", "1120", "3月前",
    "一个多月前", "农历三月初五", "正月初五", "初五", "---", "11//20", "2026-11-20-05", "1-2-3-4", "13812345678", "202611",
    "2026111", "330106199003071234", "Nov", "Nov 2026", "Nov Dec 20", "20 November 2026 2025", "星期八",
    "0571-87001234", "两", "十", "百年前", "半天前", "x" * 61, "2026年11月20日" * 6, "👍", "20%", "1/2/3/4", "a friday ago",
]  # fmt: skip


@pytest.mark.parametrize("said", UNREADABLE)
def test_what_is_no_day_is_unreadable(said: str) -> None:
    assert read(day_in_the_past, said) == InvalidAnswer("day_unreadable")
    assert read(birth_date, said) == InvalidAnswer("day_unreadable")


@pytest.mark.parametrize(
    "said",
    ["2026-02-31", "2月31日", "31/2", "2026-13-01", "13月1日", "2025-02-29", "2026年2月30日", "32号", "0号", "0/0", "45/45",
     "20261345", "20260231", "Feb 30", "31 Nov 2026", "2026-00-10", "0000-01-01", "上上个月31号", "14/14/2026"],
)  # fmt: skip
def test_a_day_that_no_calendar_has_is_impossible(said: str) -> None:
    assert read(day_in_the_past, said) == InvalidAnswer("day_impossible")


@pytest.mark.parametrize(
    ("said", "day"),
    [("2026-11-21", "2026-11-21"), ("明天", "2026-11-21"), ("tomorrow", "2026-11-21"), ("2027年1月1日", "2027-01-01"),
     ("这周六", "2026-11-21"), ("本月30号", "2026-11-30"), ("今年12月1日", "2026-12-01"), ("20991231", "2099-12-31"),
     ("25/12/2026", "2026-12-25")],
)  # fmt: skip
def test_a_day_in_the_future_is_refused_and_named(said: str, day: str) -> None:
    assert read(day_in_the_past, said) == InvalidAnswer("day_future", {"on": day})
    assert read(birth_date, said) == InvalidAnswer("day_future", {"on": day})


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("3/4", ["2026-04-03", "2026-03-04"]),
        ("3-4", ["2026-04-03", "2026-03-04"]),
        ("3.4.2026", ["2026-04-03", "2026-03-04"]),
        ("12/11", ["2026-11-12", "2025-12-11"]),
        ("1 2", ["2026-02-01", "2026-01-02"]),
        ("05/06/26", ["2005-06-26", "2026-06-05", "2026-05-06"]),
    ],
)
def test_a_day_that_may_be_two_offers_each(said: str, days: list[str]) -> None:
    assert read(day_in_the_past, said) == InvalidAnswer("day_ambiguous", {"options": [[day, day] for day in days]})


def test_of_two_readings_the_one_in_the_future_is_not_offered() -> None:
    assert read(day_in_the_past, "3/12/2026") == "2026-03-12"


def test_an_offered_day_can_be_tapped() -> None:
    assert read(day_in_the_past, tapping("2026-04-03", "arrived_on")) == "2026-04-03"


def test_nobody_arrives_before_birth() -> None:
    born = "2026-11-10"
    assert read(day_in_the_past, "11月9日", birth_date=born) == InvalidAnswer("day_before_birth", {"on": "2026-11-09"})
    assert read(day_in_the_past, "11月10日", birth_date=born) == "2026-11-10"
    assert read(day_in_the_past, "11月9日", birth_date=None) == "2026-11-09"


def test_a_day_too_long_ago_is_doubted() -> None:
    assert read(day_in_the_past, "1949-12-31") == InvalidAnswer("day_too_old", {"on": "1949-12-31", "year": 1950})
    assert read(day_in_the_past, "1950-01-01") == "1950-01-01"
    assert read(birth_date, "1899-12-31") == InvalidAnswer("day_too_old", {"on": "1899-12-31", "year": 1900})
    assert reason(read(day_in_the_past, "999年前")) == "day_too_old"


BIRTHS = {
    "1990-03-07": ["1990-03-07", "1990.3.7", "1990年3月7日", "一九九〇年三月七日", "19900307", "7 March 1990", "March 7, 1990",
                   "90年3月7日", "1990年3月7日生", "生于1990年3月7日", "我是1990年3月7日出生的"],
    "1985-12-31": ["31/12/1985", "12/31/1985", "31.12.85", "85年12月31日", "31 Dec 85"],
    "2026-11-19": ["昨天", "yesterday", "2026-11-19", "周四"],
    "2025-03-05": ["去年3月5日"],
    "1900-01-01": ["1900-1-1"],
}  # fmt: skip


@pytest.mark.parametrize(("said", "day"), [(said, day) for day, ways in BIRTHS.items() for said in ways])
def test_a_birth_date_is_read_however_it_is_written(said: str, day: str) -> None:
    assert read(birth_date, said) == day


@pytest.mark.parametrize("said", ["3月7日", "7/3", "03-07", "Mar 7", "20号", "三月七日", "12-31"])
def test_a_birth_date_needs_its_year(said: str) -> None:
    assert read(birth_date, said) == InvalidAnswer("birth_needs_year")


def test_a_birth_date_that_no_calendar_has_is_impossible() -> None:
    assert read(birth_date, "2月31日") == read(birth_date, "1990-02-31") == InvalidAnswer("day_impossible")


def test_what_is_no_words_is_no_day() -> None:
    assert reason(read(day_in_the_past, saying(""))) == reason(read(birth_date, saying("  "))) == "empty"
    assert reason(read(day_in_the_past, "1" * 501)) == "too_long"
