"""`token`: a WebSocket token for private channels, got over REST with the key from the environment."""

from typing import Any

import click

from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import endpoint_options, quiet_options
from krakencli.cli.state import State


def _run(state: State, as_json: bool, **options: Any) -> None:
    from krakencli.background import run as in_background
    from krakencli.cli.exchange import exchange
    from krakencli.cli.tokens import fetcher

    state.take_verbosity(options)
    state.json_errors = as_json
    with exchange(state, **options) as found:
        token = in_background(fetcher(found))
    if as_json:
        import json

        click.echo(json.dumps({"token": token.value, "expires": token.expires}, separators=(",", ":")))
    else:
        click.echo(token.value)


command = HelpfulCommand(
    "token",
    params=[
        click.Option(
            ["--json", "as_json"], is_flag=True, help="Print the token and the seconds until it expires."
        ),
        *endpoint_options(websocket=False),
        *quiet_options(),
    ],
    callback=click.pass_obj(_run),
    help="Get a WebSocket token with KRAKEN_API_KEY and KRAKEN_API_SECRET.",
    examples=(
        ("kraken-stream token", "the token alone"),
        ("kraken-stream token --json | jq .expires", "with its life in seconds"),
        ("kraken-stream token --sandbox", "try it without keys"),
    ),
    notes=(
        "The key needs the right 'WebSocket interface'. The token must be used within fifteen minutes;"
        " treat it like a password.",
    ),
)
