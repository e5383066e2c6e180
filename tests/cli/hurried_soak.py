"""The real program with shorter seconds: `hurried_soak.py UNIT ARGUMENT...` scales every delay and time-out.

Only the clock differs from `python -m krakencli`. `--duration` counts real seconds there and here.
"""

import sys

from krakencli.cli.app import at_the_edge, kraken_stream
from krakencli.cli.state import State
from krakencli.clock import Clock
from krakencli.interrupts import Interrupts


def main() -> None:
    unit, *arguments = sys.argv[1:]
    state = State(Interrupts(), clock=Clock(unit=float(unit)), json_errors="--json" in arguments)

    def command() -> object:
        return kraken_stream.main(arguments, "kraken-stream", standalone_mode=False, obj=state)

    sys.exit(at_the_edge(command, state))


if __name__ == "__main__":
    main()
