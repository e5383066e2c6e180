"""`order cancel-after`: the exchange's own timer that cancels all orders when it runs out."""

from typing import Any

import click

from krakencli.cli import order_options as options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.order_run import carry_out, manner
from krakencli.cli.state import State

LONGEST = 86399


def _run(state: State, seconds: int, yes: bool, **given: Any) -> int:
    from krakencli.cli.order_confirm import ask, must_ask
    from krakencli.trading.request import Request

    how = manner(state, given, urgent=True)
    request = Request(
        method="cancel_all_orders_after", params={"timeout": seconds}, subject={"timeout": seconds}
    )

    def confirm() -> None:
        if must_ask("order cancel-after", yes=yes):
            ask(
                [
                    f"CANCEL ALL orders in {seconds} s"
                    if seconds
                    else "Disarm the timer that cancels all orders"
                ]
            )

    return carry_out(request, how, state, given, confirm)


command = HelpfulCommand(
    "cancel-after",
    params=[
        click.Argument(["seconds"], type=click.IntRange(0, LONGEST)),
        options.yes_option(),
        options.via_option(),
        *options.sending_options(),
    ],
    callback=click.pass_obj(_run),
    help="Let the exchange cancel all orders in SECONDS, unless it is called again; 0 disarms.",
    examples=(
        ("kraken-stream order cancel-after 60 --yes", "in a minute"),
        ("kraken-stream order cancel-after 0 --yes", "disarm"),
    ),
    notes=("deadman calls it again and again, as long as a command of yours runs.",),
)
