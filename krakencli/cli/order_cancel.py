"""`order cancel`: orders by the exchange's ids, by ours, or by userref."""

from typing import Any

import click

from krakencli.cli import order_options as options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.order_run import carry_out, manner
from krakencli.cli.state import State
from krakencli.errors import UsageError

SETTLE = 0.5
"""Seconds in which further orders of a userref answer."""


def _run(state: State, orders: tuple[str, ...], order_userref: tuple[int, ...], **given: Any) -> int:
    from krakencli.protocol.trading import Id, cancel_params
    from krakencli.trading.order import named
    from krakencli.trading.request import Request

    how = manner(state, given, urgent=True)
    ids = list(dict.fromkeys([*map(named, orders), *(Id("order_userref", one) for one in order_userref)]))
    if not ids:
        raise UsageError("no order is named", suggestion="kraken-stream order cancel OABCDE-FGHIJ-KLMNOP")
    if how.via == "rest" and len(ids) > 1:
        raise UsageError("REST cancels one order at a time", suggestion="leave --via rest out")
    settle = SETTLE if order_userref else 0.0
    request = Request(method="cancel_order", params=cancel_params(ids), expected=len(ids), settle=settle)
    return carry_out(request, how, state, given)


command = HelpfulCommand(
    "cancel",
    params=[
        click.Argument(["orders"], nargs=-1, metavar="[ORDER]..."),
        click.Option(
            ["--userref", "order_userref"], type=click.INT, multiple=True, help="All orders of this number."
        ),
        options.via_option(),
        *options.sending_options(),
    ],
    callback=click.pass_obj(_run),
    help="Cancel orders: ORDER is the exchange's id (OABCDE-FGHIJ-KLMNOP) or your cl_ord_id.",
    examples=(
        ("kraken-stream order cancel OABCDE-FGHIJ-KLMNOP", "one order"),
        ("kraken-stream order cancel strat-0001 strat-0002", "by names of yours"),
        ("kraken-stream order cancel --userref 7", "all orders of a number"),
    ),
    notes=("An order that is canceled already counts as canceled; one that is filled does not.",),
)
