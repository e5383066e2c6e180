"""`pairs`: the exchange's pairs, by REST, with a one-day cache."""

import sys
from typing import Any

import click

from krakencli.cli.exchange import exchange
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.lookup import unknown
from krakencli.cli.options import complete_symbols, endpoint_options, quiet_options
from krakencli.cli.state import State
from krakencli.errors import RejectedError
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


def _find(directory: Directory, pattern: str | None, quote: str | None) -> list[Pair]:
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
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = {TABLE.index(name) for name in (*_NUMBERS, "tick_size", "qty_min", "cost_min")}
    lines = (
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
    return "\n".join(lines) + "\n"


def _csv(pairs: list[Pair]) -> str:
    import csv  # noqa: PLC0415 - only where it is asked for
    import io  # noqa: PLC0415 - as above

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([FIELDS, *_rows(pairs, FIELDS)])
    return text.getvalue()


def _jsonl(pairs: list[Pair]) -> str:
    import json  # noqa: PLC0415 - only where it is asked for

    records = ({name: getattr(pair, name) for name in FIELDS} for pair in pairs)
    return "".join(json.dumps(r, separators=(",", ":")) + "\n" for r in records)


_FORMATS = {"table": _table, "csv": _csv, "jsonl": _jsonl}


def _run(
    state: State, pattern: str | None, quote: str | None, format_: str, as_json: bool, **options: Any
) -> None:
    state.verbosity = -1 if options.pop("quiet") else options.pop("verbose", 0)
    options.pop("verbose", None)
    state.json_errors = as_json or format_ == "jsonl"
    if as_json:
        format_ = "jsonl"
    if format_ == "auto":
        format_ = "table" if sys.stdout.isatty() else "jsonl"
    with exchange(state, **options) as found:
        directory = found.directory(state)
        if directory.stale:
            state.talk().say("the exchange cannot be asked, so this list is an older one")
        click.echo(_FORMATS[format_](_find(directory, pattern, quote)), nl=False)


command = HelpfulCommand(
    "pairs",
    params=[
        click.Argument(["pattern"], required=False, shell_complete=complete_symbols),
        click.Option(["--quote"], metavar="ASSET", help="Only pairs quoted in ASSET."),
        click.Option(
            ["-f", "--format", "format_"],
            type=click.Choice(("auto", *_FORMATS)),
            default="auto",
            show_default=True,
            help="auto is table on a terminal and jsonl in a pipe.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="The same as -f jsonl."),
        *endpoint_options(websocket=False),
        *quiet_options(),
    ],
    callback=click.pass_obj(_run),
    help="List the exchange's pairs, or find some by a spelling, a part or a glob.",
    examples=(
        ("kraken-stream pairs doge", "what has doge in its name"),
        ("kraken-stream pairs '*/EUR'", "a glob"),
        ("kraken-stream pairs XXBTZUSD", "what is that called?"),
        ("kraken-stream pairs --quote USD --json | jq -r .symbol", "for a script"),
    ),
    notes=("The list is kept for a day.",),
)
