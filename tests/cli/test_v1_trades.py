"""Trades over API v1, which have no ids: joined with REST's after a loss, compared in time, or a gap."""

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .program import HURRIED, Ended, Program, decoded
from .server import Peer, Server
from .server_v1 import compact, data, greet, request, streams, url

PAIR = {"altname": "XBTUSD", "wsname": "XBT/USD", "base": "XXBT", "quote": "ZUSD", "status": "online",
        "pair_decimals": 1, "lot_decimals": 8}  # fmt: skip
BEGIN = 1_750_000_000


def live(*numbers: int) -> str:
    """A frame of these trades, one a second; the number shows in the price."""
    rows = [[f"{30_000 + n}.50000", "0.00100000", f"{BEGIN + n}.{n:06}", "b", "l", ""] for n in numbers]
    return data(json.dumps(rows, separators=(",", ":")), "trade")


def row(number: int) -> str:
    """The same trade as REST has it."""
    return f'["{30_000 + number}.50000","0.00100000",{BEGIN + number}.{number:06},"b","l","",{number}]'


class Rest:
    """REST that knows the pair and these trades; `asked` are the times that it was asked from."""

    def __init__(self, *numbers: int, status: int = 200) -> None:
        self.numbers, self.status = numbers, status
        self.asked: list[str] = []

    def __call__(self, peer: Peer) -> None:
        if "AssetPairs" in peer.path:
            peer.answer({"error": [], "result": {"XXBTZUSD": PAIR}})
            return
        self.asked += parse_qs(urlsplit(peer.path).query).get("since", [""])
        if self.status != 200:
            peer.answer(b"<html>busy</html>", self.status)
            return
        since = int(self.asked[-1] or 0)
        rows = [n for n in self.numbers if (BEGIN + n) * 10**9 + n * 1000 > since]
        last = f"{BEGIN + self.numbers[-1]}000000000"
        body = f'{{"error":[],"result":{{"XXBTZUSD":[{",".join(map(row, rows))}],"last":"{last}"}}}}'
        peer.answer(body.encode())


def interrupted(before: list[str], after: list[str]) -> Callable[[Peer], None]:
    """Frames before a loss, and after it, in one piece with the acknowledgement."""

    def script(peer: Peer) -> None:
        greet(peer)
        asked = request(peer)
        acknowledged = {"event": "subscriptionStatus", "reqid": asked["reqid"], "status": "subscribed"}
        named = {"channelName": "trade", "pair": "XBT/USD", "subscription": {"name": "trade"}}
        peer.send(compact({**acknowledged, **named}), *(before if peer.number == 1 else after))
        (Peer.cut if peer.number == 1 else Peer.hang)(peer)

    return script


def stream(program: Program, server: Server, *more: str, with_rest: bool = True) -> Ended:
    env = {"KRAKEN_SPOT_URL": server.rest} if with_rest else {}
    where = ("--api", "v1", "--url", url(server), "--events", "--json")
    return program.run("trade", "BTC/USD", *where, *more, env=env)


def until(program: Program, server: Server, type_: str, *more: str) -> Ended:
    """Until it tells of this, then interrupted."""
    where = ("--api", "v1", "--url", url(server), "--events", "--json")
    environ = {"KRAKEN_SPOT_URL": server.rest}
    running = program.start("trade", "BTC/USD", *where, *more, env=environ)
    lines = [running.line()]
    while decoded(lines[-1:])[0]["type"] != type_:
        lines.append(running.line())
    running.signal(signal.SIGINT)
    ended = running.ended()
    return replace(ended, out="".join(f"{line}\n" for line in lines) + ended.out)


def trades(ended: Ended) -> list[tuple[int, bool]]:
    """The number of each, and whether it is REST's; only those have an id."""
    found = []
    for record in ended.records:
        if record["channel"] == "trade":
            filled = record.get("source") == "backfill"
            assert ("trade_id" in record) is filled
            found.append((int(float(record["price"])) - 30_000, filled))
    return found


def news(ended: Ended, type_: str) -> list[dict[str, Any]]:
    return [record for record in ended.records if record["channel"] == "_feed" and record["type"] == type_]


def figures(ended: Ended) -> dict[str, Any]:
    (found,) = ended.records[-1]["subscriptions"]
    return {name: found[name] for name in ("gaps", "backfilled", "duplicates", "missing", "audited")}


def test_after_a_reconnect_the_missing_ones_come_in_their_place(program: Program) -> None:
    rest = Rest(*range(1, 10))
    with Server(interrupted([live(1, 2), live(3)], [live(7), live(8, 9)]), rest=rest) as server:
        ended = until(program, server, "backfilled")
    assert ended.status == 130
    assert trades(ended) == [(n, 4 <= n <= 6) for n in range(1, 10)]
    (filled,) = news(ended, "backfilled")
    assert [filled[name] for name in ("first_id", "last_id", "count", "reason")] == [
        "4",
        "6",
        "3",
        "reconnect",
    ]
    assert filled["from"] == "2025-06-15T15:06:44.000004Z"
    assert news(ended, "gap") == []
    assert '"price":30004.50000,"qty":0.00100000,"ord_type":"limit","trade_id":4' in ended.out
    assert (BEGIN + 1) * 10**9 <= int(rest.asked[0]) < (BEGIN + 3) * 10**9 + 3_000


def test_what_rest_cannot_tell_is_a_gap(program: Program) -> None:
    rest = Rest(1, 2, 3, status=503)
    with Server(interrupted([live(1, 2)], [live(6)]), rest=rest) as server:
        ended = stream(program, server, "-n", "3", "--fill-timeout", "1s")
    assert trades(ended) == [(1, False), (2, False), (6, False)]
    (gap,) = news(ended, "gap")
    assert (gap["from"], gap["to"]) == ("2025-06-15T15:06:42.000002Z", "2025-06-15T15:06:46.000006Z")
    assert gap["reason"]
    assert figures(ended)["gaps"] == "1"


def test_what_rest_leaves_out_is_named_by_its_ids(program: Program) -> None:
    rest = Rest(1, 2, 3, 6, 7, 8)
    with Server(interrupted([live(1, 2)], [live(7), live(8)]), rest=rest) as server:
        ended = stream(program, server, "-n", "6")
    assert trades(ended) == [(1, False), (2, False), (3, True), (6, True), (7, False), (8, False)]
    (gap,) = news(ended, "gap")
    assert [gap[name] for name in ("first_id", "last_id", "missing")] == ["4", "5", "2"]
    assert figures(ended)["missing"] == "2"


@pytest.mark.parametrize(("more", "with_rest"), [(["--fill-timeout", "0"], True), ([], False)])
def test_without_rest_or_patience_nothing_waits(program: Program, more: list[str], with_rest: bool) -> None:
    rest = Rest(1, 2, 3, 4)
    with Server(interrupted([live(1)], [live(4)]), rest=rest) as server:
        ended = stream(program, server, "-n", "2", *more, with_rest=with_rest)
    assert (ended.status, trades(ended), rest.asked) == (0, [(1, False), (4, False)], [])
    assert len(news(ended, "gap")) == 1


def test_the_end_of_a_stream_releases_what_is_held(program: Program) -> None:
    with Server(interrupted([live(1)], [live(3)]), rest=Peer.hang) as server:
        ended = stream(program, server, "--duration", "1s")
    assert (ended.status, trades(ended)) == (0, [(1, False), (3, False)])
    assert [record["type"] for record in ended.records[-3:]] == ["gap", "update", "end"]


def test_an_audit_finds_what_a_live_socket_lost(program: Program) -> None:
    rest = Rest(*range(1, 7))
    with Server(streams(live(1, 2), live(5, 6)), rest=rest) as server:
        ended = until(program, server, "backfilled", "--audit", "500ms", "--strict")
    assert (ended.status, ended.err) == (130, "")
    assert trades(ended) == [(1, False), (2, False), (5, False), (6, False), (3, True), (4, True)]
    (filled,) = news(ended, "backfilled")
    assert (filled["count"], filled["reason"]) == ("2", "audit")


def test_an_audit_tells_what_rest_never_had(program: Program) -> None:
    with Server(streams(live(1, 2), live(2), live(3, 4)), rest=Rest(1, 2, 3, 4, 5)) as server:
        ended = stream(program, server, "-n", "6", "--audit", "500ms")
    assert trades(ended) == [(1, False), (2, False), (2, False), (3, False), (4, False), (5, True)]
    (surplus,) = news(ended, "surplus")
    assert (surplus["count"], surplus["from"]) == ("1", "2025-06-15T15:06:42.000002Z")
    assert ended.err == "kraken-stream: BTC/USD: the stream had 1 that REST has not\n"


def test_an_audit_that_cannot_be_made_is_said_once(program: Program) -> None:
    with Server(streams(live(1)), rest=Rest(1, status=403)) as server:
        ended = stream(program, server, "--duration", "4s", "--audit", "300ms", "--fill-timeout", "500ms")
    assert len(news(ended, "unaudited")) == 1
    assert "cannot be compared with REST" in ended.err
    assert figures(ended)["audited"] == "0"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--api", "v1", "--strict"], "add --audit 30s"),
        (["--audit", "30s"], "--api v1"),
        (["--api", "v1", "--audit", "30s", "-f", "raw"], "-f raw has frames"),
        (["--api", "v1", "--audit", "30s", "--url", "ws://127.0.0.1:9/"], "set KRAKEN_SPOT_URL"),
        (["--api", "v1", "--audit", "often"], "no length of time"),
    ],
)
def test_what_does_not_go_together(program: Program, options: list[str], words: str) -> None:
    ended = program.run("trade", "BTC/USD", *options)
    assert (ended.status, ended.out) == (2, "")
    assert words in ended.err


def test_a_quiet_pair_is_no_stall_after_a_reconnect(program: Program) -> None:
    """v1 has no snapshot of trades that could be waited for."""

    def script(peer: Peer) -> None:
        if peer.number == 1:
            streams(live(1), then=Peer.cut)(peer)
        streams(then=request)(peer)  # which answers pings
        peer.hang()

    with Server(script, rest=Rest(1)) as server:
        options = ("--api", "v1", "--url", url(server), "--events", "--json", "--duration", "2s")
        running = program.start_other(
            [sys.executable, HURRIED, "trade", "BTC/USD", *options],
            env={"UNIT": "0.05", "KRAKEN_SPOT_URL": server.rest},
        )
        ended = running.ended()
        events = [request["event"] for peer in server.peers for request in peer.requests]
    assert ended.status == 0
    assert news(ended, "stall") == []
    assert [event for event in events if event != "ping"] == ["subscribe", "subscribe"]
    assert "ping" in events
