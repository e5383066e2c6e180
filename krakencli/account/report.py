"""One report of `executions`: its text, and what is read of it (protocol notes v2 §11.1)."""

from dataclasses import dataclass

import msgspec
from msgspec import Raw

LAST = 1 << 62
"""Stands for the number of a trade that has none: v1 sends none, and REST, which does, lags behind."""
FINAL = frozenset(("filled", "canceled", "expired"))
"""States that an order never leaves."""


class _Read(msgspec.Struct, gc=False):
    order_id: str
    exec_type: str = ""
    exec_id: str | None = None
    order_status: str = ""
    timestamp: str = ""
    trade_id: int = LAST


_read = msgspec.json.Decoder(_Read)
_fields = msgspec.json.Decoder(dict[str, Raw])


@dataclass(frozen=True, slots=True)
class Report:
    """`item` is the text as it came; `fill` is the execution's id where the report tells of a trade, `place`
    where it stands in time: trades of one moment have rising numbers.
    """

    item: Raw
    order_id: str
    exec_type: str
    order_status: str
    timestamp: str
    fill: str | None
    place: tuple[str, int]

    @property
    def fields(self) -> dict[str, Raw]:
        return _fields.decode(self.item)

    @property
    def ends(self) -> bool:
        """Whether its order is over. A trade says `filled` too early or not at all (§11.1)."""
        return self.fill is None and self.order_status in FINAL


def read(item: Raw | bytes) -> Report:
    """ValueError (msgspec.DecodeError is one) where the item is no report."""
    found = _read.decode(item)
    fill = found.exec_id if found.exec_type == "trade" else None
    if found.exec_type == "trade" and not fill:
        raise ValueError("a trade without exec_id")
    place = found.timestamp, found.trade_id
    return Report(
        Raw(bytes(item)), found.order_id, found.exec_type, found.order_status, found.timestamp, fill, place
    )


def marked(item: Raw | bytes, source: str) -> Raw:
    """The item with where it came from as its last field."""
    return Raw(bytes(item).rstrip()[:-1] + b',"source":"%b"}' % source.encode())
