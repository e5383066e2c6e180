"""`order add`: one new order."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from krakencli.cli import order_options as options
from krakencli.cli.help import HelpfulCommand
from krakencli.cli.options import complete_symbols
from krakencli.cli.order_run import Manner, manner, perform, refuse_unoffered, rehearse
from krakencli.cli.state import State
from krakencli.trading.words import (
    CLOSING,
    FEE_PREFERENCES,
    PRICE_TYPES,
    REFERENCES,
    SIDES,
    STP_TYPES,
    TIMES_IN_FORCE,
    TYPES,
)

if TYPE_CHECKING:
    from krakencli.cli.exchange import Exchange
    from krakencli.symbols import Pair
    from krakencli.trading.order import Order
    from krakencli.trading.request import Request

OWN = (
    "side", "qty", "symbol", "order_type", "cash", "limit_price", "limit_price_type", "time_in_force",
    "expire_time", "effective_time", "cl_ord_id", "order_userref", "post_only", "reduce_only", "margin",
    "display_qty", "fee_preference", "stp_type", "sender_sub_id",
)  # fmt: skip


def _run(
    state: State, yes: bool, no_check: bool, validate: bool, deadline: float | None, **given: Any
) -> int:
    from krakencli.cli.exchange import exchange
    from krakencli.cli.order_confirm import must_ask
    from krakencli.trading import offered

    how = manner(state, given)
    deadline = options.checked_deadline(deadline)
    order = built(given)
    offered.check(order)
    refuse_unoffered("add_order", order.params(), how)
    adding = _Adding(order, how, state, check=not no_check, validate=validate, deadline=deadline)
    if how.dry_run:
        return adding.run(None, asking=False)
    asking = not validate and must_ask("order add", yes=yes)
    with exchange(state, host="private", **given) as found:
        return adding.run(found, asking=asking)


def built(given: dict[str, Any]) -> "Order":
    """The order that the options make, which are taken out of them."""
    from krakencli.trading.order import Conditional, Order, Triggers

    triggers = Triggers(
        price=given.pop("trigger_price"),
        reference=given.pop("trigger_reference"),
        price_type=given.pop("trigger_price_type"),
    )
    closing = Conditional(
        order_type=given.pop("close_type"),
        limit_price=given.pop("close_price"),
        limit_price_type=given.pop("close_price_type"),
        trigger_price=given.pop("close_trigger_price"),
        trigger_price_type=given.pop("close_trigger_price_type"),
    )
    own = {name: given.pop(name) for name in OWN}
    return Order(triggers=triggers, conditional=closing, **own)


class _Adding:
    """One `order add`, once its options are read."""

    def __init__(
        self,
        order: "Order",
        how: Manner,
        state: State,
        *,
        check: bool,
        validate: bool,
        deadline: float | None,
    ) -> None:
        self._order, self._how, self._state = order, how, state
        self._check, self._validate, self._deadline = check, validate, deadline

    def run(self, found: "Exchange | None", *, asking: bool) -> int:
        """Check it by the pair's rules, ask, send; without an exchange only show it."""
        from dataclasses import replace

        from krakencli.cli.order_pair import pair_of, rest_name
        from krakencli.trading import rules

        needed = self._check or self._how.via == "rest"
        symbol, pair = pair_of(self._order.symbol, found, self._state, needed=needed)
        order = replace(self._order, symbol=symbol)
        if self._check and pair is not None:
            rules.check(order, pair)
        request = self._request(order)
        if found is None:
            return rehearse(request, self._how, self._state, pair=rest_name(symbol, pair))
        if asking:
            self._ask(order, found, pair)
        return perform(request, self._how, found, self._state, pair=rest_name(symbol, pair))

    def _request(self, order: "Order") -> "Request":
        from dataclasses import replace

        from krakencli.trading.request import Request

        fresh = order.cl_ord_id is None and order.order_userref is None and not order.conditional.params()
        order = replace(order, cl_ord_id=uuid4().hex) if fresh else order
        more: dict[str, Any] = {"validate": True} if self._validate else {}
        return Request(
            method="add_order",
            params={**order.params(), **more},
            subject=order.params(),
            deadline=self._deadline,
            fresh=fresh,
        )

    def _ask(self, order: "Order", found: "Exchange", pair: "Pair | None") -> None:
        from krakencli.cli.order_confirm import ask, described, last_price
        from krakencli.cli.order_pair import rest_name
        from krakencli.cli.order_rest import public

        rest = None if found.endpoints.rest is None else public(found)
        name = rest_name(order.symbol, pair)
        ask([described(order, rest and (lambda: last_price(rest, name)))])


command = HelpfulCommand(
    "add",
    params=[
        click.Argument(["side"], type=click.Choice(SIDES, case_sensitive=False)),
        click.Argument(["qty"], type=options.Decimal()),
        click.Argument(["symbol"], shell_complete=complete_symbols),
        click.Option(
            ["-t", "--type", "order_type"],
            type=click.Choice(TYPES, case_sensitive=False),
            default="limit",
            show_default=True,
            help="What kind of order.",
        ),
        options.price("-p", "--price", "limit_price", words="The limit price.", signed=True),
        options.choice(
            "--price-type",
            "limit_price_type",
            among=PRICE_TYPES,
            words="What the price of a trailing-stop-limit is; an offset from its trigger unless asked.",
        ),
        click.Option(["--cash"], is_flag=True, help="QTY is money to spend: buying at the market only."),
        options.price(
            "--trigger-price", words="What wakes it, or the distance that it trails by.", signed=True
        ),
        options.choice(
            "--trigger-reference", among=REFERENCES, words="Which price wakes it (last unless asked)."
        ),
        options.choice(
            "--trigger-price-type",
            among=PRICE_TYPES,
            words="What the trigger price is (static unless asked).",
        ),
        options.choice(
            "--tif",
            "--time-in-force",
            "time_in_force",
            among=TIMES_IN_FORCE,
            words="How long it is good (gtc unless asked).",
        ),
        click.Option(["--expire-time"], type=options.Second(), help="When an order of --tif gtd ends."),
        click.Option(["--effective-time"], type=options.Second(), help="When it begins to be good."),
        click.Option(["--post-only"], is_flag=True, help="Refuse it where it would trade at once."),
        click.Option(["--reduce-only"], is_flag=True, help="Only make a margin position smaller."),
        click.Option(["--margin"], is_flag=True, help="Trade on margin, with the pair's maximum leverage."),
        options.price("--display-qty", words="What an iceberg order shows; from 1/15 of it on."),
        options.choice(
            "--fee-preference", among=FEE_PREFERENCES, words="Pay fees in the base or the quote currency."
        ),
        options.choice(
            "--stp-type", among=STP_TYPES, words="What to cancel where it meets an order of your own."
        ),
        click.Option(["--cl-ord-id"], help="A name of yours for it; one is made unless asked."),
        click.Option(
            ["--userref", "order_userref"],
            type=click.INT,
            help="A number of yours for it, instead of a name.",
        ),
        click.Option(["--sender-sub-id"], help="The trader, for self-trade prevention of institutions."),
        options.choice("--close-type", among=CLOSING, words="Close each fill by an order of this type."),
        options.price("--close-price", words="The limit price of the closing order.", signed=True),
        options.choice("--close-price-type", among=PRICE_TYPES, words="What the closing price is."),
        options.price("--close-trigger-price", words="The price that wakes the closing order.", signed=True),
        options.choice(
            "--close-trigger-price-type", among=PRICE_TYPES, words="What the closing trigger price is."
        ),
        options.deadline_option(),
        options.validate_option(),
        options.no_check_option(),
        options.yes_option(),
        options.via_option(),
        *options.sending_options(),
    ],
    callback=click.pass_obj(_run),
    help="Place one order: SIDE is buy or sell, QTY counts the base asset.",
    examples=(
        ("kraken-stream order add buy 0.01 BTC/USD --price 60000", "a limit order; you are asked first"),
        ("kraken-stream order add buy 0.01 BTC/USD --type market --yes", "at the market, from a script"),
        ("kraken-stream order add buy 100 BTC/USD --type market --cash", "for 100 USD"),
        ("kraken-stream order add sell 0.01 BTC/USD -t stop-loss --trigger-price 55000", "a stop"),
    ),
    notes=(
        "Prices and quantities are sent with exactly the digits that you write. When the answer is lost, the"
        " order is looked up, and never sent again: the result says placed, not_placed or unknown.",
    ),
)
