"""Recorded traffic of the real exchange, streamed and compared as text: every record, digit, field, in order.

What must come out is cut from the recorded frames with the standard library's JSON scanner, so that neither
the client's decoder nor anybody's number formatting takes part.
"""

import csv
import json
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from breadth import broad

from krakencli.channels import CHANNELS, PUBLIC
from krakencli.channels.instrument import ASSETS
from krakencli.model import Channel

from .program import Program

CASES = [
    ("v2_trade_btcusd_20260914_A", "trade"),
    ("v2_ohlc1_btcusd_20261006", "ohlc"),
    ("v2_book10_btcusd_20230730_reconstructed", "book"),
    ("v2_book10_btcusd_20230730_reserialised", "book"),
    ("v2_book10_btcusd_20260719_raw", "book"),
    ("v2_book10_btcusd_20260912", "book"),
    ("v2_book10_ethusd_20250506", "book"),
    ("v2_book25_minagbp_20260816", "book"),
    ("v2_booksnap_btcusd_20260527", "book"),
    ("v2_booksnap_ethgbp_2025", "book"),
    *(("v2_public_2024", name) for name in ("ticker", "trade", "ohlc", "book", "level3", "instrument")),
    *(("v2_public_btcusd_20260925", name) for name in ("ticker", "trade", "ohlc")),
    *(("v2_samples_misc_open", name) for name in ("ticker", "trade")),
    *(("v2_docs_samples", name) for name in ("ticker", "trade", "ohlc", "book", "level3")),
    ("v2_level3snap_btcusd_docs", "level3"),
]
FORMATS = ("jsonl", "csv", "raw")
OPTIONS = {
    ("v2_book25_minagbp_20260816", "book"): ["-d", "25"],
    ("v2_public_2024", "book"): ["--no-verify"],
    ("v2_public_2024", "level3"): ["--no-verify"],
    ("v2_docs_samples", "level3"): ["--no-verify"],
}
"""What a recording needs: the depth that it was made with, or, where its author cut the book short,
no look at the checksums.
"""


@dataclass(frozen=True)
class Item:
    """One recorded item: its text, and the type of the frame that brought it."""

    type: str
    text: str

    @property
    def fields(self) -> dict[str, object]:
        decoded: dict[str, object] = json.loads(self.text, parse_float=str, parse_int=str)
        return decoded


@dataclass(frozen=True)
class Recorded:
    """The frames of one channel in a recording, and their items."""

    frames: list[str]
    items: list[Item]
    symbols: list[str]


def array(text: str, start: int) -> Iterator[str]:
    """The texts of the elements of the array that begins at `start`."""
    scan = json.JSONDecoder().raw_decode
    at = start + 1
    while text[at : at + 1] not in ("]", ""):
        _, end = scan(text, at)
        yield text[at:end]
        at = end + 1 if text[end] == "," else end


def recorded(path: Path, channel: Channel) -> Recorded:
    found = Recorded([], [], [])
    label = f'"{channel.member}":[' if channel.member else '"data":['
    for line in path.read_text().splitlines():
        row = json.loads(line)
        frame: str = row["frame"]
        message = json.loads(frame)
        if row["dir"] == "in" and message.get("channel") == channel.wire:
            found.frames.append(frame)
            texts = array(frame, frame.index(label) + len(label) - 1)
            found.items.extend(Item(message["type"], text) for text in texts)
    names = (str(item.fields.get("symbol", item.fields.get("id"))) for item in found.items)
    found.symbols.extend(dict.fromkeys(names))
    assert found.items, "the recording has nothing of this channel"
    return found


@pytest.fixture
def stream(program: Program, recordings: Path) -> "Stream":
    if not (recordings.parent / "tools" / "replay.py").is_file():
        pytest.skip("the recordings have no replay.py beside them")
    return Stream(program, recordings)


@dataclass(frozen=True)
class Stream:
    program: Program
    recordings: Path

    def url(self, name: str) -> str:
        replay = self.recordings.parent / "tools" / "replay.py"
        server = self.program.start_other([sys.executable, replay, self.recordings / f"{name}.jsonl"])
        address: str = server.record()["ws"]
        return address

    def __call__(self, name: str, channel: Channel, what: Recorded, format_: str, *more: str) -> list[str]:
        """The lines of the recording's records in a format."""
        symbols = [symbol.replace("BTC/", "XBT/") for symbol in what.symbols]
        asked = [] if channel.member else symbols
        arguments = [channel.name, *asked, *more, "--url", self.url(name), "-f", format_]
        arguments += OPTIONS.get((name, channel.name), [])
        token = {"KRAKEN_WS_TOKEN": "RECORDED"} if channel.host != "public" else {}
        if format_ == "raw":
            return self.raw(
                [argument for argument in arguments if argument != "--no-verify"], what.frames, token
            )
        ended = self.program.run(*arguments, "-n", str(len(what.items)), env=token)
        said = (
            "kraken-stream: --no-verify: checksums are not looked at\n" if "--no-verify" in arguments else ""
        )
        assert (ended.status, ended.err) == (0, said)
        return ended.out.split("\n")[:-1]

    def raw(self, arguments: list[str], frames: list[str], environ: dict[str, str]) -> list[str]:
        """Frames of the channel, as many as were recorded."""
        running, lines = self.program.start(*arguments, env=environ), []
        while len(lines) < len(frames):
            line = running.line()
            if "method" not in (message := json.loads(line)) and message["channel"] not in (
                "status",
                "heartbeat",
            ):
                lines.append(line)
        assert self.program.interrupt(running, signal.SIGTERM).err == ""
        return lines


def expected_json(channel: Channel, items: list[Item]) -> list[str]:
    return [f'{{"channel":"{channel.name}","type":"{item.type}",{item.text[1:]}' for item in items]


def cell(value: object) -> str:
    return {None: "", True: "true", False: "false"}.get(value, value)  # type: ignore[call-overload, no-any-return]


def expected_rows(channel: Channel, items: list[Item]) -> Iterator[list[str]]:
    names = [column.field for column in channel.columns]
    yield names
    for item in items:
        shared = {"type": item.type, **item.fields}
        if not channel.sides:
            yield [cell(shared.get(name)) for name in names]
        for side in channel.sides:
            for level in shared.get(side, []):  # type: ignore[attr-defined]
                row = {**shared, "side": side.removesuffix("s"), **level}
                yield [cell(row.get(name)) for name in names]


def check(stream: Stream, name: str, channel: Channel, format_: str, *more: str) -> None:
    what = recorded(stream.recordings / f"{name}.jsonl", channel)
    lines = stream(name, channel, what, format_, *more)
    if format_ == "jsonl":
        assert lines == expected_json(channel, what.items)
    elif format_ == "csv":
        assert list(csv.reader(lines)) == list(expected_rows(channel, what.items))
    else:
        assert lines == what.frames


def _every_format() -> list[Any]:
    """Each recording as JSON lines; of each channel one in the other formats, the rest for breadth."""
    seen: set[tuple[str, str]] = set()
    cases = []
    for name, channel in CASES:
        for format_ in FORMATS:
            first = format_ == "jsonl" or (channel, format_) not in seen
            seen.add((channel, format_))
            cases.append((name, channel, format_) if first else broad((name, channel, format_)))
    return cases


@pytest.mark.parametrize(("name", "channel", "format_"), _every_format())
def test_a_recording_comes_out_as_it_was_recorded(
    stream: Stream, name: str, channel: str, format_: str
) -> None:
    check(stream, name, CHANNELS[channel], format_)


@pytest.mark.parametrize("format_", ["jsonl", "csv"])
def test_the_recorded_assets(stream: Stream, format_: str) -> None:
    check(stream, "v2_public_2024", ASSETS, format_, "--assets")


def test_no_recording_of_a_public_channel_is_left_out(recordings: Path) -> None:
    public = {channel.wire for channel in PUBLIC if channel.subscribes}
    there = set()
    for path in recordings.glob("v2_*.jsonl"):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            wire = json.loads(row["frame"]).get("channel")
            if row["dir"] == "in" and wire in public:
                there.add((path.stem, wire))
    assert there == set(CASES)
