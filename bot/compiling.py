"""Templates are compiled once a process, however many environments read them."""

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Code by a template's name and source; the same source gives the same code, so nothing here can be out of date."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled before, if anything was."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled now."""
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


TEXTS, PAGES = Compiled(), Compiled()  # apart, for pages escape what texts don't
