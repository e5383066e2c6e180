"""Where a stream's records go, by its format and by what stdout is."""

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from krakencli.cli.choices import Choices
from krakencli.cli.state import State
from krakencli.formatters.jsonl import Jsonl
from krakencli.output import Writer
from krakencli.overview import Overview
from krakencli.sinks import Lines, OneByOne, Screen, Sink

if TYPE_CHECKING:
    from krakencli.books.keeper import Keeper
    from krakencli.formatters.table.body import Body


def sink_of(choices: Mapping[str, Choices], bodies: "Mapping[str, Callable[[], Body]]", state: State) -> Sink:
    """The sink of one or several channels, by name; all have the format of the first. `bodies` make what a
    live table shows of each.
    """
    first, writer = next(iter(choices.values())), Writer(1, state.interrupts.raised)
    if first.format == "table":
        from krakencli.formatters.table import LiveTable, PlainTable, Stack, can_draw

        if can_draw(sys.stdout, state.environ):
            made = {name: make() for name, make in bodies.items()}
            body = next(iter(made.values())) if len(made) == 1 else Stack(made)
            return Screen(LiveTable(body, environ=state.environ), writer)
        return Lines(writer, {name: OneByOne(PlainTable(one.channel)) for name, one in choices.items()})
    if first.format == "csv":
        from krakencli.formatters.csv import Csv

        return Lines(writer, {name: OneByOne(Csv(one.channel)) for name, one in choices.items()})
    as_json = first.format == "jsonl"
    formats = {name: Jsonl(one.channel.name) for name, one in choices.items()} if as_json else None
    return Lines(writer, formats, events=first.events)


def body_of(choices: Choices, keeper: "Keeper | None") -> "Body":
    """Ladders for order books, rows for everything else."""
    from krakencli.formatters.table import Grid, Ladders

    if keeper is None or not choices.channel.sides:
        return Grid(choices.channel)
    return Ladders(keeper, cast("int", choices.params["levels"] or choices.params["depth"]))


def overview_of(choices: Choices, every: float, state: State) -> Overview:
    """The sink that shows how subscriptions stand, as a live table, plain rows or JSON lines."""
    from krakencli.formatters import status

    writer, name = Writer(1, state.interrupts.raised), status.OVERVIEW.name
    inner: Sink
    if choices.format == "table":
        from krakencli.formatters.table import Grid, LiveTable, PlainTable, can_draw

        if can_draw(sys.stdout, state.environ):
            table = LiveTable(Grid(status.OVERVIEW, ages=False), environ=state.environ)
            inner = Screen(table, writer)
        else:
            inner = Lines(writer, {name: OneByOne(PlainTable(status.OVERVIEW))})
        return Overview(inner, status.row, every=every, count=choices.count)
    inner = Lines(writer, {name: Jsonl(name)}, events=choices.events)
    return Overview(inner, status.record, every=every, count=choices.count)
