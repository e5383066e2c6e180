"""Candles over API v1: one per trade, none marked closed, the first perhaps hours old (notes v1 §5.2)."""

import time

from .program import Ended, Program
from .server import Peer, Script, Server
from .server_v1 import data, grant, greet, url
from .test_candles import BEGIN, candles, news, rest


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


def minute(number: int, trades: int = 3) -> str:
    """The candle of a minute of an hour that is long over."""
    end = BEGIN + 60 * (number + 1)
    return candle(end, end - 10.5, trades)


def away(first: list[str], then: list[str]) -> Script:
    """Candles before a loss, and those of the next connection, of which the first is v1's snapshot."""

    def script(peer: Peer) -> None:
        greet(peer)
        grant(peer)
        peer.send(*(first if peer.number == 1 else then))
        (Peer.cut if peer.number == 1 else Peer.hang)(peer)

    return script


def stream(program: Program, server: Server, count: int) -> Ended:
    command = ("ohlc", "BTC/USD", "--api", "v1", "--url", url(server), "--events", "--json", "-n", str(count))
    return program.run(*command, env={"KRAKEN_SPOT_URL": server.rest})


def test_what_lies_before_the_one_candle_of_a_snapshot_comes_from_rest(program: Program) -> None:
    script = away([minute(1, 2)], [minute(6), minute(7)])
    with Server(script, rest=rest({0: 9, 1: 4, 2: 3, 3: 0, 4: 3, 5: 1, 6: 3, 7: 1})) as server:
        ended = stream(program, server, 7)
    assert candles(ended) == [
        ("01", "2", False),
        *(("01", "4", True), ("02", "3", True), ("04", "3", True), ("05", "1", True)),
        *(("06", "3", False), ("07", "3", False)),
    ]
    assert news(ended, "gap") == []
    assert {one["interval_begin"][19:] for one in ended.records if one["channel"] == "ohlc"} == {".000000Z"}
    assert '"open":64000.0,' in ended.out


def test_a_known_candle_that_did_not_change_is_not_printed_again(program: Program) -> None:
    script = away([minute(1, 4)], [minute(3)])
    with Server(script, rest=rest({1: 4, 2: 1, 3: 1})) as server:
        ended = stream(program, server, 3)
    assert candles(ended) == [("01", "4", False), ("02", "1", True), ("03", "3", False)]


def test_a_snapshot_that_is_not_newer_leaves_no_hole(program: Program) -> None:
    with Server(away([minute(1, 4)], [minute(1, 4), minute(2)]), rest=rest({}, status=503)) as server:
        ended = stream(program, server, 3)
    assert candles(ended) == [("01", "4", False), ("01", "4", False), ("02", "3", False)]
    assert news(ended, "gap") == news(ended, "backfilled") == []
