"""The doubles' time, and WeChat's limits of calls."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.doubles.clock import Clock
from tests.doubles.wechat_meter import CUSTOM, MASS, MINUTE, Cap, Meter
from tests.doubles.wechat_refusal import Refusal

EVENING = datetime(2026, 11, 23, 15, 59, 30, tzinfo=UTC)  # half a minute before midnight in China


def refused(meter: Meter, path: str, now: datetime) -> tuple[int, str]:
    """What one call too many is told."""
    with pytest.raises(Refusal) as raised:
        meter.count(path, now)
    return raised.value.code, raised.value.violation


def test_a_clock_stands_until_it_is_moved() -> None:
    clock = Clock(EVENING)
    assert clock.now() == EVENING
    assert clock.forward(timedelta(hours=2)) == clock.now() == EVENING + timedelta(hours=2)


def test_a_clock_without_a_start_goes_with_real_time_and_can_be_ahead() -> None:
    clock = Clock()
    clock.forward(timedelta(days=30))
    assert clock.now() - datetime.now(UTC) > timedelta(days=29)


def test_a_clock_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="forward"):
        Clock().forward(timedelta(seconds=-1))


def test_a_minutes_limit_is_over_when_the_minute_is() -> None:
    meter = Meter({CUSTOM: Cap(per_minute=2)})
    meter.count(CUSTOM, EVENING)
    meter.count(CUSTOM, EVENING + MINUTE / 2)
    assert refused(meter, CUSTOM, EVENING + MINUTE / 2) == (45011, "rate")
    meter.count(CUSTOM, EVENING + MINUTE)
    assert refused(meter, CUSTOM, EVENING + MINUTE) == (45011, "rate")


def test_a_days_quota_begins_anew_at_midnight_in_china() -> None:
    meter = Meter({CUSTOM: Cap(per_day=1)})
    meter.count(CUSTOM, EVENING)
    assert refused(meter, CUSTOM, EVENING) == (45009, "quota")
    meter.count(CUSTOM, EVENING + MINUTE)


def test_the_published_limits_hold_unless_others_are_set() -> None:
    meter = Meter()
    for _ in range(60):
        meter.count(MASS, EVENING)
    assert refused(meter, MASS, EVENING) == (45011, "rate")
    assert meter.caps[CUSTOM] == Cap(None, 500_000)
