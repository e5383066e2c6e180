"""What the channels' tests share: recorded records, the sandbox's, and a channel's columns beside both."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from krakencli.clock import Clock
from krakencli.feed import Feed
from krakencli.model import Channel, Param, Run, Subscription, Value
from krakencli.protocol.messages import Update
from krakencli.protocol.v2 import decode
from krakencli.records import Records
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link

RECORDINGS = Path(os.environ.get("KRAKEN_RECORDINGS") or Path(__file__).parents[3] / "shared" / "recordings")
PATIENCE = 10.0


def recorded(channel: Channel) -> list[tuple[str, dict[str, Any]]]:
    """Every recorded record of the channel as (file, fields); skips where there are no recordings."""
    if not RECORDINGS.is_dir():
        pytest.skip("recordings are not here: set KRAKEN_RECORDINGS")
    found = []
    for path in sorted(RECORDINGS.glob("v2_*.jsonl")):
        for update in _updates(path):
            if update.channel == channel.wire:
                found += [(path.stem, fields) for fields in _records(channel, update)]
    assert found, f"no recording holds {channel.wire}"
    return found


def from_sandbox(
    url: str, channel: Channel, *symbols: str, count: int = 1, **params: Value
) -> list[dict[str, Any]]:
    """The first records that a sandbox sends for it."""
    wanted = [
        Subscription(channel.wire, name, (*channel.fixed, *params.items()), True)
        for name in symbols or (None,)
    ]
    inbox: Inbox[Arrival] = Inbox()
    feed = Feed(wanted if channel.subscribes else [], lambda _, to: Link(url, to), inbox, clock=Clock())
    feed.start()
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + PATIENCE
    try:
        while len(found) < count:
            assert time.monotonic() < deadline, f"the sandbox sent {len(found)} records"
            for event in feed.poll(0.1):
                if isinstance(event, Update) and event.channel == channel.wire:
                    found += _records(channel, event)
    finally:
        feed.close()
    return found


def _updates(path: Path) -> Iterator[Update]:
    for line in path.read_text().splitlines():
        message = decode(json.loads(line)["frame"].encode())
        if isinstance(message, Update):
            yield message


def _records(channel: Channel, update: Update) -> list[dict[str, Any]]:
    runs = [step for step in Records(channel).take([update], 0) if isinstance(step, Run)]
    return [json.loads(bytes(item), parse_float=str) for run in runs for _, item in run.records]


def parameter(channel: Channel, name: str) -> Param:
    (found,) = [param for param in channel.params if param.name == name]
    return found


def assert_choices(
    param: Param, default: Value, choices: tuple[Value, ...], aliases: dict[str, Value]
) -> None:
    """Its default is one of its choices, and each spelling means its choice."""
    assert (param.default, param.choices) == (default, choices)
    assert default in choices
    assert {text: param.parse(text) for text in map(str, choices)} == {
        str(choice): choice for choice in choices
    }
    assert {text: param.parse(text) for text in aliases} == aliases
    assert {text: param.parse(text.upper()) for text in aliases} == aliases
    assert set(dict(param.aliases)) <= set(aliases)
    for wrong in ("", "0", "none", f" {default}", f"{default}x"):
        with pytest.raises(ValueError, match="is not one of"):
            param.parse(wrong)


def assert_columns(
    channel: Channel,
    records: list[dict[str, Any]],
    *,
    rare: set[str] = frozenset(),
    unshown: set[str] = frozenset(),
) -> None:  # type: ignore[assignment]
    """Every record has every column but the rare ones, and nothing that is neither shown nor known."""
    levels = {"type", "side", "price", "qty"} if channel.sides else set()
    shown = {column.field for column in channel.columns} - levels
    for record in records:
        assert shown - rare <= record.keys()
        assert record.keys() <= shown | unshown | set(channel.sides)
        for side in channel.sides:
            assert all(level.keys() == {"price", "qty"} for level in record[side])


def assert_sound(channel: Channel) -> None:
    """What holds for every channel."""
    names = [column.field for column in channel.columns]
    assert len(names) == len(set(names))
    assert all(column.heading and column.rank in range(6) for column in channel.columns)
    assert any(column.rank == 1 for column in channel.columns)
    assert set(channel.key) <= set(names)
    assert channel.summary.endswith(".")
    assert all(command.startswith(f"kraken-stream {channel.name}") for command, _ in channel.examples)
    assert channel.key or channel.host == "private" or channel.name in {"book", "level3", "trade"}
    if channel.expand is not None:
        assert {column for column, _ in channel.expand[1]} <= set(names)
