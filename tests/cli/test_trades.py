"""Trades that the socket does not bring: fetched over REST, in their place, marked, once; or named as gap."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .program import Ended, Program
from .server import Peer, Server, framed, message, trade

PAIR = {"altname": "XBTUSD", "wsname": "XBT/USD", "base": "XXBT", "quote": "ZUSD", "status": "online",
        "pair_decimals": 1, "lot_decimals": 8}  # fmt: skip


def row(number: int) -> str:
    """A trade as REST has it, with more zeros than the socket and its time as a number."""
    return f'["64000.10000","0.00100000",1795366800.{number:06d},"b","l","",{number}]'


def rest(*numbers: int, status: int = 200) -> Callable[[Peer], None]:
    """REST that knows the pair and these trades."""

    def answer(peer: Peer) -> None:
        if "AssetPairs" in peer.path:
            peer.answer({"error": [], "result": {"XXBTZUSD": PAIR}})
        elif status != 200:
            peer.answer(b"<html>busy</html>", status)
        else:
            rows = ",".join(map(row, numbers))
            peer.answer(
                f'{{"error":[],"result":{{"XXBTZUSD":[{rows}],"last":"1795366800000000000"}}}}'.encode()
            )

    return answer


def sends(*numbers: int, then: Callable[[Peer], None] = Peer.hang) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        peer.send(*(message("trade", trade(number)) for number in numbers))
        then(peer)

    return script


def stream(program: Program, server: Server, *more: str, with_rest: bool = True) -> Ended:
    env = {"KRAKEN_SPOT_URL": server.rest} if with_rest else {}
    return program.run("trade", "BTC/USD", "--url", server.url, "--events", "--json", *more, env=env)


def trades(ended: Ended) -> list[tuple[int, bool]]:
    """Id of each, and whether it is marked."""
    data = [record for record in ended.records if record["channel"] == "trade"]
    return [(int(record["trade_id"]), record.get("source") == "backfill") for record in data]


def news(ended: Ended, type_: str) -> list[dict[str, Any]]:
    return [record for record in ended.records if record["channel"] == "_feed" and record["type"] == type_]


def test_a_hole_on_a_live_socket_is_filled_in_its_place(program: Program) -> None:
    with Server(sends(1, 2, 5, 6), rest=rest(2, 3, 4, 5)) as server:
        ended = stream(program, server, "-n", "6")
    assert (ended.status, ended.err) == (0, "")
    assert trades(ended) == [(1, False), (2, False), (3, True), (4, True), (5, False), (6, False)]
    assert '"price":64000.1,"qty":0.00100000,"ord_type":"limit","trade_id":3' in ended.out
    assert '"timestamp":"2026-11-22T17:00:00.000003Z","source":"backfill"}' in ended.out
    assert news(ended, "gap") == []


def test_what_rest_does_not_have_is_a_gap_and_counted(program: Program) -> None:
    with Server(sends(1, 5), rest=rest(3)) as server:
        ended = stream(program, server, "-n", "3", "--fill-timeout", "1500ms")
    assert trades(ended) == [(1, False), (3, True), (5, False)]
    assert [(one["first_id"], one["last_id"], one["missing"]) for one in news(ended, "gap")] == [
        ("2", "2", "1"),
        ("4", "4", "1"),
    ]
    (figures,) = ended.records[-1]["subscriptions"]
    assert [figures[name] for name in ("records", "gaps", "backfilled", "missing")] == ["3", "2", "1", "2"]


def test_strict_ends_at_a_hole_that_stays_open(program: Program) -> None:
    with Server(sends(1, 3), rest=rest(status=503)) as server:
        ended = stream(program, server, "--strict", "--fill-timeout", "1s")
    assert ended.status == 65
    assert trades(ended) == [(1, False)]
    assert news(ended, "gap")[0]["first_id"] == "2"


@pytest.mark.parametrize("more", [["--fill-timeout", "0"], []])
def test_without_rest_or_patience_a_hole_is_told_and_nothing_waits(program: Program, more: list[str]) -> None:
    with Server(sends(1, 3)) as server:
        ended = stream(program, server, "-n", "2", *more, with_rest=False)
    assert (ended.status, trades(ended)) == (0, [(1, False), (3, False)])
    assert len(news(ended, "gap")) == 1
    assert ended.seconds < 5


def test_the_end_of_a_stream_releases_what_is_held(program: Program) -> None:
    with Server(sends(1, 3), rest=Peer.hang) as server:
        ended = stream(program, server, "--duration", "1s")
    assert (ended.status, trades(ended)) == (0, [(1, False), (3, False)])
    assert [record["type"] for record in ended.records[-3:]] == ["gap", "update", "end"]


def test_after_a_reconnect_the_snapshot_is_asked_for_and_printed_once(program: Program) -> None:
    def script(peer: Peer) -> None:
        if peer.number == 1:
            sends(1, 2, then=Peer.cut)(peer)
        peer.greet()
        peer.grant()
        items = ",".join(trade(number) for number in (1, 2, 3, 4))
        peer.send(message("trade", items).replace('"update"', '"snapshot"'), message("trade", trade(5)))
        peer.hang()

    with Server(script, rest=rest()) as server:
        ended = stream(program, server, "-n", "5")
        asked = [peer.requests[0]["params"].get("snapshot") for peer in server.peers if peer.requests]
    assert asked == [None, True]
    assert trades(ended) == [(number, False) for number in (1, 2, 3, 4, 5)]
    assert news(ended, "gap") == []
    (figures,) = ended.records[-1]["subscriptions"]
    assert (figures["duplicates"], figures["gaps"]) == ("2", "0")


def test_trades_that_a_recording_swallowed_come_from_rest(program: Program, recordings: Path) -> None:
    replay = recordings.parent / "tools" / "replay.py"
    if not replay.is_file():
        pytest.skip("the recordings have no replay.py beside them")
    path = recordings / "v2_trade_btcusd_20260914_A.jsonl"
    frames = [
        json.loads(json.loads(line)["frame"], parse_float=str) for line in path.read_text().splitlines()
    ]
    recorded = [item for frame in frames if frame.get("channel") == "trade" for item in frame["data"]]
    server = program.start_other([sys.executable, replay, path, "--drop-after", "3", "--swallow", "2"])
    served = server.record()
    ended = program.run(
        "trade", "BTC/USD", "--url", served["ws"], "--events", "-n", str(len(recorded)),
        env={"KRAKEN_SPOT_URL": served["rest"]},
    )  # fmt: skip
    assert ended.status == 0
    printed = [
        json.loads(line, parse_float=str) for line in ended.lines if line.startswith('{"channel":"trade"')
    ]
    sources = [record.pop("source", None) for record in printed]
    assert [
        {k: v for k, v in record.items() if k not in ("channel", "type")} for record in printed
    ] == recorded
    swallowed = [
        item for frame in [f for f in frames if f.get("channel") == "trade"][3:5] for item in frame["data"]
    ]
    ids = [
        record["trade_id"] for record, source in zip(printed, sources, strict=True) if source == "backfill"
    ]
    assert ids == [item["trade_id"] for item in swallowed]


def test_a_hole_is_told_before_the_trade_that_ends_the_stream(program: Program) -> None:
    """Acknowledgement and trade come in one piece, so that nothing happens between them."""

    def script(peer: Peer) -> None:
        peer.greet()
        if peer.number == 1:
            peer.grant()
            peer.wait_for_bytes()  # a ping: the acknowledgement has been read
            peer.cut()
        asked = peer.receive()
        answer = {"method": "subscribe", "req_id": asked["req_id"], "success": True}
        result = {"channel": "trade", "symbol": "BTC/USD"}
        texts = [json.dumps({**answer, "result": result}), message("trade", trade(9))]
        peer.send_bytes(b"".join(map(framed, texts)))
        peer.hang()

    with Server(script) as server:
        arguments = ["trade", "BTC/USD", "--url", server.url, "--events", "--json", "-n", "1"]
        ended = program.hurried(0.05, *arguments).ended()
    assert ended.status == 0
    kinds = [one["type"] for one in ended.records if one["channel"] in ("_feed", "trade")]
    assert kinds[-4:] == ["subscribed", "gap", "update", "end"]
