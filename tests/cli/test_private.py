"""The account's channels through the whole program: records, tokens, what a lost connection missed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from .program import Ended, Program
from .server import Peer, Server, streams

KEYS = {"KRAKEN_API_KEY": "K" * 56, "KRAKEN_API_SECRET": "c2VjcmV0" * 11}
PAIR = {"altname": "XBTUSD", "wsname": "XBT/USD", "base": "XXBT", "quote": "ZUSD", "status": "online",
        "pair_decimals": 1, "lot_decimals": 8}  # fmt: skip
BEGIN = 1772460400  # 2026-03-02T14:06:40Z


def stamp(second: int) -> str:
    return f"2026-03-02T14:{6 + (40 + second) // 60:02}:{(40 + second) % 60:02}.500000Z"


def order(name: str, status: str = "new", second: int = 0, qty: str = "0.00100000", done: str = "") -> str:
    cum = f'"cum_qty":{done},' if done else ""
    return (
        f'{{"order_id":"{name}","symbol":"BTC/USD","order_qty":{qty},{cum}"exec_type":"{status}","side":"buy",'
        f'"order_type":"limit","limit_price":67310.0,"order_status":"{status}","timestamp":"{stamp(second)}"}}'
    )


def fill(name: str, of: str, second: int, qty: str = "0.00040000") -> str:
    return (
        f'{{"order_id":"{of}","exec_id":"{name}","exec_type":"trade","trade_id":90887576,"symbol":"BTC/USD",'
        f'"side":"buy","last_qty":{qty},"last_price":67310.0,"liquidity_ind":"m","cost":26.92400,'
        f'"order_type":"limit","timestamp":"{stamp(second)}","order_status":"partially_filled",'
        f'"fees":[{{"asset":"USD","qty":0.06731}},{{"asset":"BTC","qty":0.00000100}}]}}'
    )


def frame(type_: str, sequence: int, *items: str, channel: str = "executions") -> str:
    return f'{{"channel":"{channel}","type":"{type_}","data":[{",".join(items)}],"sequence":{sequence}}}'


def rest(**answers: Any) -> Callable[[Peer], None]:
    """REST with tokens TOKEN1, TOKEN2, ..., the pair, and these answers; private calls are counted."""
    tokens: list[str] = []

    def answer(peer: Peer) -> None:
        name = peer.path.partition("?")[0].rpartition("/")[2]
        if name == "GetWebSocketsToken":
            tokens.append(f"TOKEN{len(tokens) + 1}")
            peer.answer({"error": [], "result": {"token": tokens[-1], "expires": 900}})
        elif name == "AssetPairs":
            peer.answer({"error": [], "result": {"XXBTZUSD": PAIR}})
        elif name in answers:
            asked = {key: value[0] for key, value in parse_qs(peer.body.decode()).items()}
            found = answers[name]
            peer.answer(found(asked) if callable(found) else found)
        else:
            peer.answer({"error": ["EGeneral:Permission denied"]})

    return answer


def stream(program: Program, server: Server, *arguments: str, env: dict[str, str] | None = None) -> Ended:
    where = {"KRAKEN_WS_AUTH_URL": server.url, "KRAKEN_SPOT_URL": server.rest}
    return program.run(*arguments, env={**KEYS, **where, **(env or {})})


def by_connection(*scripts: Callable[[Peer], None]) -> Callable[[Peer], None]:
    sockets: list[Peer] = []

    def script(peer: Peer) -> None:
        sockets.append(peer)
        scripts[min(len(sockets), len(scripts)) - 1](peer)

    return script


def subscriptions(server: Server) -> list[dict[str, Any]]:
    return [peer.requests[0]["params"] for peer in server.peers if peer.requests]


def named(ended: Ended) -> list[tuple[str, str]]:
    """Order and event, or trade and source, of each record."""
    return [
        (one["exec_id"], one.get("source", ""))
        if "exec_id" in one
        else (one["order_id"], one["order_status"])
        for one in ended.records
        if one["channel"] != "_feed"
    ]


def news(ended: Ended, type_: str) -> list[dict[str, Any]]:
    return [one for one in ended.records if one["channel"] == "_feed" and one["type"] == type_]


SNAPSHOT = frame("snapshot", 1, order("O1"), fill("T1", "O0", 0))


@pytest.mark.parametrize(
    ("command", "due"),
    [
        ("executions", [("O1", "new"), ("T2", ""), ("O1", "filled")]),
        ("executions --snap-trades --no-snap-orders", [("T1", ""), ("T2", ""), ("O1", "filled")]),
        ("open-orders", [("O1", "new"), ("T2", ""), ("O1", "filled")]),
        ("openOrders", [("O1", "new"), ("T2", ""), ("O1", "filled")]),
        ("own-trades", [("T1", ""), ("T2", "")]),
        ("own-trades --no-snap-trades", [("T2", "")]),
    ],
)
def test_each_channel_prints_what_is_its_own(program: Program, command: str, due: list[Any]) -> None:
    frames = (SNAPSHOT, frame("update", 2, fill("T2", "O1", 1)), frame("update", 3, order("O1", "filled", 2)))
    with Server(streams(*frames), rest=rest()) as server:
        ended = stream(program, server, *command.split(), "--json", "-n", str(len(due)))
        (asked,) = subscriptions(server)
    assert (ended.status, ended.err) == (0, "")
    assert named(ended) == due
    assert asked == {"channel": "executions", "snap_orders": True, "snap_trades": True, "token": "TOKEN1"}


def test_records_keep_their_digits_and_their_sequence(program: Program) -> None:
    with Server(streams(SNAPSHOT, frame("update", 2, fill("T2", "O1", 1))), rest=rest()) as server:
        ended = stream(program, server, "own-trades", "--json", "-n", "2")
    assert ended.lines[1].startswith(
        '{"channel":"own-trades","type":"update","sequence":2,"order_id":"O1","exec_id":"T2"'
    )
    assert '"last_qty":0.00040000,"last_price":67310.0' in ended.lines[1]


def test_csv_has_a_row_for_each_fee(program: Program) -> None:
    with Server(streams(frame("snapshot", 1, order("O1"), fill("T1", "O0", 0))), rest=rest()) as server:
        ended = stream(program, server, "executions", "--snap-trades", "-f", "csv", "-n", "2")
    header, first, *fees = [line.split(",") for line in ended.lines]
    assert [first[header.index(name)] for name in ("order_id", "fee_asset", "fee_qty")] == ["O1", "", ""]
    places = [header.index(name) for name in ("exec_id", "fee_asset", "fee_qty")]
    assert [[row[place] for place in places] for row in fees] == [
        ["T1", "USD", "0.06731"],
        ["T1", "BTC", "0.00000100"],
    ]


def test_channels_of_executions_share_one_subscription(program: Program) -> None:
    frames = (SNAPSHOT, frame("update", 2, fill("T2", "O1", 1)))
    with Server(streams(*frames), rest=rest()) as server:
        ended = stream(
            program, server, "watch", "open-orders", "own-trades:ratecounter=true", "--json", "-n", "4"
        )
        (asked,) = subscriptions(server)
    assert asked["ratecounter"] is True
    assert [(one["channel"], one.get("exec_id")) for one in ended.records] == [
        ("open-orders", None), ("own-trades", "T1"), ("open-orders", "T2"), ("own-trades", "T2"),
    ]  # fmt: skip


def test_channels_of_executions_stand_beside_one_another_without_options_too(program: Program) -> None:
    with Server(streams(SNAPSHOT), rest=rest()) as server:
        ended = stream(
            program, server, "watch", "open-orders", "own-trades", "executions", "--json", "-n", "3"
        )
    assert [one["channel"] for one in ended.records] == ["open-orders", "own-trades", "executions"]


def trade_row(of: str, second: int) -> dict[str, Any]:
    return {"ordertxid": of, "postxid": "P", "pair": "XXBTZUSD", "time": BEGIN + second + 0.5, "type": "buy",
            "ordertype": "limit", "price": "67310.00000", "cost": "26.92400", "fee": "0.06731",
            "vol": "0.00040000", "misc": "", "trade_id": 5, "maker": True}  # fmt: skip


def closed(status: str, done: str) -> dict[str, Any]:
    return {"status": status, "opentm": BEGIN, "closetm": BEGIN + 31.25, "vol": "0.00100000",
            "vol_exec": done, "cost": "67.31", "price": "67310.0", "reason": "User requested",
            "cl_ord_id": "mine",
            "descr": {"pair": "XBTUSD", "type": "buy", "ordertype": "limit"}}  # fmt: skip


def test_what_a_lost_connection_missed_comes_from_the_snapshot_and_from_rest(program: Program) -> None:
    first = streams(frame("snapshot", 1, order("O1"), order("O2")), frame("update", 2, fill("T1", "O1", 1)),
                  then=Peer.cut)  # fmt: skip
    second = streams(frame("snapshot", 1, fill("T9", "O1", 40), order("O2", done="0.00010000")),
                   frame("update", 2, fill("T10", "O2", 60)))  # fmt: skip
    trades = {
        "T9": trade_row("O1", 40),
        "T3": trade_row("O1", 30),
        "T2": trade_row("O1", 20),
        "T1": trade_row("O1", 1),
    }
    answers = rest(
        TradesHistory={"error": [], "result": {"trades": trades, "count": 4}},
        QueryOrders=lambda asked: {"error": [], "result": {asked["txid"]: closed("closed", "0.00100000")}},
    )
    with Server(by_connection(first, second), rest=answers) as server:
        ended = stream(program, server, "executions", "--events", "--json", "-n", "9")
        tokens = [asked["token"] for asked in subscriptions(server)]
    assert ended.status == 0
    assert named(ended) == [
        *(("O1", "new"), ("O2", "new"), ("T1", "")),
        *(("T2", "backfill"), ("T3", "backfill"), ("T9", "")),
        *(("O1", "filled"), ("O2", "new"), ("T10", "")),
    ]
    assert tokens == ["TOKEN1", "TOKEN2"]
    backfilled = next(line for line in ended.lines if '"exec_id":"T2"' in line)
    assert (
        '"symbol":"BTC/USD","side":"buy","last_qty":0.00040000,"last_price":67310.00000,"liquidity_ind":"m"'
        in backfilled
    )
    assert (
        f'"timestamp":"{stamp(20)}","fees":[{{"asset":"USD","qty":0.06731}}],"source":"backfill"}}'
        in backfilled
    )
    end = next(line for line in ended.lines if '"order_status":"filled"' in line)
    assert '"cum_qty":0.00100000,"cum_cost":67.31,"avg_price":67310.0' in end
    assert '"reason":"User requested","cl_ord_id":"mine"' in end
    (filled,) = news(ended, "backfilled")
    assert (filled["first_id"], filled["last_id"], filled["count"]) == ("T2", "T3", "2")
    assert news(ended, "gap") == []


def test_what_rest_may_not_tell_is_a_gap_and_ends_a_strict_stream(program: Program) -> None:
    first = streams(frame("snapshot", 1, order("O1")), frame("update", 2, fill("T1", "O1", 1)), then=Peer.cut)
    second = streams(frame("snapshot", 1, fill("T9", "O1", 40)))
    with Server(by_connection(first, second), rest=rest()) as server:
        ended = stream(program, server, "executions", "--events", "--json", "-n", "3")
    assert [(gap.get("order_id"), gap["from"]) for gap in news(ended, "gap")][:1] == [(None, stamp(1))]
    with Server(by_connection(first, second), rest=rest()) as server:
        ended = stream(program, server, "executions", "--events", "--json", "--strict")
    assert ended.status == 65


def test_a_jump_of_the_sequence_is_healed(program: Program) -> None:
    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        peer.send(
            frame("snapshot", 1),
            frame("update", 2, fill("T1", "O1", 1)),
            frame("update", 4, fill("T3", "O1", 3)),
        )
        peer.grant()
        peer.grant()
        peer.send(frame("snapshot", 1, *(fill(f"T{n}", "O1", n) for n in (3, 2, 1))))
        peer.hang()

    with Server(script, rest=rest()) as server:
        ended = stream(program, server, "own-trades", "--events", "--json", "-n", "3")
        methods = [asked["method"] for peer in server.peers for asked in peer.requests]
    assert named(ended) == [("T1", ""), ("T2", ""), ("T3", "")]
    assert methods == ["subscribe", "unsubscribe", "subscribe"]
    (resync,) = news(ended, "resync")
    assert (resync["reason"], resync["expected"], resync["sequence"]) == ("sequence", "3", "4")


def refuses(error: str) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        peer.greet()
        asked = peer.receive()
        peer.send(
            json.dumps({"channel": asked["params"]["channel"], "error": error, "method": "subscribe",
                        "req_id": asked["req_id"], "status": "error", "success": False})
        )  # fmt: skip
        peer.hang()

    return script


def test_a_refused_token_is_fetched_anew_once(program: Program) -> None:
    good = streams(SNAPSHOT)
    with Server(by_connection(refuses("ESession:Invalid session"), good), rest=rest()) as server:
        ended = stream(program, server, "own-trades", "--json", "-n", "1")
    assert (ended.status, named(ended)) == (0, [("T1", "")])
    with Server(refuses("ESession:Invalid session"), rest=rest()) as server:
        ended = stream(program, server, "own-trades")
    assert ended.status == 77
    assert "refused the token" in ended.err
    assert "TOKEN" not in ended.err


@pytest.mark.parametrize(
    ("command", "right"), [("executions", "Query open orders & trades"), ("balances", "Funds")]
)
def test_a_key_without_the_right_is_told_which(program: Program, command: str, right: str) -> None:
    with Server(refuses("EGeneral:Permission denied"), rest=rest()) as server:
        ended = stream(program, server, command)
    assert ended.status == 77
    assert right in ended.error


def test_without_a_key_it_says_how_to_get_one(program: Program) -> None:
    ended = program.run("executions", env={"KRAKEN_API_KEY": "", "KRAKEN_API_SECRET": ""})
    assert ended.status == 78
    assert "KRAKEN_API_KEY" in ended.error


def wallet(asset: str, balance: str) -> str:
    wallets = f'[{{"type":"spot","id":"main","balance":{balance}}}]'
    return f'{{"asset":"{asset}","asset_class":"currency","wallets":{wallets},"balance":{balance}}}'


def entry(asset: str, amount: str, balance: str) -> str:
    return (
        f'{{"ledger_id":"L1","ref_id":"T1","timestamp":"{stamp(1)}","type":"trade","asset":"{asset}",'
        f'"asset_class":"currency","category":"trade","wallet_type":"spot","wallet_id":"main",'
        f'"amount":{amount},"fee":0.0673,"balance":{balance}}}'
    )


def money(type_: str, sequence: int, *items: str) -> str:
    return frame(type_, sequence, *items, channel="balances")


def test_balances_are_printed_as_sent_and_an_entry_keeps_its_type(program: Program) -> None:
    frames = (
        money("snapshot", 1, wallet("BTC", "1.2000000000")),
        money("update", 2, entry("USD", "-26.9240", "773.5030")),
    )
    with Server(streams(*frames), rest=rest()) as server:
        ended = stream(program, server, "balances", "--json", "-n", "2")
    assert '"balance":1.2000000000' in ended.lines[0]
    assert ended.records[1]["type"] == "update"
    assert ended.records[1]["ledger_type"] == "trade"
    assert '"amount":-26.9240,"fee":0.0673,"balance":773.5030' in ended.lines[1]


@pytest.mark.parametrize(("moved", "gaps"), [("1.3000000000", 1), ("1.2000000000", 0)])
def test_entries_that_were_missed_show_in_the_next_snapshot(program: Program, moved: str, gaps: int) -> None:
    first = streams(
        money("snapshot", 1, wallet("BTC", "1.2000000000"), wallet("USD", "5.0000")), then=Peer.cut
    )
    second = streams(
        money("snapshot", 1, wallet("BTC", moved), wallet("USD", "5.0000")),
        money("update", 2, entry("USD", "1.0", "6.0")),
    )
    with Server(by_connection(first, second), rest=rest()) as server:
        ended = stream(program, server, "balances", "--json", "--events", "-n", str(3 + gaps))
    assets = [one["asset"] for one in ended.records if one["channel"] == "balances"]
    assert assets == ["BTC", "USD", *["BTC"] * gaps, "USD"]
    assert len(news(ended, "gap")) == gaps


def test_recorded_private_frames_are_printed(program: Program, recordings: Path) -> None:
    for name, command, count in (
        ("v2_executions_2024_A", "executions --snap-trades", 3),
        ("v2_balances_2024_A", "balances", 2),
    ):
        frames = [
            json.loads(line)["frame"] for line in (recordings / f"{name}.jsonl").read_text().splitlines()
        ]
        frames = [one for one in frames if '"data"' in one][:1]
        items = json.loads(frames[0], parse_float=str, parse_int=str)["data"]
        with Server(streams(*frames), rest=rest()) as server:
            ended = stream(program, server, *command.split(), "--json", "-n", str(len(items)))
        assert ended.status == 0, ended.err
        printed = [
            {k: v for k, v in one.items() if k not in ("channel", "type", "sequence")}
            for one in ended.records
        ]
        assert printed == items
        assert count
