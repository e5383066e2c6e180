"""Candles over API v1: one per trade, none marked closed, the first perhaps hours old (notes v1 §5.2)."""

import time

from .program import Program
from .server import Peer, Server
from .server_v1 import data, grant, greet, url


def candle(end: int, updated: float, trades: int = 3) -> str:
    row = f'["{updated:.6f}","{end}.000000","1.0","1.0","1.0","1.0","1.0","3.2",{trades}]'
    return data(row, "ohlc-1")


def test_a_candle_that_was_closed_before_the_start_is_not_printed(program: Program) -> None:
    now = int(time.time())
    begin = now - now % 60

    def script(peer: Peer) -> None:
        greet(peer)
        grant(peer)
        peer.send(
            candle(begin - 7200, begin - 7230.5),  # what v1 begins with: the last one that had a trade
            candle(begin + 60, begin + 5.5, 1),
            candle(begin + 60, begin + 7.5, 2),
            candle(begin + 120, begin + 61.5, 1),
            candle(begin + 180, begin + 121.5, 1),
        )
        peer.hang()

    with Server(script) as server:
        ended = program.run("ohlc", "BTC/USD", "--closed", "-n", "2", "--api", "v1", "--url", url(server))
    assert (ended.status, ended.err) == (0, "")
    assert [one["trades"] for one in ended.records] == ["2", "1"]
    begins = [one["interval_begin"] for one in ended.records]
    assert [text[17:] for text in begins] == ["00.000000Z"] * 2
