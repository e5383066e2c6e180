"""What the formatters' tests share: recorded records, an independent reading of them, and a screen.

The screen understands only what the live table writes; anything else on it is an error of the table.
"""

import json
import os
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from krakencli.channels import CHANNELS
from krakencli.formatters.caption import Caption
from krakencli.formatters.table import Grid, LiveTable
from krakencli.model import Channel

RECORDINGS = Path(os.environ.get("KRAKEN_RECORDINGS") or Path(__file__).parents[3] / "shared" / "recordings")

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="recordings are not here: set KRAKEN_RECORDINGS"
)

LIVE = Caption("live", "", 1254, 84.25, 12, 0, 72.0)


class _Frame(msgspec.Struct):
    channel: str = ""
    type: str = ""
    method: str = ""
    data: msgspec.Raw = msgspec.Raw(b"[]")


def recorded(channel: Channel) -> Iterator[tuple[str, msgspec.Raw]]:
    """The (type, item) of every recorded record of the channel."""
    for path in sorted(RECORDINGS.glob("v2_*.jsonl")):
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            frame = msgspec.json.decode(entry["frame"], type=_Frame)
            if frame.channel != channel.wire or frame.method:
                continue
            data = frame.data
            if channel.member:
                data = msgspec.json.decode(data, type=dict[str, msgspec.Raw])[channel.member]
            for item in msgspec.json.decode(data, type=list[msgspec.Raw]):
                yield frame.type, item


def read(item: bytes) -> dict[str, object]:
    """An item as the standard library reads it, numbers kept as their digits."""
    value = json.loads(item, parse_float=str, parse_int=str)
    assert isinstance(value, dict)
    return value


def ticker(symbol: str, last: str = "64000.10", **more: str) -> bytes:
    """A ticker item; values are JSON texts."""
    fields = {"symbol": json.dumps(symbol), "bid": "64000.0", "ask": "64000.1", "last": last, **more}
    return ("{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}").encode()


def trade(price: str, number: int = 1, symbol: str = "BTC/USD", side: str = "buy") -> bytes:
    return (
        f'{{"symbol":"{symbol}","side":"{side}","price":{price},"qty":0.10000000,"ord_type":"limit",'
        f'"trade_id":{number},"timestamp":"2026-03-02T14:05:06.120774Z"}}'
    ).encode()


class Board:
    """A live table on a screen in memory, of which the lines can be read."""

    def __init__(
        self,
        name: str = "ticker",
        size: tuple[int, int] = (100, 24),
        *,
        channel: Channel | None = None,
        no_color: bool = False,
        ascii_only: bool = False,
        stdin: int = -1,
    ) -> None:
        self.file = StringIO()
        self.console = _AsciiConsole if ascii_only else Console
        self.table = LiveTable(
            Grid(channel or CHANNELS[name]),
            console=self.console(
                file=self.file,
                force_terminal=True,
                color_system="standard",
                width=size[0],
                height=size[1],
                no_color=no_color,
            ),
            environ={},
            stdin=stdin,
        )

    def draw(self, now: float = 0.0, caption: Caption = LIVE) -> list[str]:
        """Draws, and returns the screen's lines as text."""
        self.table.draw(now, caption)
        return screen(self.file.getvalue())


class _AsciiConsole(Console):
    @property
    def encoding(self) -> str:
        return "ascii"


_CONTROL = re.compile(r"\x1b\[\?(?:1049|25|7)[hl]|\x1b\[2J|\x1b\[(\d+);1H|\x1b\[[\d;]*m")


def screen(output: str) -> list[str]:
    """The lines on the screen after `output`, without their looks."""
    lines: dict[int, str] = {}
    row, position = 0, 0
    for control in _CONTROL.finditer(output):
        lines[row] = lines.get(row, "") + output[position : control.start()]
        position = control.end()
        if control[0] in ("\x1b[2J", "\x1b[?1049h"):
            lines.clear()
        elif control[1]:
            row = int(control[1])
            lines[row] = ""
    lines[row] = lines.get(row, "") + output[position:]
    return [lines.get(number, "") for number in range(1, max(lines) + 1)]


def looks(output: str, cell: str) -> str:
    """The last escape sequence before the last time that `cell` was written."""
    before = output[: output.rindex(cell)]
    return re.findall(r"\x1b\[[\d;]*m", before)[-1] if before.endswith("m") else ""
