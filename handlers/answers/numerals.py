"""Numbers as people write them: 3, ３, 三, 十二, 二十."""

import re

DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}

_TENS = {"廿": "二十", "卅": "三十"}
_RUN = re.compile(f"[{''.join((*DIGITS, *_TENS))}十]+")


def number_in(text: str) -> int | None:
    """A number up to 99 in digits or Chinese numerals; None for anything else."""
    if text.isascii() and text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return DIGITS.get(text)
    high = 1 if not tens else DIGITS.get(tens)
    low = 0 if not ones else DIGITS.get(ones)
    return None if high is None or low is None else high * 10 + low


def in_digits(text: str) -> str:
    """The text, its Chinese numerals up to 99 and spelled years (二〇二六) in plain digits."""
    return _RUN.sub(lambda run: _spelled(run[0]), text)


def _spelled(run: str) -> str:
    for short, long in _TENS.items():
        run = run.replace(short, long)
    number = number_in(run)
    if number is not None:
        return str(number)
    return run if "十" in run else "".join(str(DIGITS[character]) for character in run)
