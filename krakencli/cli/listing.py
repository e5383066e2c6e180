"""What `pairs` prints: the pairs that a pattern finds, as a table, CSV or JSON lines."""

import csv
import io
import json
from collections.abc import Callable

from krakencli.cli.lookup import unknown
from krakencli.errors import RejectedError
from krakencli.formatters.columns import aligned
from krakencli.symbols import AmbiguousError, Directory, Pair, respell

FIELDS = (
    "symbol", "base", "quote", "status", "price_precision", "qty_precision",
    "tick_size", "qty_min", "cost_min", "wsname", "altname", "internal",
)  # fmt: skip
"""Of a record, in order; the names are v2's where it has one for the thing."""

TABLE = (
    "symbol",
    "status",
    "price_precision",
    "qty_precision",
    "tick_size",
    "qty_min",
    "cost_min",
    "wsname",
    "internal",
)
_NUMBERS = {"price_precision", "qty_precision"}


def find(directory: Directory, pattern: str | None, quote: str | None) -> list[Pair]:
    """Pairs by one of their spellings, by a glob, or by a part of the symbol."""
    if pattern is None:
        return directory.match("*", quote)
    try:
        exact = directory.find(respell(pattern) or pattern)
    except AmbiguousError as error:
        return [pair for pair in directory.pairs if pair.symbol in error.choices]
    if exact is not None:
        return [exact]
    glob = pattern if any(character in pattern for character in "*?[") else f"*{pattern}*"
    found = directory.match(glob, quote)
    if not found:
        raise RejectedError(unknown(pattern, directory), suggestion="kraken-stream pairs lists them all")
    return found


def _rows(pairs: list[Pair], fields: tuple[str, ...]) -> list[list[str]]:
    values = ([getattr(pair, field) for field in fields] for pair in pairs)
    return [["" if value is None else str(value) for value in row] for row in values]


def _table(pairs: list[Pair]) -> str:
    rows = [[name.replace("_", " ") for name in TABLE], *_rows(pairs, TABLE)]
    right = {TABLE.index(name) for name in (*_NUMBERS, "tick_size", "qty_min", "cost_min")}
    return "\n".join(aligned(rows, right)) + "\n"


def _csv(pairs: list[Pair]) -> str:

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([FIELDS, *_rows(pairs, FIELDS)])
    return text.getvalue()


def _jsonl(pairs: list[Pair]) -> str:

    records = ({name: getattr(pair, name) for name in FIELDS} for pair in pairs)
    return "".join(json.dumps(r, separators=(",", ":")) + "\n" for r in records)


FORMATS: dict[str, Callable[[list[Pair]], str]] = {"table": _table, "csv": _csv, "jsonl": _jsonl}
