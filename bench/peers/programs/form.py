"""The form that every peer fills in: four questions in a ring, each answer checked, each reply a Jinja template."""

import os
import re

from jinja2 import Environment

PORT = int(os.environ.get("PORT", "8000"))
API = os.environ.get("API", "")
DATABASE = os.environ.get("DATABASE", "")
TOKEN = "42:TEST"  # noqa: S105 -- invented
SECRET = "secret"  # noqa: S105 -- likewise
APP_ID = "wx1234567890abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

STEPS = ("name", "phone", "id_number", "employer")
CHECKS = {
    "name": re.compile(r"[一-鿿·]{2,20}"),
    "phone": re.compile(r"1[3-9][0-9]{9}"),
    "id_number": re.compile(r"[0-9]{17}[0-9X]"),
    "employer": re.compile(r".{2,40}"),
}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
WORDS = {
    "name": "请告诉我您的姓名，与身份证上一致。",
    "phone": "您的手机号码是多少？我们只在办理登记时使用。",
    "id_number": "请输入您的 18 位公民身份号码。",
    "employer": "您在哪家单位工作？",
}
_jinja = Environment(autoescape=False)  # noqa: S701 -- plain text
_ASK = {step: _jinja.from_string(f"{{{{ note }}}}{words}") for step, words in WORDS.items()}


def ask(step: str) -> str:
    """The question."""
    return _ASK[step].render(note="")


def refuse(step: str) -> str:
    """The question again."""
    return _ASK[step].render(note="没有看懂。\n")


def is_valid(step: str, text: str) -> bool:
    """Whether the answer can be taken."""
    text = text.strip()
    return bool(CHECKS[step].fullmatch(text)) and (step != "id_number" or _fits(text))


def following(step: str) -> str:
    """The step after this one."""
    return STEPS[(STEPS.index(step) + 1) % len(STEPS)]


def _fits(number: str) -> bool:
    """GB 11643's check digit."""
    rest = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True)) % 11
    return "10X98765432"[rest] == number[17]
