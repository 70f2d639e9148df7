"""What the Bot API answers instead of a result."""


class Refusal(Exception):
    """A code, a description, and the answer's `parameters`."""

    def __init__(self, code: int, description: str = "", **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.body = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.body["parameters"] = parameters
