"""`balance`: what the account has of each asset, by REST."""

import sys
from typing import TYPE_CHECKING, Any

import click

from krakencli.cli.credential_options import credential_options, credentials_of
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import endpoint_options, list_format, list_options, quiet_options
from krakencli.cli.state import State

if TYPE_CHECKING:
    from krakencli.rest.balances import Holding


def _run(state: State, everything: bool, format_: str, as_json: bool, **options: Any) -> None:
    from krakencli.background import run as in_background
    from krakencli.cli.exchange import exchange
    from krakencli.cli.holdings import FORMATS

    state.take_verbosity(options)
    format_ = list_format(state, format_, as_json=as_json)
    keys = credentials_of(state, options)
    with exchange(state, credentials=keys, **options) as found:
        credentials, talk = found.credentials(), state.talk()

        def ask() -> "list[Holding]":
            from krakencli.rest.balances import holdings

            with found.client(talk.say) as client:
                return holdings(client.private("BalanceEx", credentials), client.public("Assets"))

        held = in_background(ask)
    shown = [one for one in held if everything or not one.is_empty]
    click.echo(FORMATS[format_](shown), nl=False)
    if not shown and sys.stderr.isatty():
        talk.say("the account holds nothing")


command = HelpfulCommand(
    "balance",
    params=[
        click.Option(["--all", "everything"], is_flag=True, help="Also assets of which there is nothing."),
        *list_options(),
        *credential_options(),
        *endpoint_options(websocket=False),
        *quiet_options(),
    ],
    callback=click.pass_obj(_run),
    help="What the account has of each asset, what open orders hold of it, and what is available.",
    examples=(
        ("kraken-stream balance", "a table"),
        ("kraken-stream balance | jq -r 'select(.asset == \"BTC\").available'", "one figure for a script"),
        ("kraken-stream balance --all -f csv > balances.csv", "every asset, digits as sent"),
    ),
    notes=(
        "The key needs the right 'Funds – Query'. Available is balance + credit - credit_used - hold_trade;"  # noqa: RUF001
        " orders on margin hold nothing of it. credit is shown only where the account has a credit line.",
    ),
)
