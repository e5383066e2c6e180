"""The program's door: `kraken-stream` and `python -m krakencli`."""

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    from krakencli.interrupts import Interrupts  # noqa: PLC0415 - first of all, so that Ctrl-C is always clean

    interrupts = Interrupts()
    interrupts.install()
    from krakencli.cli.app import run  # noqa: PLC0415 - behind the handlers

    sys.exit(run(sys.argv[1:], interrupts))


if __name__ == "__main__":
    main()
