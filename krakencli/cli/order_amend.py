"""`order amend`: an open order changed in place, which keeps its id and its fills."""

from typing import TYPE_CHECKING, Any

import click

from krakencli.cli import order_options as options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.order_run import manner, perform, refuse_unoffered, rehearse
from krakencli.cli.state import State
from krakencli.errors import UsageError
from krakencli.trading.words import PRICE_TYPES

if TYPE_CHECKING:
    from krakencli.symbols import Pair

CHANGES = (
    "order_qty", "limit_price", "limit_price_type", "display_qty", "trigger_price", "trigger_price_type",
)  # fmt: skip


def _run(
    state: State,
    order: str,
    symbol: str | None,
    post_only: bool,
    no_check: bool,
    deadline: float | None,
    **given: Any,
) -> int:
    from krakencli.cli.exchange import exchange
    from krakencli.cli.order_pair import pair_of, rest_name

    how = manner(state, given)
    deadline = options.checked_deadline(deadline)
    changes = {name: given.pop(name) for name in CHANGES}
    _check(changes)
    refuse_unoffered("amend_order", {name: one for name, one in changes.items() if one is not None}, how)
    if how.dry_run:
        named, pair = (None, None) if symbol is None else pair_of(symbol, None, state, needed=not no_check)
        request = _request(order, changes, named, pair, post_only=post_only, deadline=deadline)
        return rehearse(request, how, state, pair=rest_name(named or "", pair))
    with exchange(state, host="private", **given) as found:
        named, pair = (None, None) if symbol is None else pair_of(symbol, found, state, needed=not no_check)
        request = _request(order, changes, named, pair, post_only=post_only, deadline=deadline)
        return perform(request, how, found, state, pair=rest_name(named or "", pair))


def _check(changes: dict[str, Any]) -> None:
    if all(changes[name] is None for name in ("order_qty", "limit_price", "display_qty", "trigger_price")):
        raise UsageError("there is nothing to change", suggestion="add --qty, --price or --trigger-price")
    for kind, price in (("limit_price_type", "limit_price"), ("trigger_price_type", "trigger_price")):
        if changes[kind] is not None and changes[price] is None:
            raise UsageError(f"{kind} without {price}", suggestion="add the price that it is about")


def _request(
    order: str,
    changes: dict[str, Any],
    symbol: str | None,
    pair: "Pair | None",
    *,
    post_only: bool,
    deadline: float | None,
) -> Any:
    from krakencli.trading import rules
    from krakencli.trading.order import given, named
    from krakencli.trading.request import Request

    if pair is not None:
        rules.check_changes(pair, **changes)
    name = named(order)
    params = given(**{name.kind: name.value}, **changes, post_only=post_only or None, symbol=symbol)
    return Request(method="amend_order", params=params, subject=params, deadline=deadline)


command = HelpfulCommand(
    "amend",
    params=[
        click.Argument(["order"], metavar="ORDER"),
        options.price("--qty", "order_qty", words="The new quantity, what is filled included."),
        options.price("-p", "--price", "limit_price", words="The new limit price.", signed=True),
        options.choice(
            "--price-type",
            "limit_price_type",
            among=PRICE_TYPES,
            words="What the price of a trailing-stop-limit is.",
        ),
        options.price("--display-qty", words="What an iceberg order shows from now on."),
        options.price("--trigger-price", words="The new trigger price.", signed=True),
        options.choice("--trigger-price-type", among=PRICE_TYPES, words="What the trigger price is."),
        click.Option(["--post-only"], is_flag=True, help="Refuse a new price that would trade at once."),
        click.Option(["--symbol"], help="The order's pair, to check by its rules."),
        options.deadline_option(),
        options.no_check_option(),
        options.via_option(),
        *options.sending_options(),
    ],
    callback=click.pass_obj(_run),
    help="Change an open order in place: ORDER is its id (OABCDE-FGHIJ-KLMNOP) or your cl_ord_id.",
    examples=(
        ("kraken-stream order amend OABCDE-FGHIJ-KLMNOP --price 60001.5", "a new price"),
        ("kraken-stream order amend strat-0001 --qty 0.005 --symbol BTC/USD", "a smaller quantity, checked"),
    ),
    notes=("A smaller quantity keeps the order's place in the queue; a new price or a larger one does not.",),
)
