"""Real books through the program: every message verified, counted by a replay of the test's own."""

import json
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from books.kit import Event as Order
from books.kit import Levels, NaiveOrders, NaiveSide, crc
from breadth import thinned

from .program import Ended, Program

Item = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A recording, its symbol and depth; `decimals` where its numbers were printed again."""

    name: str
    symbol: str
    depth: int = 10
    decimals: tuple[int, int] | None = None


LITERAL = [
    Case("v2_book10_btcusd_20230730_reconstructed", "BTC/USD"),
    Case("v2_book10_btcusd_20260719_raw", "BTC/USD"),
    Case("v2_book10_btcusd_20260912", "BTC/USD"),
    Case("v2_book10_ethusd_20250506", "ETH/USD"),
    Case("v2_book25_minagbp_20260816", "MINA/GBP", 25),
    Case("v2_booksnap_btcusd_20260527", "BTC/USD"),
    Case("v2_booksnap_ethgbp_2025", "ETH/GBP"),
]
RESERIALISED = [
    Case("v2_book10_btcusd_20230730_reserialised", "BTC/USD", decimals=(1, 8)),
    Case("v2_docs_samples", "ETH/USDT", decimals=(4, 8)),
]
CASES = [pytest.param(case, id=case.name) for case in (*LITERAL, *RESERIALISED)]


def items(path: Path, channel: str) -> list[Item]:
    """The recorded items of a channel, numbers as text, with their frame's type as `type`."""
    found = []
    for line in path.read_text().splitlines():
        row = json.loads(line)
        message = json.loads(row["frame"], parse_float=str, parse_int=str)
        if row["dir"] == "in" and message.get("channel") == channel:
            found += [{"type": message["type"], **item} for item in message["data"]]
    return found


class Replay:
    """A book that sorts and cuts, and how many of its messages had the right checksum."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.bids, self.asks = NaiveSide(bids=True), NaiveSide(bids=False)
        self.verified = 0

    def take(self, item: Item) -> None:
        if item["type"] == "snapshot":
            self.bids, self.asks = NaiveSide(bids=True), NaiveSide(bids=False)
        for side, name in ((self.bids, "bids"), (self.asks, "asks")):
            side.update([(level["price"], level["qty"]) for level in item[name]])
            side.cut(self.case.depth)
        self.verified += crc(self.best("asks", 10), self.best("bids", 10)) == int(item["checksum"])

    def best(self, name: str, limit: int) -> Levels:
        levels = self.bids.levels if name == "bids" else self.asks.levels
        texts = [levels[price] for price in sorted(levels, reverse=name == "bids")[:limit]]
        return [(self._padded(price, 0), self._padded(qty, 1)) for price, qty in texts]

    def _padded(self, text: str, place: int) -> str:
        return text if self.case.decimals is None else f"{Decimal(text):.{self.case.decimals[place]}f}"


@dataclass(frozen=True)
class Replayed:
    """The program on a recording that is served as the exchange would."""

    program: Program
    recordings: Path

    def __call__(self, case: Case, channel: str = "book", *more: str, **env: str) -> Ended:
        replay = self.recordings.parent / "tools" / "replay.py"
        server = self.program.start_other([sys.executable, replay, self.recordings / f"{case.name}.jsonl"])
        arguments = [channel, case.symbol, "-d", str(case.depth), "--events", "--json", *more]
        return self.program.run(*arguments, "--url", server.record()["ws"], env=env)


@pytest.fixture
def replayed(program: Program, recordings: Path) -> Replayed:
    if not (recordings.parent / "tools" / "replay.py").is_file():
        pytest.skip("the recordings have no replay.py beside them")
    return Replayed(program, recordings)


def figures(ended: Ended) -> dict[str, Any]:
    """The end record's figures of the one symbol; nothing went wrong."""
    assert (ended.status, ended.err) == (0, "")
    end = ended.records[-1]
    (one,) = end["subscriptions"]
    assert {one[name] for name in ("failed", "resyncs", "unverified")} == {"0"}
    news = [record["type"] for record in ended.records if record["channel"] == "_feed"]
    assert news == ["connected", "subscribed", "end"]
    return {name: int(one[name]) for name in ("records", "updates", "verified", "padded")}


def replay(case: Case, recordings: Path) -> tuple[list[Item], Replay]:
    found, book = items(recordings / f"{case.name}.jsonl", "book"), Replay(case)
    for item in found:
        book.take(item)
    return found, book


@pytest.mark.parametrize("case", CASES)
def test_every_message_verifies_and_comes_out_as_it_was(
    replayed: Replayed, recordings: Path, case: Case
) -> None:
    recorded, book = replay(case, recordings)
    ended = replayed(case, "book", "-n", str(len(recorded)))
    padded = len(recorded) if case.decimals else 0
    assert figures(ended) == {
        "records": len(recorded),
        "updates": len(recorded),
        "verified": book.verified,
        "padded": padded,
    }
    assert book.verified == len(recorded)
    printed = [record for record in ended.records if record.pop("channel") == "book"]
    assert printed == recorded


@pytest.mark.parametrize("case", thinned(CASES, 4))
def test_the_best_prices_are_those_of_the_replay(replayed: Replayed, recordings: Path, case: Case) -> None:
    book, tops = Replay(case), []
    for item in items(recordings / f"{case.name}.jsonl", "book"):
        book.take(item)
        (bid, bid_qty), (ask, ask_qty) = (next(iter(book.best(name, 1))) for name in ("bids", "asks"))
        top = tuple(map(Decimal, (bid, bid_qty, ask, ask_qty)))
        if not tops or tops[-1] != top:
            tops.append(top)
    ended = replayed(case, "book", "--emit", "top", "-n", str(len(tops)))
    printed = [record for record in ended.records if record["channel"] == "book"]
    names = ("bid", "bid_qty", "ask", "ask_qty")
    assert [tuple(Decimal(record[name]) for name in names) for record in printed] == tops
    for record, (bid, bid_qty, ask, ask_qty) in zip(printed, tops, strict=True):
        assert Decimal(record["spread"]) == ask - bid
        assert 2 * Decimal(record["mid"]) == bid + ask
        exact = (bid_qty - ask_qty) / (bid_qty + ask_qty)
        assert abs(Decimal(record["imbalance"]) - exact) <= Decimal("0.0000005")
    assert figures(ended)["records"] == len(tops)
    assert figures(ended)["verified"] == figures(ended)["updates"]


@pytest.mark.parametrize("case", thinned(CASES, 4))
def test_the_whole_book_is_that_of_the_replay(replayed: Replayed, recordings: Path, case: Case) -> None:
    recorded = items(recordings / f"{case.name}.jsonl", "book")
    ended = replayed(case, "book", "--emit", "book", "-n", str(len(recorded)))
    assert figures(ended)["verified"] == len(recorded)
    book = Replay(case)
    printed = [record for record in ended.records if record["channel"] == "book"]
    for record, item in zip(printed, recorded, strict=True):
        book.take(item)
        for name in ("bids", "asks"):
            levels = [(Decimal(level["price"]), Decimal(level["qty"])) for level in record[name]]
            assert levels == [(Decimal(p), Decimal(q)) for p, q in book.best(name, case.depth)]
        assert (record["checksum"], record["type"]) == (item["checksum"], "snapshot")


def test_the_snapshot_of_level3_verifies_with_every_order_in_its_place(
    replayed: Replayed, recordings: Path
) -> None:
    case = Case("v2_level3snap_btcusd_docs", "BTC/USD")
    (item,) = items(recordings / f"{case.name}.jsonl", "level3")
    for emit in ("delta", "queue"):
        ended = replayed(case, "level3", "--emit", emit, "-n", "1", KRAKEN_WS_TOKEN="RECORDED")
        assert figures(ended) == {"records": 1, "updates": 1, "verified": 1, "padded": 0}
        (record,) = [record for record in ended.records if record["channel"] == "level3"]
        for name in ("bids", "asks"):
            side = NaiveOrders(bids=name == "bids")
            side.update(Order(o["order_id"], o["limit_price"], o["order_qty"], "add") for o in item[name])
            orders = [(o["order_id"], o["limit_price"], o["order_qty"]) for o in record[name]]
            assert orders == side.ranked(10)


@pytest.mark.parametrize(
    ("case", "channel"),
    [(Case("v2_public_2024", "BTC/USD"), "book"), (Case("v2_docs_samples", "ETH/USDT"), "level3")],
    ids=["book", "level3"],
)
def test_a_book_that_its_author_cut_short_is_not_printed(
    replayed: Replayed, recordings: Path, case: Case, channel: str
) -> None:
    recorded = items(recordings / f"{case.name}.jsonl", channel)
    symbol = recorded[0]["symbol"]
    ended = replayed(
        Case(case.name, symbol), channel, "--max-resyncs", "0", "-n", "9", KRAKEN_WS_TOKEN="RECORDED"
    )
    assert ended.status == 65
    assert [record for record in ended.records if record["channel"] == channel] == []
    assert f"the book of {symbol} cannot be trusted: checksum " in json.loads(ended.error)["message"]
