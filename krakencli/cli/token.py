"""`token`: a WebSocket token for private channels, got over REST with a key."""

from typing import Any

import click

from krakencli.cli.credential_options import credential_options, credentials_of
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import endpoint_options, quiet_options
from krakencli.cli.state import State


def _run(state: State, as_json: bool, export: bool, **options: Any) -> None:
    from krakencli.background import run as in_background
    from krakencli.cli.exchange import exchange
    from krakencli.cli.tokens import VARIABLE, fetcher
    from krakencli.errors import UsageError

    state.take_verbosity(options)
    state.json_errors = as_json
    if as_json and export:
        raise UsageError("--json and --export exclude one another", suggestion="keep one of them")
    keys = credentials_of(state, options)
    with exchange(state, credentials=keys, **options) as found:
        token = in_background(fetcher(found, state.talk().say))
    if export:
        click.echo(f"export {VARIABLE}={_quoted(token.value)}")
    elif as_json:
        import json

        click.echo(json.dumps({"token": token.value, "expires": token.expires}, separators=(",", ":")))
    else:
        click.echo(token.value)


def _quoted(text: str) -> str:
    """One word for any shell, whatever the exchange has sent."""
    return "'" + text.replace("'", "'\\''") + "'"


command = HelpfulCommand(
    "token",
    params=[
        click.Option(
            ["--json", "as_json"], is_flag=True, help="Print the token and the seconds until it expires."
        ),
        click.Option(["--export"], is_flag=True, help="Print a line for eval that sets KRAKEN_WS_TOKEN."),
        *credential_options(),
        *endpoint_options(websocket=False),
        *quiet_options(),
    ],
    callback=click.pass_obj(_run),
    help="Get a WebSocket token with your key: the environment's, a profile's, or that of two files.",
    examples=(
        ("kraken-stream token", "the token alone"),
        ("kraken-stream token --json | jq .expires", "with its life in seconds"),
        ('eval "$(kraken-stream token --export)"', "for the commands that follow in this shell"),
        ("kraken-stream token --profile trading", "with a key that 'kraken-stream keys set' has kept"),
        ("kraken-stream token --sandbox", "try it without keys"),
    ),
    notes=(
        "The key needs the right 'WebSocket interface'. The token must be used within fifteen minutes;"
        " treat it like a password.",
    ),
)
