"""`order cancel-all`: every open order of the account."""

from typing import Any

import click

from krakencli.cli import order_options as options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.order_run import carry_out, manner
from krakencli.cli.state import State


def _run(state: State, yes: bool, **given: Any) -> int:
    from krakencli.cli.order_confirm import ask, must_ask
    from krakencli.trading.request import Request

    how = manner(state, given, urgent=True)
    request = Request(method="cancel_all", params={})

    def confirm() -> None:
        if must_ask("order cancel-all", yes=yes):
            ask(["CANCEL ALL open orders of the account, of every pair"])

    return carry_out(request, how, state, given, confirm)


command = HelpfulCommand(
    "cancel-all",
    params=[options.yes_option(), options.via_option(), *options.sending_options()],
    callback=click.pass_obj(_run),
    help="Cancel all open orders of the account, of every pair.",
    examples=(("kraken-stream order cancel-all --yes", "from a script"),),
)
