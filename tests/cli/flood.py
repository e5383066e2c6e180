"""Trades without end, as fast as they are taken: `flood.py SYMBOL...` prints its address and then serves.

It runs in a process of its own, so that what is watched shares neither its memory nor its time. The ids of
each symbol are consecutive, and symbols take turns.
"""

# ruff: noqa: T201 - a script: printing is what it is for

import itertools
import sys
import threading
from datetime import UTC, datetime

from server import Peer, Server, framed, message

EACH = 1000
"""Trades of each symbol in a block."""
BLOCK, MOMENT = b"#####", b"2026-11-22T17:00:00.000000"


def block(symbols: list[str]) -> bytes:
    """The frames of a block, with marks where its number and its time belong."""
    return b"".join(
        framed(
            message(
                "trade",
                f'{{"symbol":"{symbol}","side":"buy","price":{64000 + number / 10:.1f},"qty":0.00100000,'
                f'"ord_type":"market","trade_id":7{BLOCK.decode()}{number:03},'
                f'"timestamp":"{MOMENT.decode()}Z"}}',
            )
        )
        for number in range(EACH)
        for symbol in symbols
    )


def main() -> None:
    marked = block(sys.argv[1:])

    def flood(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        for number in itertools.count():
            moment = datetime.now(UTC).isoformat(timespec="microseconds").removesuffix("+00:00").encode()
            peer.send_bytes(marked.replace(BLOCK, b"%05d" % number).replace(MOMENT, moment))

    with Server(flood) as server:
        print(server.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
