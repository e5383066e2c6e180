"""The account's channels over API v1 through the whole program: recordings, requests, what was missed."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from .program import Ended, Program
from .server import Peer, Server
from .server_v1 import compact, grant, greet, refuse, streams
from .test_private import KEYS, by_connection, closed, named, news, rest, trade_row

Item = dict[str, Any]
BEGIN = 1772460400
NAMES = {"XBT": "BTC", "XDG": "DOGE"}
STATES = {"pending": "pending_new", "open": "new", "closed": "filled"}


def stamp(text: str | None) -> str | None:
    if not text or float(text) == 0:
        return None
    seconds, fraction = text.split(".")
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%dT%H:%M:%S}.{fraction}Z"


def symbol(pair: str) -> str:
    return "/".join(NAMES.get(half, half) for half in pair.split("/"))


def there(item: Item) -> Item:
    return {name: value for name, value in item.items() if value is not None}


def order(name: str, whole: Item, news: Item) -> Item:
    """An order that is not of a type with a trigger, once more from the notes (v1 §7.1)."""
    descr, flags = whole.get("descr", {}), whole.get("oflags", "").split(",")
    done = float(whole.get("vol_exec", "0"))
    status, told = whole.get("status"), news.get("status")
    quote = symbol(descr["pair"]).partition("/")[2] if descr else None
    fees = [{"asset": quote, "qty": whole["fee"]}] if quote and "fee" in whole else None
    limit = descr.get("price") if float(descr.get("price", "0")) else None
    return there(
        {
            "order_id": name,
            "symbol": symbol(descr["pair"]) if descr else None,
            "order_qty": whole.get("vol"),
            "cum_qty": whole.get("vol_exec"),
            "cum_cost": whole.get("cost"),
            "avg_price": whole.get("avg_price"),
            "time_in_force": whole.get("timeinforce"),
            "exec_type": STATES.get(told, told) if told else None,
            "side": descr.get("type"),
            "order_type": descr.get("ordertype"),
            "order_userref": str(whole["userref"]) if "userref" in whole else None,
            "ord_ref_id": whole.get("refid"),
            "limit_price_type": "static" if limit else None,
            "limit_price": limit,
            "order_status": "partially_filled" if status == "open" and done else STATES.get(status, status),
            "fee_ccy_pref": flags[0] or None,
            "fees": fees,
            "post_only": True if "post" in flags else None,
            "timestamp": stamp(whole.get("lastupdated")) or stamp(whole.get("opentm")),
            "reason": news.get("cancel_reason"),
        }
    )


def trade(name: str, row: Item) -> Item:
    pair = symbol(row["pair"])
    return {
        "order_id": row["ordertxid"],
        "exec_id": name,
        "exec_type": "trade",
        "symbol": pair,
        "side": row["type"],
        "last_qty": row["vol"],
        "last_price": row["price"],
        "cost": row["cost"],
        "order_type": row["ordertype"],
        "timestamp": stamp(row["time"]),
        "fees": [{"asset": pair.partition("/")[2], "qty": row["fee"]}],
    }


@dataclass(frozen=True)
class Recorded:
    """What a recording holds: the records that are due, and its frames."""

    items: list[Item]
    frames: list[str]


def read(path: Path, channel: str) -> Recorded:
    items, frames, orders, told = [], [], dict[str, Item](), set[str]()
    for line in path.read_text().splitlines():
        text = json.loads(line)["frame"]
        frame = json.loads(text)
        if not isinstance(frame, list) or frame[1] != channel:
            continue
        frames.append(text)
        kind = "snapshot" if frame[2]["sequence"] == 1 else "update"
        for name, fields in (one for entry in frame[0] for one in entry.items()):
            head = {"type": kind, "sequence": str(frame[2]["sequence"])}
            if channel == "ownTrades":
                if name not in told:  # the documentation's sample has one trade four times
                    items.append({**head, **trade(name, fields)})
                told.add(name)
                continue
            whole = orders[name] = {**orders.get(name, {}), **fields}
            items.append({**head, **order(name, whole, fields)})
            if whole.get("status") in ("closed", "canceled", "expired"):
                del orders[name]
    return Recorded(items, frames)


RECORDINGS = [
    ("v1_openorders_20221219", "openOrders"),
    ("v1_openorders_gct_20230824", "openOrders"),
    ("v1_orders_20211205", "openOrders"),
    ("v1_private_20231117", "openOrders"),
    ("v1_owntrades_20231117", "ownTrades"),
    ("v1_docs_samples", "ownTrades"),
]
TOLD_LATE = {"v1_orders_20211205": 2, "v1_private_20231117": 6}
"""Recordings with a jump of the sequence, and how many records stand before it."""


@dataclass(frozen=True)
class Replayed:
    """The program on a recording that is served as the exchange would."""

    program: Program
    recordings: Path

    def __call__(self, name: str, channel: str, *arguments: str) -> tuple[Recorded, Ended]:
        recorded = read(self.recordings / f"{name}.jsonl", channel)
        assert recorded.items, "the recording holds nothing of it"
        replay = self.recordings.parent / "tools" / "replay.py"
        server = self.program.start_other([sys.executable, replay, self.recordings / f"{name}.jsonl"])
        served = server.record()
        env = {**KEYS, "KRAKEN_SPOT_URL": served["rest"]}
        return recorded, self.program.run(channel, "--api", "v1", "--url", served["ws"], *arguments, env=env)


@pytest.fixture
def replayed(program: Program, recordings: Path) -> Replayed:
    if not (recordings.parent / "tools" / "replay.py").is_file():
        pytest.skip("the recordings have no replay.py beside them")
    return Replayed(program, recordings)


@pytest.mark.parametrize(("name", "channel"), RECORDINGS)
def test_every_recorded_frame_becomes_the_right_records(replayed: Replayed, name: str, channel: str) -> None:
    """What stands behind a jump is held until a snapshot comes, which a recording cannot send anew."""
    due = TOLD_LATE.get(name)
    ends = ("--duration", "2s", "--fill-timeout", "0") if due else ("-n", "COUNT")
    count = str(len(read(replayed.recordings / f"{name}.jsonl", channel).items))
    recorded, ended = replayed(
        name, channel, "--json", "--events", *(count if word == "COUNT" else word for word in ends)
    )
    assert ended.status == 0, ended
    printed = [
        {key: value for key, value in one.items() if key != "channel"}
        for one in ended.records
        if one["channel"] != "_feed"
    ]
    assert printed == recorded.items
    assert [list(one) for one in printed] == [list(one) for one in recorded.items]
    assert len(news(ended, "resync")) == (1 if due else 0)
    assert len(news(ended, "gap")) == (1 if due else 0)


@pytest.mark.parametrize(("name", "channel"), RECORDINGS)
def test_raw_frames_pass_as_they_are(replayed: Replayed, name: str, channel: str) -> None:
    count = len(read(replayed.recordings / f"{name}.jsonl", channel).frames)
    recorded, ended = replayed(name, channel, "-f", "raw", "-n", str(count))
    assert (ended.status, ended.err) == (0, "")
    assert [line for line in ended.lines if line in recorded.frames] == recorded.frames


def fills(sequence: int, *entries: str) -> str:
    return f'[[{",".join(entries)}],"ownTrades",{{"sequence":{sequence}}}]'


def fill(name: str, second: int, of: str = "O1", more: str = "") -> str:
    return (
        f'{{"{name}":{{"cost":"26.92400","fee":"0.06731","margin":"0.00000","ordertxid":"{of}",'
        f'"ordertype":"limit","pair":"XBT/USD","postxid":"P","price":"67310.00000",'
        f'"time":"{BEGIN + second}.500000","type":"buy"{more},"vol":"0.00040000"}}}}'
    )


def orders(sequence: int, *entries: str) -> str:
    return f'[[{",".join(entries)}],"openOrders",{{"sequence":{sequence}}}]'


def resting(name: str, done: str = "0.00000000") -> str:
    return (
        f'{{"{name}":{{"avg_price":"0.00000","cost":"0.00000","descr":{{"close":null,"leverage":null,'
        f'"order":"buy","ordertype":"limit","pair":"XBT/USD","price":"67310.00000","price2":"0.00000",'
        f'"type":"buy"}},"expiretm":null,"fee":"0.00000","limitprice":"0.00000","misc":"","oflags":"fciq",'
        f'"opentm":"{BEGIN}.000000","refid":null,"starttm":null,"status":"open","stopprice":"0.00000",'
        f'"timeinforce":"GTC","userref":0,"vol":"0.00100000","vol_exec":"{done}"}}}}'
    )


def part(name: str, fields: str) -> str:
    return f'{{"{name}":{fields}}}'


def stream(program: Program, server: Server, *arguments: str) -> Ended:
    where = {"KRAKEN_WS_AUTH_URL": server.url.removesuffix("v2"), "KRAKEN_SPOT_URL": server.rest}
    return program.run(*arguments, "--api", "v1", env={**KEYS, **where})


def asked(server: Server) -> list[Item]:
    """The subscriptions that were asked for."""
    return [
        one["subscription"] for peer in server.peers for one in peer.requests if one["event"] == "subscribe"
    ]


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("open-orders", {"name": "openOrders"}),
        (
            "openOrders --ratecounter --no-rebased",
            {"name": "openOrders", "ratecounter": True, "rebased": False},
        ),
        ("own-trades", {"name": "ownTrades"}),
        ("own-trades --no-snap-trades", {"name": "ownTrades"}),
        ("ownTrades --no-consolidate-taker", {"name": "ownTrades", "consolidate_taker": False}),
        ("own-trades --no-rebased -f raw", {"name": "ownTrades", "rebased": False}),
        ("own-trades --no-snap-trades -f raw", {"name": "ownTrades", "snapshot": False}),
    ],
)
def test_options_stand_in_the_subscription(program: Program, command: str, wanted: Item) -> None:
    frames = (orders(1, resting("O1")), fills(1, fill("T1", 1)), fills(2, fill("T2", 2)))
    with Server(streams(*frames), rest=rest()) as server:
        ended = stream(program, server, *command.split(), "-n", "1")
        (found,) = asked(server)
    assert ended.status == 0, ended
    assert found == {**wanted, "token": "TOKEN1"}
    assert "TOKEN1" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (
            "open-orders --no-order-status",
            "--no-order-status of open-orders is of API v2 only",
        ),
        ("open-orders --users all", "--users of open-orders is of API v2 only"),
        ("own-trades --ratecounter", "--ratecounter of own-trades is of API v2 only"),
        ("executions", "API v1 has no executions"),
        ("balances", "API v1 has no balances"),
    ],
)
def test_what_v1_lacks_is_a_usage_error(program: Program, command: str, words: str) -> None:
    ended = program.run(*command.split(), "--api", "v1", env=KEYS)
    assert ended.status == 2
    assert words in ended.error
    assert "--api v2" in ended.error


def test_what_v2_lacks_is_a_usage_error(program: Program) -> None:
    ended = program.run("own-trades", "--no-consolidate-taker", env=KEYS)
    assert ended.status == 2
    assert "--no-consolidate-taker of own-trades is of API v1 only" in ended.error


def test_trades_of_the_beginning_are_left_out_where_nobody_wants_them(program: Program) -> None:
    with Server(streams(fills(1, fill("T1", 1)), fills(2, fill("T2", 2))), rest=rest()) as server:
        ended = stream(program, server, "own-trades", "--no-snap-trades", "--json", "-n", "1")
    assert named(ended) == [("T2", "")]


def test_csv_has_the_columns_of_v2(program: Program) -> None:
    frames = streams(fills(1, fill("T1", 1)))
    with Server(frames, rest=rest()) as server:
        ended = stream(program, server, "own-trades", "-f", "csv", "-n", "1")
    header, row = (line.split(",") for line in ended.lines)
    found = dict(zip(header, row, strict=True))
    due = {
        "sequence": "1",
        "last_qty": "0.00040000",
        "fee_qty": "0.06731",
        "fee_asset": "USD",
        "trade_id": "",
    }
    assert {name: found[name] for name in due} == due


def test_a_table_of_orders_has_no_column_that_stays_empty(program: Program) -> None:
    with Server(streams(orders(1, resting("O1"))), rest=rest()) as server:
        ended = stream(program, server, "open-orders", "-f", "table", "-n", "1")
    header, row = ended.lines
    assert all(word in header for word in ("order qty", "limit", "cum qty", "fee"))
    assert not any(word in header for word in ("last qty", "last price", "liq"))
    assert "0.00100000" in row


@pytest.mark.parametrize(
    "frame",
    [
        fills(2, fill("T2", 2).replace("67310.00000", "sixty")),
        fills(2, '{"T2":{}}'),
        '[[],"ownTrades",{}]',
    ],
)
def test_a_record_that_cannot_be_decoded_ends_with_76(program: Program, frame: str) -> None:
    with Server(streams(fills(1, fill("T1", 1)), frame), rest=rest()) as server:
        ended = stream(program, server, "own-trades", "--json")
    assert (ended.status, named(ended)) == (76, [("T1", "")])
    assert "ownTrades" in ended.error


def test_a_refused_token_is_fetched_anew_once_and_shown_to_nobody(program: Program) -> None:
    def refused(peer: Peer) -> None:
        greet(peer)
        refuse(peer, "ESession:Invalid session")
        peer.hang()

    with Server(by_connection(refused, streams(fills(1, fill("T1", 1)))), rest=rest()) as server:
        ended = stream(program, server, "own-trades", "-f", "raw", "-n", "1")
        tokens = [one["token"] for one in asked(server)]
    assert ended.status == 0
    assert tokens == ["TOKEN1", "TOKEN2"]
    assert '"token":"***"' in ended.out
    assert "TOKEN" not in ended.out + ended.err
    with Server(refused, rest=rest()) as server:
        ended = stream(program, server, "open-orders", "-vv")
    assert ended.status == 77
    assert "TOKEN" not in ended.err


@pytest.mark.parametrize(
    ("command", "right"),
    [("open-orders", "Query open orders & trades"), ("own-trades", "Query closed orders & trades")],
)
def test_a_key_without_the_right_is_told_which(program: Program, command: str, right: str) -> None:
    def refused(peer: Peer) -> None:
        greet(peer)
        refuse(peer, "EGeneral:Permission denied")
        peer.hang()

    with Server(refused, rest=rest()) as server:
        ended = stream(program, server, command)
    assert ended.status == 77
    assert right in ended.error


@pytest.mark.parametrize(
    ("option", "merges"), [("--consolidate-taker", "true"), ("--no-consolidate-taker", "false")]
)
def test_trades_that_were_missed_come_from_the_snapshot_and_from_rest(
    program: Program, option: str, merges: str
) -> None:
    """REST is asked for the same view of taker orders as the stream has."""
    views: list[str] = []

    def history(params: dict[str, str]) -> Item:
        views.append(params["consolidate_taker"])
        rows = {f"T{n}": trade_row("O1", 10 * n) for n in (4, 3, 2, 1)}
        return {"error": [], "result": {"trades": rows, "count": 4}}

    first = streams(fills(1), fills(2, fill("T1", 10, more=',"userref":0')), then=Peer.cut)
    second = streams(fills(1, fill("T4", 40)), fills(2, fill("T5", 50)))
    with Server(by_connection(first, second), rest=rest(TradesHistory=history)) as server:
        ended = stream(program, server, "own-trades", option, "--events", "--json", "-n", "5")
    assert named(ended) == [("T1", ""), ("T2", "backfill"), ("T3", "backfill"), ("T4", ""), ("T5", "")]
    assert views == [merges]
    assert news(ended, "gap") == []
    (filled,) = news(ended, "backfilled")
    assert (filled["first_id"], filled["last_id"], filled["count"]) == ("T2", "T3", "2")
    assert filled["subscription"] == "ownTrades"


def test_orders_that_vanished_are_looked_up(program: Program) -> None:
    first = streams(orders(1, resting("O1"), resting("O2"), resting("O3")), then=Peer.cut)
    second = streams(
        orders(1, resting("O2", "0.00040000"), resting("O3")),
        orders(2, part("O3", '{"status":"canceled","cancel_reason":"User requested"}')),
    )
    answers = rest(
        QueryOrders=lambda params: {"error": [], "result": {params["txid"]: closed("closed", "0.00100000")}}
    )
    with Server(by_connection(first, second), rest=answers) as server:
        ended = stream(program, server, "open-orders", "--events", "--json", "-n", "6")
    assert named(ended) == [
        *(("O1", "new"), ("O2", "new"), ("O3", "new")),
        *(("O1", "filled"), ("O2", "partially_filled"), ("O3", "canceled")),
    ]
    end = next(one for one in ended.records if one.get("order_status") == "filled")
    assert end["source"] == "backfill"


def test_an_order_of_which_nobody_can_tell_is_a_gap(program: Program) -> None:
    first = streams(orders(1, resting("O1")), then=Peer.cut)
    second = streams(orders(1), orders(2, resting("O2")))
    with Server(by_connection(first, second), rest=rest()) as server:
        ended = stream(program, server, "open-orders", "--events", "--json", "-n", "2")
    assert [gap["order_id"] for gap in news(ended, "gap")] == ["O1"]


def healed(*more: str, again: tuple[str, ...]) -> Callable[[Peer], None]:
    """Grant, send these, grant leaving and asking again, send what comes then."""

    def script(peer: Peer) -> None:
        greet(peer)
        grant(peer)
        peer.send(*more)
        grant(peer)
        grant(peer)
        peer.send(*again)
        peer.hang()

    return script


def test_a_jump_of_the_sequence_is_healed(program: Program) -> None:
    script = healed(
        *(fills(1), fills(2, fill("T1", 1)), fills(4, fill("T3", 3))),
        again=(fills(1, *(fill(f"T{n}", n) for n in (3, 2, 1))), fills(2, fill("T4", 4))),
    )
    with Server(script, rest=rest()) as server:
        ended = stream(program, server, "own-trades", "--events", "--json", "-n", "4")
        events = [one["event"] for peer in server.peers for one in peer.requests]
    assert named(ended) == [("T1", ""), ("T2", ""), ("T3", ""), ("T4", "")]
    assert events == ["subscribe", "unsubscribe", "subscribe"]
    (resync,) = news(ended, "resync")
    assert (resync["subscription"], resync["expected"], resync["sequence"]) == ("ownTrades", "3", "4")


def test_trades_of_one_moment_keep_their_order(program: Program) -> None:
    script = healed(
        *(fills(1), fills(2, fill("T1", 1)), fills(4, fill("T4", 2))),
        again=(fills(1, *(fill(f"T{n}", max(n, 2) if n == 1 else 2) for n in (4, 3, 2)), fill("T1", 1)),),
    )
    with Server(script, rest=rest()) as server:
        ended = stream(program, server, "own-trades", "--events", "--json", "-n", "4")
    assert named(ended) == [("T1", ""), ("T2", ""), ("T3", ""), ("T4", "")]


def test_a_subscription_that_the_exchange_ends_is_missed_and_healed(program: Program) -> None:
    gone = compact(
        {
            "channelName": "ownTrades",
            "event": "subscriptionStatus",
            "status": "unsubscribed",
            "subscription": {"name": "ownTrades"},
        }
    )

    def script(peer: Peer) -> None:
        greet(peer)
        grant(peer)
        peer.send(fills(1, fill("T1", 1)), gone)
        grant(peer)
        peer.send(fills(1, fill("T2", 2), fill("T1", 1)), fills(2, fill("T3", 3)))
        peer.hang()

    with Server(script, rest=rest()) as server:
        ended = stream(program, server, "own-trades", "--no-snap-trades", "--events", "--json", "-n", "2")
    assert named(ended) == [("T2", ""), ("T3", "")]


def test_news_come_first_where_there_is_no_snapshot(program: Program) -> None:
    """Whether an empty snapshot is sent is not known: nothing may be lost without one."""
    late = ',"userref":0'
    first = streams(fills(1, fill("T1", 1, more=late)), then=Peer.cut)
    second = streams(fills(1, fill("T2", 2, more=late)), fills(2, fill("T3", 3, more=late)))
    history = {"error": [], "result": {"trades": {"T1": trade_row("O1", 1)}, "count": 1}}
    with Server(by_connection(first, second), rest=rest(TradesHistory=history)) as server:
        ended = stream(program, server, "own-trades", "--no-snap-trades", "--json", "-n", "3")
    assert [name for name, _ in named(ended)] == ["T1", "T2", "T3"]


def test_both_channels_stand_beside_one_another(program: Program) -> None:
    def script(peer: Peer) -> None:
        greet(peer)
        grant(peer)
        grant(peer)
        peer.send(orders(1, resting("O1")), fills(1, fill("T1", 1)))
        peer.send(fills(2, fill("T2", 2)), orders(2, part("O1", '{"status":"closed"}')))
        peer.hang()

    with Server(script, rest=rest()) as server:
        ended = stream(program, server, "watch", "openOrders", "ownTrades", "--json", "-n", "4")
        names = [one["name"] for one in asked(server)]
    assert names == ["openOrders", "ownTrades"]
    assert [(one["channel"], one["sequence"]) for one in ended.records] == [
        ("open-orders", "1"), ("own-trades", "1"), ("own-trades", "2"), ("open-orders", "2"),
    ]  # fmt: skip
