"""The program's door: `kraken-stream` and `python -m krakencli`."""

import os
import signal
import sys


def main() -> None:
    """Run the command line and exit with its status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)
    # Behind the handlers, so that Ctrl-C is clean while the program is still being loaded.
    from krakencli.cli.app import run  # noqa: PLC0415

    sys.exit(run(sys.argv[1:]))


def _leave(signum: int, _frame: object) -> None:
    os._exit(128 + signum)


if __name__ == "__main__":
    main()
