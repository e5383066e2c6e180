"""What came of each subscription, as a small table for `--stats`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from krakencli.formatters.columns import aligned
from krakencli.formatters.status import per_second, words

_NAMES = ("subscription", "symbol")
_ALWAYS = {"state": "state", "records": "records", "rate": "rate", "age": "age", "latency": "latency",
           "acknowledged_after": "ack after", "gaps": "gaps", "verified": "verified"}  # fmt: skip
"""Figures and their titles; others are shown where one of them is not zero."""
_LEFT_OUT = {*_NAMES, "connection", "clock_error", "clock_uncertainty", "updates"}
_FIGURES: dict[str, Callable[[Any], str]] = {
    "rate": per_second,
    "age": words,
    "latency": words,
    "acknowledged_after": words,
    "away": words,
}


def stats(statuses: Sequence[Mapping[str, Any]]) -> list[str]:
    """A title and a line for each status (`krakencli.status`)."""
    present = {name: None for one in statuses for name in one}
    figures = [name for name in _ALWAYS if name in present]
    figures += [name for name in present if name not in _ALWAYS and _is_told(name, statuses)]
    rows = [["subscription", *(_ALWAYS.get(name, name) for name in figures)]]
    for one in statuses:
        name = " ".join(str(one[key]) for key in _NAMES if key in one)
        rows.append([name, *(_figure(figure, one.get(figure)) for figure in figures)])
    return aligned(rows, right=range(1, len(rows[0])))


def _is_told(name: str, statuses: Sequence[Mapping[str, Any]]) -> bool:
    return name not in _LEFT_OUT and any(
        isinstance(one.get(name), int | float) and one[name] for one in statuses
    )


def _figure(name: str, value: object) -> str:
    if value is None:
        return "-"
    make = _FIGURES.get(name)
    return make(value) if make else f"{value:,}" if isinstance(value, int) else str(value)
