"""Numbers as people write them: 3, ３, 三, 十二, 二十."""

DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


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


def year_in(text: str) -> str:
    """A year with its digits spelled (二〇二六) in plain digits; other characters stay."""
    return "".join(str(DIGITS[character]) if character in DIGITS else character for character in text)
