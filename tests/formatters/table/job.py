"""A live table as a program: draws until `q`, one byte a turn into a descriptor, so that a test sees it live.

SIGUSR1 raises an exception in it, SIGTERM unwinds it.
"""

import os
import signal
import sys
import time
from types import FrameType

from krakencli.channels import CHANNELS
from krakencli.formatters.caption import Caption
from krakencli.formatters.table import Grid, LiveTable


def unwind(*_: object) -> None:
    raise SystemExit(143)


def fail(_signal: int, _frame: FrameType | None) -> None:
    raise RuntimeError("asked for")


def main(ticks: int) -> None:
    signal.signal(signal.SIGTERM, unwind)
    signal.signal(signal.SIGUSR1, fail)
    number = 0
    with LiveTable(Grid(CHANNELS["ticker"]), environ=os.environ) as table:
        while not table.quit_requested():
            number += 1
            table.add("update", b'{"symbol":"C%d/USD","last":%d}' % (number % 200, number))
            table.draw(number / 100, Caption("live", "", number, 100.0, 200, 0, number / 100))
            os.write(ticks, b".")
            time.sleep(0.01)


if __name__ == "__main__":
    main(int(sys.argv[1]))
