"""API v1's recorded traffic through the program: every frame the right record, every checksum verified.

What must come out is written here once more from the protocol notes (v1 §5), with dictionaries and positions;
nothing of the client's decoding takes part.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from breadth import thinned

from .program import Ended, Program

Item = dict[str, Any]
NAMES = {"XBT": "BTC", "XDG": "DOGE"}


def symbol(pair: str) -> str:
    return "/".join(NAMES.get(half, half) for half in pair.split("/"))


def time(text: str, minutes: int = 0) -> str:
    seconds, fraction = text.split(".")
    moment = datetime.fromtimestamp(int(seconds), UTC) - timedelta(minutes=minutes)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction}Z"


def ticker(pair: str, figures: Any) -> list[Item]:
    return [
        {
            "symbol": symbol(pair),
            "bid": figures["b"][0],
            "bid_qty": figures["b"][2],
            "ask": figures["a"][0],
            "ask_qty": figures["a"][2],
            "last": figures["c"][0],
            **{name: figures[key][1] for name, key in (("volume", "v"), ("vwap", "p"), ("low", "l"))},
            "high": figures["h"][1],
            "trades": str(figures["t"][1]),
        }
    ]


def trade(pair: str, rows: Any) -> list[Item]:
    sides, types = {"b": "buy", "s": "sell"}, {"l": "limit", "m": "market"}
    return [
        {
            "symbol": symbol(pair),
            "side": sides[row[3]],
            "price": row[0],
            "qty": row[1],
            "ord_type": types[row[4]],
            "timestamp": time(row[2]),
        }
        for row in rows
    ]


def ohlc(pair: str, row: Any, minutes: int) -> list[Item]:
    prices = dict(zip(("open", "high", "low", "close"), row[2:6], strict=True))
    return [
        {
            "symbol": symbol(pair),
            **prices,
            "trades": str(row[8]),
            "volume": row[7],
            "vwap": row[6],
            "interval_begin": time(row[1], minutes),
            "interval": str(minutes),
            "timestamp": time(row[1]),
        }
    ]


def spread(pair: str, row: Any) -> list[Item]:
    names = {"bid": 0, "bid_qty": 3, "ask": 1, "ask_qty": 4}
    return [
        {"symbol": symbol(pair), **{name: row[at] for name, at in names.items()}, "timestamp": time(row[2])}
    ]


def book(pair: str, objects: list[Any]) -> list[Item]:
    whole = {key: value for one in objects for key, value in one.items()}
    item: Item = {"symbol": symbol(pair)}
    for name, keys in (("bids", ("b", "bs")), ("asks", ("a", "as"))):
        rows = next((whole[key] for key in keys if key in whole), [])
        item[name] = [{"price": row[0], "qty": row[1]} for row in rows]
    return [{**item, "checksum": whole["c"]}] if "c" in whole else [item]


@dataclass(frozen=True)
class Recorded:
    """What a recording holds of one channel: the records that are due, by symbol, and its raw frames."""

    items: list[Item]
    frames: list[str]

    @property
    def symbols(self) -> list[str]:
        return list(dict.fromkeys(item["symbol"] for item in self.items))

    def of(self, name: str) -> list[Item]:
        return [item for item in self.items if item["symbol"] == name]


def data(path: Path) -> Iterator[tuple[str, list[Any]]]:
    for line in path.read_text().splitlines():
        row = json.loads(line)
        frame = json.loads(row["frame"])
        if row["dir"] == "in" and isinstance(frame, list) and isinstance(frame[-1], str):
            yield row["frame"], frame


def read(path: Path, wire: str) -> Recorded:
    channel, _, variant = wire.partition("-")
    items: list[Item] = []
    frames = []
    for text, frame in data(path):
        if frame[-2].partition("-")[0] != channel:
            continue
        frames.append(text)
        match channel:
            case "ticker":
                items += ticker(frame[-1], frame[1])
            case "trade":
                items += trade(frame[-1], frame[1])
            case "spread":
                items += spread(frame[-1], frame[1])
            case "ohlc":
                items += ohlc(frame[-1], frame[1], int(variant))
            case "book":
                items += book(frame[-1], frame[1:-2])
    return Recorded(items, frames)


@dataclass(frozen=True)
class Replayed:
    """The program on a recording that is served as the exchange would."""

    program: Program
    recordings: Path

    def __call__(self, name: str, wire: str, *more: str, format_: str = "jsonl") -> tuple[Recorded, Ended]:
        recorded = read(self.recordings / f"{name}.jsonl", wire)
        assert recorded.items, "the recording holds nothing of it"
        replay = self.recordings.parent / "tools" / "replay.py"
        server = self.program.start_other([sys.executable, replay, self.recordings / f"{name}.jsonl"])
        channel, _, variant = wire.partition("-")
        options = {"book": ["-d", variant], "ohlc": ["-i", variant]}.get(channel, [])
        count = len(recorded.frames if format_ == "raw" else recorded.items)
        arguments = [
            channel,
            *recorded.symbols,
            *options,
            "-n",
            str(count),
            "-f",
            format_,
            "--api",
            "v1",
            *more,
        ]
        ended = self.program.run(*arguments, "--url", server.record()["ws"])
        assert (ended.status, ended.err) == (0, "")
        return recorded, ended


@pytest.fixture
def replayed(program: Program, recordings: Path) -> Replayed:
    if not (recordings.parent / "tools" / "replay.py").is_file():
        pytest.skip("the recordings have no replay.py beside them")
    return Replayed(program, recordings)


CASES = [
    ("v1_ticker_multi_20210417_A", "ticker"),
    ("v1_trade_multi_20210417_A", "trade"),
    ("v1_trade_xbtusd_gct_2025", "trade"),
    ("v1_book1000_multi_20210417_A", "book-1000"),
    ("v1_book10_xdgusd_20230725", "book-10"),
    *(("v1_public_xbtusd_20231112", wire) for wire in ("ticker", "trade", "ohlc-1", "spread")),
    ("v1_samples_misc_open", "spread"),
    *(("v1_samples_tardis_2019_2021", wire) for wire in ("spread", "trade")),
    *(("v1_docs_samples", wire) for wire in ("ticker", "trade", "ohlc-5", "spread", "book-100")),
]
CUT_SHORT = [
    ("v1_public_xbtusd_20231112", "book-10"),
    ("v1_samples_misc_open", "book-10"),
    ("v1_samples_tardis_2019_2021", "book-1000"),
]
"""Books of which the samples hold a few frames only: without the levels before, no checksum can be right."""


def compare(recorded: Recorded, ended: Ended, channel: str) -> None:
    printed = [record for record in ended.records if record["channel"] == channel]
    for name in recorded.symbols:
        mine = [
            {k: v for k, v in one.items() if k not in ("channel", "type")}
            for one in printed
            if one["symbol"] == name
        ]
        due = [{k: str(v) if isinstance(v, int) else v for k, v in one.items()} for one in recorded.of(name)]
        assert mine == due
        assert [list(one) for one in mine] == [list(one) for one in due]


@pytest.mark.parametrize(("name", "wire"), CASES)
def test_every_frame_becomes_the_right_record(replayed: Replayed, name: str, wire: str) -> None:
    compare(*replayed(name, wire), wire.partition("-")[0])


@pytest.mark.parametrize(("name", "wire"), CUT_SHORT)
def test_samples_of_books_pass_unverified(replayed: Replayed, name: str, wire: str) -> None:
    compare(*replayed(name, wire, "--no-verify", "-q"), "book")


@pytest.mark.parametrize(("name", "wire"), thinned([*CASES, *CUT_SHORT], 5))
def test_raw_frames_pass_as_they_are(replayed: Replayed, name: str, wire: str) -> None:
    recorded, ended = replayed(name, wire, format_="raw")
    lines = ended.lines
    assert sorted(line for line in lines if line in set(recorded.frames)) == sorted(recorded.frames)


@pytest.mark.parametrize(
    ("name", "wire", "verified"),
    [
        ("v1_book1000_multi_20210417_A", "book-1000", 2075),
        ("v1_book10_xdgusd_20230725", "book-10", 14),
        ("v1_docs_samples", "book-100", 2),
    ],
)
def test_every_checksum_verifies(replayed: Replayed, name: str, wire: str, verified: int) -> None:
    recorded, ended = replayed(name, wire, "--events")
    figures = ended.records[-1]["subscriptions"]
    assert sum(int(one["verified"]) for one in figures) == verified == len(recorded.items) - len(figures)
    assert {(one["unverified"], one["failed"], one["resyncs"], one["padded"]) for one in figures} == {
        ("1", "0", "0", "0")  # the snapshot, which has no checksum
    }


def test_snapshots_are_the_first_frames(replayed: Replayed) -> None:
    recorded, ended = replayed("v1_ticker_multi_20210417_A", "ticker")
    for name in recorded.symbols:
        types = [record["type"] for record in ended.records if record["symbol"] == name]
        assert types == ["snapshot", *["update"] * (len(types) - 1)]
