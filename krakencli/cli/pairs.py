"""`pairs`: the exchange's pairs, by REST, with a one-day cache."""

from typing import Any

import click

from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import (
    complete_symbols,
    endpoint_options,
    list_format,
    list_options,
    quiet_options,
)
from krakencli.cli.state import State


def _run(
    state: State, pattern: str | None, quote: str | None, format_: str, as_json: bool, **options: Any
) -> None:
    from krakencli.cli.exchange import exchange
    from krakencli.cli.listing import FORMATS, find

    state.take_verbosity(options)
    format_ = list_format(state, format_, as_json=as_json)
    with exchange(state, **options) as found:
        directory = found.directory(state)
        if directory.stale:
            state.talk().say("the exchange cannot be asked, so this list is an older one")
        click.echo(FORMATS[format_](find(directory, pattern, quote)), nl=False)


command = HelpfulCommand(
    "pairs",
    params=[
        click.Argument(["pattern"], required=False, shell_complete=complete_symbols),
        click.Option(["--quote"], metavar="ASSET", help="Only pairs quoted in ASSET."),
        *list_options(),
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
