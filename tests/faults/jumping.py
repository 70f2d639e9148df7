"""`anju` under a clock that a test moves: `python jumping.py FILE serve …`; the file holds by how many seconds.

Only the clock on the wall jumps; the steady one, by which a program waits, goes on, as on a real machine.
"""

import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import time_machine

LOOK = 0.02


def follow(file: Path) -> None:
    """Move this process's clock as the file says, from now on."""
    clock = time_machine.travel(datetime.now(UTC), tick=True).start()
    threading.Thread(target=_follow, args=(file, clock), daemon=True).start()


def _follow(file: Path, clock: time_machine.Traveller) -> None:
    ahead = 0.0
    while True:
        wanted = float(file.read_text() or ahead)
        if wanted != ahead:
            clock.shift(wanted - ahead)
            ahead = wanted
        time.sleep(LOOK)


if __name__ == "__main__":
    from bot.cli import main

    follow(Path(sys.argv.pop(1)))
    main()
