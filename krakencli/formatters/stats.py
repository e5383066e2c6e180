"""What came of each subscription, as a small table for `--stats`: the figures of the `end` record."""

from collections.abc import Mapping, Sequence
from typing import Any

NAMES = ("channel", "symbol")


def stats(subscriptions: Sequence[Mapping[str, Any]]) -> list[str]:
    """A title and a line for each entry of `subscriptions` in an `end` record."""
    figures = [
        name for name in dict.fromkeys(key for one in subscriptions for key in one) if name not in NAMES
    ]
    rows = [["subscription", *figures]]
    for one in subscriptions:
        name = " ".join(str(one[key]) for key in NAMES if key in one)
        rows.append([name, *(_figure(one.get(figure, 0)) for figure in figures)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]


def _figure(value: object) -> str:
    return (
        f"{value:,.1f} s"
        if isinstance(value, float)
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )
