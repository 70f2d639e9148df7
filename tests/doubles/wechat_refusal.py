"""What WeChat answers instead of doing something."""

from typing import Any


class Refusal(Exception):
    """An `errcode`; `violation`: the kind of limit overstepped; `more`: what the answer holds besides."""

    def __init__(self, code: int, violation: str = "", **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.violation = violation
        self.more = more
