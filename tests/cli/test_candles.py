"""Candles that ended while the connection was down: from the snapshot, from REST in their place, or a gap."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from .program import Ended, Program
from .server import Peer, Server, message

PAIR = {"altname": "XBTUSD", "wsname": "XBT/USD", "base": "XXBT", "quote": "ZUSD", "status": "online",
        "pair_decimals": 1, "lot_decimals": 8}  # fmt: skip
BEGIN = 1795366800  # 2026-11-22T17:00:00Z


def candle(minute: int, trades: int = 3, symbol: str = "BTC/USD") -> str:
    return (
        f'{{"symbol":"{symbol}","open":64000.0,"high":64000.1,"low":64000.0,"close":64000.1,"trades":{trades},'
        f'"volume":0.50000000,"vwap":64000.0,"interval_begin":"2026-11-22T17:{minute:02}:00.000000000Z",'
        f'"interval":1,"timestamp":"2026-11-22T17:{minute + 1:02}:00.000000Z"}}'
    )


def row(minute: int, trades: int = 3) -> str:
    """A candle as REST has it; of an interval without trades too."""
    volume = "0.50000000" if trades else "0.00000000"
    return f'[{BEGIN + 60 * minute},"64000.0","64000.1","64000.0","64000.1","64000.0","{volume}",{trades}]'


def rest(
    minutes: Mapping[int, int], status: int = 200, asked: list[str] | None = None
) -> Callable[[Peer], None]:
    """REST that knows the pair and the trades of these minutes, the last of which is still running."""

    def answer(peer: Peer) -> None:
        if "AssetPairs" in peer.path:
            peer.answer({"error": [], "result": {"XXBTZUSD": PAIR}})
            return
        if asked is not None:
            asked.append(peer.path)
        if status != 200:
            peer.answer(b"<html>busy</html>", status)
        else:
            rows = ",".join(row(minute, trades) for minute, trades in minutes.items())
            last = BEGIN + 60 * (max(minutes) - 1)
            peer.answer(f'{{"error":[],"result":{{"XXBTZUSD":[{rows}],"last":{last}}}}}'.encode())

    return answer


def interrupted(
    before: Sequence[str], snapshot: Sequence[str], after: Sequence[str]
) -> Callable[[Peer], None]:
    """Candles before a loss, and what the next connection brings."""

    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        if peer.number == 1:
            peer.send(*(message("ohlc", one) for one in before))
            peer.cut()
        peer.send(message("ohlc", *snapshot, type_="snapshot"), *(message("ohlc", one) for one in after))
        peer.hang()

    return script


def stream(program: Program, server: Server, *more: str, with_rest: bool = True) -> Ended:
    env = {"KRAKEN_SPOT_URL": server.rest} if with_rest else {}
    return program.run("ohlc", "BTC/USD", "--url", server.url, "--events", "--json", *more, env=env)


def candles(ended: Ended) -> list[tuple[str, str, bool]]:
    """Minute and number of trades of each record, and whether it is marked."""
    data = [record for record in ended.records if record["channel"] == "ohlc"]
    return [(one["interval_begin"][14:16], one["trades"], one.get("source") == "backfill") for one in data]


def news(ended: Ended, type_: str) -> list[dict[str, Any]]:
    return [record for record in ended.records if record["channel"] == "_feed" and record["type"] == type_]


def test_what_the_snapshot_holds_is_no_hole(program: Program) -> None:
    script = interrupted([candle(1)], [candle(1, 5), candle(2)], [candle(3)])
    asked: list[str] = []
    with Server(script, rest=rest({}, asked=asked)) as server:
        ended = stream(program, server, "-n", "4")
    assert candles(ended) == [("01", "3", False), ("01", "5", False), ("02", "3", False), ("03", "3", False)]
    assert news(ended, "gap") == news(ended, "backfilled") == asked == []


def test_what_is_older_than_the_snapshot_comes_from_rest_in_its_place(program: Program) -> None:
    script = interrupted([candle(1, 2)], [candle(6), candle(7)], [candle(8)])
    minutes = {0: 9, 1: 4, 2: 3, 3: 0, 4: 3, 5: 1, 6: 3, 7: 3, 8: 1}
    asked: list[str] = []
    with Server(script, rest=rest(minutes, asked=asked)) as server:
        ended = stream(program, server, "-n", "8")
    assert candles(ended) == [
        ("01", "2", False),
        *(("01", "4", True), ("02", "3", True), ("04", "3", True), ("05", "1", True)),
        *(("06", "3", False), ("07", "3", False), ("08", "3", False)),
    ]
    (filled,) = news(ended, "backfilled")
    assert (filled["count"], filled["from"][14:16], filled["to"][14:16]) == ("4", "01", "05")
    assert news(ended, "gap") == []
    assert f"since={BEGIN}" in asked[0]
    (figures,) = ended.records[-1]["subscriptions"]
    assert (figures["records"], figures["backfilled"], figures["gaps"]) == ("8", "4", "0")
    assert '"interval_begin":"2026-11-22T17:02:00.000000000Z","interval":1,"source":"backfill"}' in ended.out


def test_a_known_candle_that_did_not_change_is_not_printed_again(program: Program) -> None:
    script = interrupted([candle(1, 4)], [candle(3)], [])
    with Server(script, rest=rest({1: 4, 2: 1, 3: 1})) as server:
        ended = stream(program, server, "-n", "3")
    assert candles(ended) == [("01", "4", False), ("02", "1", True), ("03", "3", False)]


def test_closed_candles_are_printed_once_and_in_order(program: Program) -> None:
    script = interrupted([candle(0), candle(1), candle(2, 2)], [candle(6), candle(7)], [candle(8)])
    with Server(script, rest=rest({1: 3, 2: 9, 3: 5, 4: 0, 5: 3, 6: 3, 7: 1})) as server:
        ended = stream(program, server, "--closed", "-n", "7")
    assert [(minute, trades) for minute, trades, _ in candles(ended)] == [
        ("00", "3"), ("01", "3"), ("02", "9"), ("03", "5"), ("05", "3"), ("06", "3"), ("07", "3")
    ]  # fmt: skip
    assert news(ended, "revised") == []


def test_what_rest_no_longer_has_is_a_gap_up_to_what_it_has(program: Program) -> None:
    script = interrupted([candle(1)], [candle(9)], [])
    with Server(script, rest=rest({5: 1, 6: 1, 7: 1, 8: 1, 9: 1})) as server:
        ended = stream(program, server, "-n", "6")
    assert [minute for minute, _, _ in candles(ended)] == ["01", "05", "06", "07", "08", "09"]
    (gap,) = news(ended, "gap")
    assert (gap["from"], gap["to"]) == ("2026-11-22T17:01:00.000000Z", "2026-11-22T17:05:00.000000Z")
    assert (gap["subscription"], gap["symbol"], gap["interval"]) == ("ohlc", "BTC/USD", "1")


@pytest.mark.parametrize(
    ("more", "with_rest", "status"),
    [(["--fill-timeout", "0"], True, 200), ([], False, 200), (["--fill-timeout", "1s"], True, 503)],
)
def test_what_nobody_can_tell_is_a_gap(
    program: Program, more: list[str], with_rest: bool, status: int
) -> None:
    script = interrupted([candle(1)], [candle(9)], [])
    with Server(script, rest=rest({5: 1, 6: 1}, status)) as server:
        ended = stream(program, server, "-n", "2", *more, with_rest=with_rest)
    assert [minute for minute, _, _ in candles(ended)] == ["01", "09"]
    (gap,) = news(ended, "gap")
    assert (gap["from"][14:16], gap["to"][14:16]) == ("01", "09")


def test_strict_ends_at_candles_that_stay_missing(program: Program) -> None:
    script = interrupted([candle(1)], [candle(9)], [])
    with Server(script, rest=rest({}, 503)) as server:
        ended = stream(program, server, "--strict", "--fill-timeout", "1s")
    assert ended.status == 65
    assert [minute for minute, _, _ in candles(ended)][:1] == ["01"]


def test_who_wants_no_snapshot_gets_what_was_missed_only(program: Program) -> None:
    script = interrupted([candle(3)], [candle(2), candle(3, 7), candle(4)], [candle(5)])
    with Server(script, rest=rest({})) as server:
        ended = stream(program, server, "--no-snapshot", "-n", "4")
        asked = [peer.requests[0]["params"].get("snapshot") for peer in server.peers if peer.requests]
    assert asked == [False, True]
    assert [(minute, trades) for minute, trades, _ in candles(ended)] == [
        ("03", "3"), ("03", "7"), ("04", "3"), ("05", "3")
    ]  # fmt: skip


def test_the_end_of_a_stream_releases_what_waits(program: Program) -> None:
    script = interrupted([candle(1)], [candle(9)], [])
    with Server(script, rest=lambda peer: peer.hang()) as server:
        ended = stream(program, server, "--duration", "1s")
    assert ended.status == 0
    assert [json.loads(line).get("type") for line in ended.lines[-3:]] == ["gap", "snapshot", "end"]
