"""`order edit`: an open order canceled and a new one put in its place. Kept because the exchange keeps it."""

from typing import TYPE_CHECKING, Any

import click

from krakencli.cli import order_options as options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import complete_symbols
from krakencli.cli.order_run import Manner, manner, perform, refuse_unoffered, rehearse
from krakencli.cli.state import State
from krakencli.errors import StreamError, UsageError
from krakencli.trading.words import FEE_PREFERENCES, PRICE_TYPES, REFERENCES

if TYPE_CHECKING:
    from krakencli.cli.exchange import Exchange
    from krakencli.symbols import Pair
    from krakencli.trading.found import Found
    from krakencli.trading.request import Request

CHANGES = ("order_qty", "limit_price", "display_qty")
MORE = ("order_userref", "post_only", "reduce_only", "fee_preference", "validate")


def _run(
    state: State, order: str, symbol: str, yes: bool, no_check: bool, deadline: float | None, **given: Any
) -> int:
    from krakencli.cli.exchange import exchange
    from krakencli.cli.order_confirm import ask, must_ask
    from krakencli.cli.order_pair import pair_of, rest_name

    how = manner(state, given)
    deadline = options.checked_deadline(deadline)
    changes = _changes(given)
    refuse_unoffered("edit_order", changes, how, deadline=deadline)
    _refuse_names(order)
    asking = not (how.dry_run or changes.get("validate")) and must_ask("order edit", yes=yes)
    needed = not no_check or how.via == "rest"
    if how.dry_run:
        named, pair = pair_of(symbol, None, state, needed=needed)
        request = _request(order, named, pair if not no_check else None, changes, deadline)
        return rehearse(request, how, state, pair=rest_name(named, pair))
    with exchange(state, host="private", **given) as found:
        named, pair = pair_of(symbol, found, state, needed=needed)
        request = _request(order, named, pair if not no_check else None, changes, deadline)
        by_kind = _by_kind(changes, how)
        there = _there(order, found, needed=by_kind) if by_kind or not no_check else None
        if asking:
            ask([_described(order, named, changes, there)])
        kind = there.order_type if there else None
        return perform(request, how, found, state, pair=rest_name(named, pair), order_type=kind)


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    """The parameters that were asked for, in the order of the wire."""
    from krakencli.trading.order import Triggers
    from krakencli.trading.order import given as without_none

    triggers = Triggers(
        price=given.pop("trigger_price"),
        reference=given.pop("trigger_reference"),
        price_type=given.pop("trigger_price_type"),
    ).params()
    changes = {name: given.pop(name) for name in CHANGES}
    more = {name: given.pop(name) or None for name in MORE if name != "order_userref"}
    params = without_none(
        **changes, triggers=triggers or None, order_userref=given.pop("order_userref"), **more
    )
    if not {*CHANGES, "triggers"} & set(params):
        raise UsageError("there is nothing to change", suggestion="add --qty, --price or --trigger-price")
    if triggers and "price" not in triggers:
        raise UsageError("the --trigger options need the price", suggestion="add --trigger-price")
    return params


def _refuse_names(order: str) -> None:
    from krakencli.trading.order import is_order_id, named

    if not is_order_id(order):
        named(order)
        raise _amend(order, f"{order!r} is a cl_ord_id, and")


def _amend(order: str, why: str) -> UsageError:
    return UsageError(
        f"{why} an order that has one cannot be edited", suggestion=f"kraken-stream order amend {order} ..."
    )


def _by_kind(changes: dict[str, Any], how: Manner) -> bool:
    """Whether the type of the order decides which of its prices a request means: API v1 and REST call the
    limit price of a triggered order `price2`, and its trigger `price`.
    """
    older = how.api == "v1" or how.via == "rest"
    return older and "limit_price" in changes and "triggers" not in changes


def _there(order: str, found: "Exchange", *, needed: bool) -> "Found | None":
    """The order as REST knows it, where that can be asked. UsageError where it has a cl_ord_id, or where it
    is `needed` and cannot be had.
    """
    from krakencli.cli.order_rest import private, public
    from krakencli.trading.found import Lookup

    try:
        one = Lookup(private(found), public(found), 0.0, lambda: 0.0).by_id([order]).get(order)
    except StreamError as error:
        if needed:
            raise UsageError(
                f"it cannot be told which price of {order} is meant: {error.message}",
                suggestion=f"kraken-stream order amend {order} ..., or --api v2 without --via rest",
            ) from None
        return None  # without the right to look, the exchange is the judge
    if one is not None and one.cl_ord_id:
        raise _amend(order, f"{order} has the cl_ord_id {one.cl_ord_id}, and")
    return one


def _request(
    order: str, symbol: str, pair: "Pair | None", changes: dict[str, Any], deadline: float | None
) -> "Request":
    from krakencli.trading import rules
    from krakencli.trading.request import Request

    if pair is not None:
        triggers = changes.get("triggers", {})
        rules.check_changes(
            pair,
            **{name: changes.get(name) for name in CHANGES},
            trigger_price=triggers.get("price"),
            trigger_price_type=triggers.get("price_type"),
        )
    params = {"order_id": order, "symbol": symbol, **changes}
    subject = {name: value for name, value in params.items() if name not in ("order_id", "validate")}
    return Request(
        method="edit_order",
        params=params,
        subject={"original_order_id": order, **subject},
        deadline=deadline,
    )


def _described(order: str, symbol: str, changes: dict[str, Any], there: "Found | None") -> str:
    """The order as it is and what it becomes, with the new value."""
    from krakencli.protocol.trading import Number
    from krakencli.trading.numbers import plain, product

    was = f" ({there.side} {there.qty} {there.order_type} at {there.price})" if there else ""
    titles = {"order_qty": "qty", "limit_price": "price", "display_qty": "shown"}
    words = [f"{titles[name]} {changes[name]}" for name in CHANGES if name in changes]
    if "triggers" in changes:
        words.append(f"trigger {changes['triggers']['price']}")
    qty = changes.get("order_qty") or (there.qty if there else None)
    price = changes.get("limit_price") or (there.price if there and there.order_type == "limit" else None)
    if qty and price:
        words.append(f"value {plain(product(Number(qty), Number(price)))} {symbol.partition('/')[2]}")
    return f"EDIT {order} of {symbol}{was}: {', '.join(words)}"


command = HelpfulCommand(
    "edit",
    params=[
        click.Argument(["order"], metavar="ORDER_ID"),
        click.Argument(["symbol"], shell_complete=complete_symbols),
        options.price("--qty", "order_qty", words="The new quantity."),
        options.price("-p", "--price", "limit_price", words="The new limit price."),
        options.price("--display-qty", words="What an iceberg order shows."),
        options.price("--trigger-price", words="The new trigger price.", signed=True),
        options.choice("--trigger-reference", among=REFERENCES, words="Which price wakes it."),
        options.choice("--trigger-price-type", among=PRICE_TYPES, words="What the trigger price is."),
        click.Option(["--userref", "order_userref"], type=click.INT, help="The new order's number."),
        click.Option(["--post-only"], is_flag=True, help="Refuse it where it would trade at once."),
        click.Option(["--reduce-only"], is_flag=True, help="Only make a margin position smaller."),
        options.choice("--fee-preference", among=FEE_PREFERENCES, words="Pay fees in base or quote."),
        options.deadline_option(),
        options.validate_option(),
        options.no_check_option(),
        options.yes_option(),
        options.via_option(),
        *options.sending_options(),
    ],
    callback=click.pass_obj(_run),
    help="Replace an open order by a new one, which gets a new id and loses its place in the queue.",
    examples=(
        ("kraken-stream order edit OABCDE-FGHIJ-KLMNOP BTC/USD --qty 0.02", "another quantity"),
        ("kraken-stream order edit OABCDE-FGHIJ-KLMNOP BTC/USD --price 60001 --yes", "from a script"),
    ),
    notes=(
        "The exchange does not edit orders with a cl_ord_id, which add gives to each: amend changes those,"
        " and keeps their place.",
    ),
)
