"""How a subscription stands, as a row for a person and as a JSON item."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from krakencli.model import Channel, Column

OVERVIEW = Channel(
    name="subscriptions",
    wire="",
    summary="How each subscription stands.",
    columns=(
        Column("name", "symbol", "subscription"),
        Column("connection", "count", "conn", rank=3),
        Column("state", "text"),
        Column("acknowledged", "text", rank=4),
        Column("acknowledged_after", "qty", "ack after", rank=5),
        Column("records", "qty"),
        Column("rate", "qty", rank=2),
        Column("age", "qty"),
        Column("latency", "qty", rank=2),
        Column("gaps", "qty", rank=2),
        Column("resyncs", "qty", rank=6),
        Column("parameters", "text", rank=0),
    ),
    examples=(),
    key=("name", "parameters"),
)
"""A table's columns; its items are made by `row`."""

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"))
_SIGNS = {"live": "●", "stalled": "✗", "refused": "✗", "reconnecting": "↻", "renewing": "↻"}


def record(status: Mapping[str, Any]) -> Raw:
    """The status as it is."""
    return Raw(msgspec.json.encode(status))


def row(status: Mapping[str, Any]) -> Raw:
    """The status in words that fit into columns."""
    made = {name: make(status[name]) for name, make in _CELLS.items() if status.get(name) is not None}
    name = " ".join(str(status[key]) for key in ("subscription", "symbol") if key in status)
    texts = {key: _parameters(status.get(key, {})) for key in ("acknowledged", "parameters")}
    reason = {"acknowledged": status["reason"]} if "reason" in status else {}
    return Raw(msgspec.json.encode({"name": name, **made, **texts, **reason}))


def words(seconds: float) -> str:
    """A length of time: 0.4 ms, 12 ms, 3.1 s, 15 m, 5 h, 2 d."""
    size = abs(seconds)
    if size < 0.01:
        return f"{seconds * 1000:.1f} ms"
    if size < 1:
        return f"{seconds * 1000:.0f} ms"
    if size < 600:
        return f"{seconds:,.1f} s"
    unit, name = next((unit, name) for unit, name in _UNITS if size >= 2 * unit or unit == 60)
    return f"{seconds / unit:,.0f} {name}"


def per_second(rate: float) -> str:
    return f"{rate:,.1f}/s"


def _parameters(acknowledged: Mapping[str, Any]) -> str:
    return " ".join(
        f"{name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in acknowledged.items()
    )


_CELLS: dict[str, Callable[[Any], str]] = {
    "connection": str,
    "state": lambda state: f"{_SIGNS.get(state, '◌')} {state}",
    "acknowledged_after": words,
    "records": "{:,}".format,
    "rate": per_second,
    "age": words,
    "latency": words,
    "gaps": "{:,}".format,
    "resyncs": "{:,}".format,
}
