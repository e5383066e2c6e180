"""CSV: a header, then one line a row, cells as the wire wrote them, quoted as RFC 4180 asks.

Lines end in LF alone, as awk, sort and `while read` expect; a quoted cell may hold CR or LF, as RFC 4180
allows. Other control characters stand as the escapes that JSON has for them (`\\u001b`), so that no cell
breaks a line or steers a terminal. A cell that a spreadsheet would run (`=...`) is left as it is: this
format promises the wire's text. Imports neither `csv` of the standard library nor anything that does I/O.
"""

import re
from collections.abc import Sequence

from krakencli.formatters.cells import Cells, Wire, text
from krakencli.model import Channel

_NOT_PLAIN = bytes(range(0x20)) + b"\\[{" + bytes(range(0x7F, 0x100))
"""Without these, and without a comma in a string, a row's JSON texts but for their quotes are its cells."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_NEEDS_QUOTES = re.compile('[",\r\n]')


class Csv:
    """The CSV lines of one channel's records; `header` is the first line."""

    def __init__(self, channel: Channel) -> None:
        self._cells = Cells(channel)
        self._commas = len(channel.columns) - 1
        self.header: bytes = _line([column.field for column in channel.columns])

    def lines(self, type_: str, item: Wire, sequence: int | None = None) -> bytes:
        """Zero or more whole lines; raises msgspec.DecodeError where the item is no record."""
        return b"".join(map(self._row, self._cells.wire(type_, item, sequence)))

    def _row(self, row: Sequence[Wire]) -> bytes:
        joined = b",".join(row)
        plain = len(joined.translate(None, _NOT_PLAIN)) == len(joined)
        if plain and b"null" not in joined and joined.count(b",") == self._commas:
            return joined.replace(b'"', b"") + b"\n"
        return _line([text(cell) for cell in row])


def _line(cells: Sequence[str]) -> bytes:
    return (",".join(map(_quoted, cells)) + "\n").encode()


def _quoted(cell: str) -> str:
    cell = _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", cell)
    if not _NEEDS_QUOTES.search(cell):
        return cell
    return '"' + cell.replace('"', '""') + '"'
