"""The command line on a clock of its own, and nothing else changed: `python hurried.py ARGUMENT...`.

`UNIT` in the environment is the length of a second of all its delays, time-outs and budgets.
"""

import os
import sys

from krakencli.cli.app import at_the_edge, kraken_stream
from krakencli.cli.state import State
from krakencli.clock import Clock
from krakencli.interrupts import Interrupts


def main(arguments: list[str]) -> int:
    state = State(Interrupts(), clock=Clock(unit=float(os.environ["UNIT"])), json_errors=True)
    return at_the_edge(
        lambda: kraken_stream.main(arguments, "kraken-stream", standalone_mode=False, obj=state), state
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
