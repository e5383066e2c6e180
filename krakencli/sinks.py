"""Where records go: lines into stdout, frames into stdout, or a live table on a terminal.

A sink is told everything and keeps what its format shows. Only `flush` and `close` do I/O.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Raw

from krakencli.feed import RawFrame
from krakencli.formatters import raw
from krakencli.formatters.caption import Caption
from krakencli.formatters.jsonl import news_line
from krakencli.model import News, Record
from krakencli.output import ReaderGoneError, Writer

if TYPE_CHECKING:
    from krakencli.formatters.table import LiveTable

REDRAW_EVERY = 0.25


class LineFormat(Protocol):
    """A lossless format of single records: a header, then zero or more whole lines for each."""

    @property
    def header(self) -> bytes: ...

    def lines(self, type_: str, item: Raw | bytes, sequence: int | None = None) -> bytes: ...


class BatchFormat(Protocol):
    """A lossless format that makes the lines of many records, alike in type and sequence, at once."""

    @property
    def header(self) -> bytes: ...

    def batch(self, type_: str, items: Sequence[Raw], sequence: int | None) -> bytes: ...


class OneByOne:
    """A `LineFormat` as a `BatchFormat`."""

    def __init__(self, format_: LineFormat) -> None:
        self.header = format_.header
        self._lines = format_.lines

    def batch(self, type_: str, items: Sequence[Raw], sequence: int | None) -> bytes:
        lines = self._lines
        return b"".join([lines(type_, item, sequence) for item in items])


class Sink(Protocol):
    """What the pipeline needs of an output."""

    @property
    def takes_the_screen(self) -> bool:
        """Whether nothing else may be written to the terminal."""
        ...

    def open(self) -> None: ...

    def records(self, name: str, type_: str, records: Sequence[Record], sequence: int | None) -> None: ...

    def frame(self, frame: RawFrame) -> None: ...

    def news(self, news: News) -> None: ...

    def flush(self, now: float, caption: Callable[[], Caption]) -> None: ...

    def wants_to_end(self) -> str:
        """Why the stream is to end now, "" for go on; raises ReaderGoneError where nobody reads any more."""
        ...

    def close(self) -> None: ...


class Lines:
    """jsonl, csv, raw and the plain table: every record, in order, in one write a batch.

    `formats` are by the strand's name; raw has none.
    """

    takes_the_screen = False

    def __init__(
        self, writer: Writer, formats: Mapping[str, BatchFormat] | None = None, *, events: bool = False
    ) -> None:
        self._writer = writer
        self._formats = formats or {}
        self._events = events
        self._waiting: list[bytes] = []

    def open(self) -> None:
        self._waiting += [format_.header for format_ in self._formats.values() if format_.header]

    def records(self, name: str, type_: str, records: Sequence[Record], sequence: int | None) -> None:
        self._waiting.append(self._formats[name].batch(type_, [item for _, item in records], sequence))

    def frame(self, frame: RawFrame) -> None:
        self._waiting.append(raw.line(frame.frame))

    def news(self, news: News) -> None:
        if self._events:
            self._waiting.append(news_line(news))

    def flush(self, now: float, caption: Callable[[], Caption]) -> None:  # noqa: ARG002 - a table's need
        if self._waiting:
            data, self._waiting = b"".join(self._waiting), []
            self._writer.write(data)

    def wants_to_end(self) -> str:
        if self._writer.reader_gone():
            raise ReaderGoneError
        return ""

    def close(self) -> None:
        """Nothing to give back."""


class Screen:
    """The live table: the newest row of each key, drawn a few times a second."""

    takes_the_screen = True

    def __init__(self, table: "LiveTable", writer: Writer) -> None:
        self._table = table
        self._writer = writer
        self._drawn_at = float("-inf")
        self._ended_by_itself = False

    def open(self) -> None:
        self._table.__enter__()

    def records(
        self,
        name: str,
        type_: str,
        records: Sequence[Record],
        sequence: int | None,  # noqa: ARG002
    ) -> None:
        add = self._table.add
        for _, item in records:
            add(type_, item, name)

    def frame(self, frame: RawFrame) -> None:
        """Raw frames are for pipes."""

    def news(self, news: News) -> None:
        """The caption tells it; an end that nobody pressed a key for leaves its rows to be read."""
        self._ended_by_itself = news.type == "end" and news.fields["reason"] in ("count", "duration")

    def flush(self, now: float, caption: Callable[[], Caption]) -> None:
        if now - self._drawn_at >= REDRAW_EVERY:
            self._drawn_at = now
            self._table.draw(now, caption())

    def wants_to_end(self) -> str:
        return "quit" if self._table.quit_requested() else ""

    def close(self) -> None:
        self._table.__exit__(None, None, None)
        if self._ended_by_itself:
            self._writer.write(self._table.still(self._drawn_at).encode())
