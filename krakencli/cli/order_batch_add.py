"""`order batch-add`: several orders of one pair in one request, from JSON lines."""

from collections.abc import Callable
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

import click

from krakencli.cli import order_options as options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import complete_symbols
from krakencli.cli.order_run import manner, perform, refuse_unoffered, rehearse
from krakencli.cli.state import State
from krakencli.errors import UsageError

if TYPE_CHECKING:
    from krakencli.symbols import Pair
    from krakencli.trading.order import Order
    from krakencli.trading.request import Request

MOST_CHARACTERS = 1 << 20


def _run(
    state: State,
    symbol: str,
    file: IO[str],
    yes: bool,
    no_check: bool,
    validate: bool,
    deadline: float | None,
    **given: Any,
) -> int:
    from krakencli.cli.exchange import exchange
    from krakencli.cli.order_confirm import ask, described, must_ask
    from krakencli.cli.order_pair import pair_of

    how = manner(state, given)
    refuse_unoffered("batch_add", {}, how)
    deadline = options.checked_deadline(deadline)
    asking = not (how.dry_run or validate) and must_ask("order batch-add", yes=yes)
    orders = _read(file, symbol)
    if how.dry_run:
        named, pair = pair_of(symbol, None, state, needed=not no_check)
        return rehearse(_request(orders, named, pair, deadline, validate=validate), how, state)
    with exchange(state, host="private", **given) as found:
        named, pair = pair_of(symbol, found, state, needed=not no_check)
        request = _request(orders, named, pair, deadline, validate=validate)
        if asking:
            ask([described(replace(order, symbol=named)) for order in orders])
        return perform(request, how, found, state)


def _read(file: IO[str], symbol: str) -> "list[Order]":
    from krakencli.protocol.trading import BATCH_ADD
    from krakencli.trading import offered
    from krakencli.trading.lines import orders

    try:
        text = file.read(MOST_CHARACTERS)
    except UnicodeDecodeError:
        raise UsageError("the orders are no UTF-8 text", suggestion="write one JSON object a line") from None
    found = orders(text.splitlines(), symbol)
    if len(found) not in BATCH_ADD:
        raise UsageError(
            f"a batch has {BATCH_ADD.start} to {BATCH_ADD.stop - 1} orders, and these are {len(found)}",
            suggestion="order add places one; share more out over several batches",
        )
    for number, order in enumerate(found, 1):
        _about(number, offered.check, order)
    names = [order.cl_ord_id for order in found if order.cl_ord_id]
    if len(set(names)) < len(names):
        raise UsageError("two orders have the same cl_ord_id", suggestion="give each a name of its own")
    return found


def _about(number: int, check: Callable[..., None], *given: Any) -> None:
    """Make a check that names the order where it fails."""
    try:
        check(*given)
    except UsageError as error:
        raise UsageError(f"order {number}: {error.message}", suggestion=error.suggestion) from None


def _request(
    orders: "list[Order]", symbol: str, pair: "Pair | None", deadline: float | None, *, validate: bool
) -> "Request":
    from krakencli.trading import rules
    from krakencli.trading.request import Request

    if pair is not None:
        for number, order in enumerate(orders, 1):
            _about(number, rules.check, order, pair)
    params: dict[str, Any] = {
        "symbol": symbol,
        "orders": [_named(order).params(in_batch=True) for order in orders],
    }
    more = {"validate": True} if validate else {}
    return Request(
        method="batch_add", params={**params, **more}, subject={"symbol": symbol}, deadline=deadline
    )


def _named(order: "Order") -> "Order":
    """With a name by which it can be found again, where it may have one."""
    if order.cl_ord_id or order.order_userref is not None or order.conditional.params():
        return order
    return replace(order, cl_ord_id=uuid4().hex)


command = HelpfulCommand(
    "batch-add",
    params=[
        click.Argument(["symbol"], shell_complete=complete_symbols),
        click.Argument(["file"], type=click.File(encoding="utf-8"), default="-"),
        options.deadline_option(),
        options.validate_option(),
        options.no_check_option(),
        options.yes_option(),
        *options.sending_options(),
    ],
    callback=click.pass_obj(_run),
    help="Place 2 to 15 orders of one pair at once, from JSON lines in FILE or on stdin.",
    examples=(
        ("kraken-stream order batch-add BTC/USD orders.jsonl --dry-run", "see what would be sent"),
        ("jq -c '.[]' orders.json | kraken-stream order batch-add BTC/USD --yes", "from a pipe"),
    ),
    notes=(
        'A line is an object with add_order\'s fields: {"side":"buy","order_type":"limit","order_qty":0.001,'
        '"limit_price":60000.0}. One that cannot be placed by its form rejects the batch; after that each'
        " stands or falls alone.",
    ),
)
