"""`order batch-cancel`: many orders in one request."""

from typing import Any

import click

from krakencli.cli import order_options as options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.order_run import carry_out, manner, refuse_unoffered
from krakencli.cli.state import State
from krakencli.errors import UsageError


def _run(state: State, orders: tuple[str, ...], order_userref: tuple[int, ...], **given: Any) -> int:
    from krakencli.protocol.trading import BATCH_CANCEL
    from krakencli.trading.order import named
    from krakencli.trading.request import Request

    how = manner(state, given, urgent=True)
    refuse_unoffered("batch_cancel", {}, how)
    names = list(dict.fromkeys(map(named, orders)))
    ids = [str(one.value) for one in names if one.kind == "order_id"]
    ids += map(str, dict.fromkeys(order_userref))
    ours = [str(one.value) for one in names if one.kind == "cl_ord_id"]
    if len(ids) + len(ours) not in BATCH_CANCEL:
        raise UsageError(
            f"a batch has {BATCH_CANCEL.start} to {BATCH_CANCEL.stop - 1} orders,"
            f" and these are {len(ids) + len(ours)}",
            suggestion="order cancel takes one; cancel-all takes all",
        )
    params: Any = {"orders": ids, **({"cl_ord_id": ours} if ours else {})}
    request = Request(method="batch_cancel", params=params)
    return carry_out(request, how, state, given)


command = HelpfulCommand(
    "batch-cancel",
    params=[
        click.Argument(["orders"], nargs=-1, metavar="[ORDER]..."),
        click.Option(
            ["--userref", "order_userref"], type=click.INT, multiple=True, help="All orders of this number."
        ),
        *options.sending_options(),
    ],
    callback=click.pass_obj(_run),
    help="Cancel 2 to 50 orders at once, by the exchange's ids or your cl_ord_ids.",
    examples=(("kraken-stream order batch-cancel OABCDE-FGHIJ-KLMNOP strat-0001", "two orders"),),
)
