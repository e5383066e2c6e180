"""Several channels in one stream: merged records, each channel in its own order and under its own rules."""

import json
from collections import Counter
from typing import Any

import pytest
from sandbox.kit import WireBook

from krakencli.sandbox import Fault, Sandbox, Settings

from .program import COMMAND, Ended, Program
from .terminal import Terminal

Addresses = dict[str, str]


def watch(program: Program, sandbox: Addresses, *arguments: str) -> Ended:
    ended = program.run("watch", *arguments, "--sandbox-url", sandbox["rest"], "--json")
    assert (ended.status, ended.err) == (0, "")
    return ended


def of(ended: Ended, channel: str) -> list[dict[str, Any]]:
    return [record for record in ended.records if record["channel"] == channel]


def test_channels_come_merged_and_are_counted_apart(program: Program, sandbox: Addresses) -> None:
    specs = ["ticker:XBT/USD,ethusd", "book:BTC/USD,depth=25", "trade:ETH/USD", "status"]
    ended = watch(program, sandbox, *specs, "-n", "120", "--events")
    assert {record["channel"] for record in ended.records} == {"_feed", "ticker", "book", "trade", "status"}
    assert {record["symbol"] for record in of(ended, "ticker")} == {"BTC/USD", "ETH/USD"}
    book = WireBook(25)
    for record in of(ended, "book"):
        data = {**record, "checksum": int(record["checksum"])}
        assert book.apply({"type": record["type"], "data": [data]})
    end = ended.records[-1]
    counted = Counter((r["channel"], r.get("symbol")) for r in ended.records if r["channel"] != "_feed")
    told = {(s["channel"], s.get("symbol")): int(s["records"]) for s in end["subscriptions"]}
    assert told == counted
    assert sum(told.values()) == 120
    (proof,) = [one for one in end["subscriptions"] if one["channel"] == "book"]
    assert proof["verified"] == proof["records"]
    assert {r["connection"] for r in ended.records if r["type"] == "connected"} == {"1"}


def test_what_the_exchange_would_confuse_goes_over_connections_of_its_own(
    program: Program, sandbox: Addresses
) -> None:
    specs = ["ticker:BTC/USD", "spread:BTC/USD", "book:BTC/USD", "book:ETH/USD,depth=25", "level3:BTC/USD"]
    ended = watch(program, sandbox, *specs, "--events", "--duration", "2s")
    places = {
        (record["subscription"], record["symbol"], record.get("depth", record.get("event_trigger"))): record[
            "connection"
        ]
        for record in of(ended, "_feed")
        if record["type"] == "subscribed"
    }
    assert len(places) == 5
    assert len(set(places.values())) == 3
    assert places["ticker", "BTC/USD", "trades"] != places["ticker", "BTC/USD", "bbo"]
    assert places["book", "BTC/USD", "10"] != places["book", "ETH/USD", "25"]
    assert {tuple(record) for record in of(ended, "spread")} == {
        ("channel", "type", "symbol", "bid", "bid_qty", "ask", "ask_qty", "timestamp")
    }
    assert all("last" in record for record in of(ended, "ticker"))
    assert len([r for r in of(ended, "book") if r["type"] == "snapshot"]) == 2
    assert of(ended, "level3")


@pytest.mark.parametrize(
    "specs",
    [
        ["book:BTC/USD", "book:xbtusd,depth=25"],
        ["ohlc:BTC/USD", "ohlc:ETH/USD,interval=5"],
        ["trade:BTC/USD", "trade:ETH/USD,snapshot=true"],
        ["spread:BTC/USD", "ticker:ETH/USD,event-trigger=bbo"],
    ],
)
def test_what_could_not_be_told_apart_is_refused(
    program: Program, sandbox: Addresses, specs: list[str]
) -> None:
    refused = program.run("watch", *specs, "--sandbox-url", sandbox["rest"])
    assert refused.status == 2
    assert "could not be told apart" in refused.error


def test_the_loss_of_one_connection_leaves_the_books_of_another_alone(program: Program) -> None:
    fault = Fault("drop_connection", after=30, connection=2)
    with Sandbox(Settings(symbols=("BTC/USD", "ETH/USD"), rate=1000, faults=(fault,))) as exchange:
        ended = program.run(
            "watch", "book:BTC/USD", "ticker:BTC/USD", "--per-connection", "1", "--sandbox-url",
            exchange.addresses.rest, "--events", "--json", "-n", "300",
        )  # fmt: skip
    assert ended.status == 0
    kinds = Counter(record["type"] for record in of(ended, "_feed"))
    assert (kinds["disconnected"], kinds["untrusted"]) == (1, 0)


def test_a_book_that_fails_leaves_the_other_channels_alone(program: Program) -> None:
    fault = Fault("wrong_checksum", "BTC/USD", at=10)
    with Sandbox(Settings(symbols=("BTC/USD",), rate=1000, faults=(fault,))) as exchange:
        ended = program.run(
            "watch", "book:BTC/USD", "trade:BTC/USD", "--sandbox-url", exchange.addresses.rest,
            "--events", "--json", "-n", "400",
        )  # fmt: skip
    assert ended.status == 0
    kinds = Counter(record["type"] for record in of(ended, "_feed"))
    assert (kinds["untrusted"], kinds["resync"], kinds["disconnected"]) == (1, 1, 0)
    ids = [int(record["trade_id"]) for record in of(ended, "trade")]
    assert ids == list(range(ids[0], ids[0] + len(ids)))


def test_raw_frames_of_all_channels(program: Program, sandbox: Addresses) -> None:
    ended = program.run(
        "watch", "ticker:BTC/USD", "trade:BTC/USD", "--sandbox-url", sandbox["rest"], "-f", "raw", "-n", "20"
    )
    frames = [json.loads(line) for line in ended.lines]
    assert {frame["channel"] for frame in frames if "data" in frame} == {"status", "ticker", "trade"}


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([], 2, "watch needs at least one channel"),
        (["ticker:BTC/USD", "-f", "csv"], 2, "one CSV table cannot hold several channels"),
        (["ticker:BTC/USD", "--url", "ws://127.0.0.1:1/v2"], 2, "--url"),
        (["book:BTC/USD,emit=top", "-f", "raw"], 2, "-f raw"),
        (["ticker:NOPE/USD"], 64, "NOPE/USD"),
    ],
)
def test_what_watch_cannot_do(
    program: Program, sandbox: Addresses, arguments: list[str], status: int, words: str
) -> None:
    ended = program.run("watch", *arguments, "--sandbox-url", sandbox["rest"])
    assert ended.status == status
    assert words in ended.error


def test_on_a_terminal_channels_stand_below_one_another(program: Program, sandbox: Addresses) -> None:
    with Terminal(program) as terminal:
        where = ["--sandbox-url", sandbox["rest"]]
        terminal.start([*COMMAND, "watch", "ticker:BTC/USD", "book:BTC/USD", "trade:BTC/USD", *where])
        for words in ("── ticker ", "── book ", "spread ", "── trade ", "verified"):
            terminal.shows(words)
        terminal.type("q")
        assert terminal.ended().status == 0


def test_where_no_more_files_may_be_opened_it_says_so(program: Program) -> None:
    with Sandbox(Settings(synthetic=60)) as exchange:
        many = f"ticker --all --per-connection 1 --sandbox-url {exchange.addresses.rest}"
        ended = program.shell(f"ulimit -n 40; kraken-stream {many}")
    assert ended.status == 69
    assert "cannot open one more connection: Too many open files" in ended.error
    assert "--per-connection" in ended.error
