"""The rhythm: what staff may write, on which days it comes round, at which hour people are told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.rhythm import last_time, next_times
from handlers.office.hours import USUALLY, WAKING, next_at, usual_hour
from handlers.office.rhythm import EXAMPLE, Rhythm, read_rhythm

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)  # a Wednesday, noon in Shanghai

GOOD = [
    (EXAMPLE, Rhythm(0, 10, (), (2,))),
    ("30 8 * * *", Rhythm(30, 8)),
    ("0 19 1,15 * *", Rhythm(0, 19, (1, 15))),
    ("0 19 1-3 * *", Rhythm(0, 19, (1, 2, 3))),
    ("5 9 * * MON-FRI", Rhythm(5, 9, (), (0, 1, 2, 3, 4))),
    ("5 9 * * tue,thu", Rhythm(5, 9, (), (1, 3))),
    ("5 9 * * sat-mon", Rhythm(5, 9, (), (0, 5, 6))),
    ("  5   9 * *  sun ", Rhythm(5, 9, (), (6,))),
]


@pytest.mark.parametrize(("written", "meant"), GOOD)
def test_what_is_understood(written: str, meant: Rhythm) -> None:
    assert read_rhythm(written) == meant


BAD = [
    ("", "five"), ("0 10 * *", "five"), ("0 10 * * wed *", "five"), ("every wednesday", "five"),
    ("60 10 * * wed", "minute"), ("*/5 10 * * wed", "minute"), ("* 10 * * wed", "minute"), ("-1 10 * * wed", "minute"),
    ("0 24 * * wed", "hour"), ("0 * * * wed", "hour"), ("0 9-17 * * wed", "hour"), ("0 九 * * wed", "hour"),
    ("0 10 0 * *", "day"), ("0 10 31 * *", "day"), ("0 10 5-2 * *", "day"), ("0 10 x * *", "day"),
    ("0 10 * 1 wed", "month"), ("0 10 * * 3", "weekday_number"), ("0 10 * * 1-5", "weekday_number"),
    ("0 10 * * 0,wed", "weekday_number"), ("0 10 * * wednesday", "weekday"), ("0 10 * * 周三", "weekday"),
    ("0 10 1 * wed", "day_and_weekday"), ("0 10 * * " + "wed," * 20, "long"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "fault"), BAD)
def test_what_is_refused_by_name(written: str, fault: str) -> None:
    assert read_rhythm(written) == fault


@pytest.mark.parametrize("name", ["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
def test_a_weekday_is_the_one_that_was_named(name: str) -> None:
    rhythm = read_rhythm(f"0 10 * * {name}")
    assert isinstance(rhythm, Rhythm)
    for upcoming in next_times(rhythm, ZONE, NOW, 5):
        assert f"{upcoming:%a}".casefold() == name
        assert upcoming.hour == 10


def test_the_next_times_follow_one_another() -> None:
    rhythm = Rhythm(0, 10, (1, 15))
    assert [f"{one:%m-%d}" for one in next_times(rhythm, ZONE, NOW, 4)] == ["12-01", "12-15", "01-01", "01-15"]


LAST = [
    ("just now", datetime(2026, 11, 25, 2, 0, tzinfo=UTC), "2026-11-25 10:00"),
    ("not before it was set", datetime(2026, 11, 25, 2, 1, tzinfo=UTC), ""),
    ("the later of two", datetime(2026, 11, 17, tzinfo=UTC), "2026-11-25 10:00"),
]


@pytest.mark.parametrize(("since", "expected"), [case[1:] for case in LAST], ids=[case[0] for case in LAST])
def test_the_last_time_it_came_round(since: datetime, expected: str) -> None:
    found = last_time(Rhythm(0, 10, (), (2,)), ZONE, since, NOW)
    assert ("" if found is None else f"{found:%Y-%m-%d %H:%M}") == expected


def at(*hours: int) -> list[datetime]:
    """Messages written at these hours, local, on days one after another."""
    return [datetime(2026, 11, 1 + n, hour, 20, tzinfo=ZONE).astimezone(UTC) for n, hour in enumerate(hours)]


HOURS = [
    ("nothing written", [], USUALLY),
    ("hardly anything", at(12, 12), USUALLY),
    ("at noon", at(12, 12, 13, 20), 12),
    ("hours side by side count together", at(17, 18, 19, 12, 12), 18),
    ("at night: nobody is woken", at(2, 2, 3, 3, 23), USUALLY),
    ("at night and sometimes by day", at(2, 2, 2, 2, 10, 10, 11), 10),
    ("late in the evening", at(20, 20, 20, 21), 20),
    ("as often in the morning as in the evening: in the evening", at(10, 10, 18, 18), 18),
]


@pytest.mark.parametrize(("written", "hour"), [case[1:] for case in HOURS], ids=[case[0] for case in HOURS])
def test_the_hour_at_which_somebody_tends_to_write(written: list[datetime], hour: int) -> None:
    assert usual_hour(written, ZONE) == hour
    assert hour in WAKING


@pytest.mark.parametrize("hour", WAKING)
def test_the_next_time_is_that_hour_within_a_day(hour: int) -> None:
    for whose in ("a", "b", "c"):
        due_at = next_at(hour, NOW, ZONE, whose)
        assert due_at.astimezone(ZONE).hour == hour
        assert timedelta() < due_at - NOW <= timedelta(days=1)


def test_people_are_spread_over_the_hour() -> None:
    assert len({next_at(9, NOW, ZONE, f"holder {number}").minute for number in range(200)}) > 30
