"""Orders that cannot be placed are refused with the reason and the way out; those that can pass."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.errors import UsageError
from krakencli.protocol.trading import Id, Number
from krakencli.symbols import Pair
from krakencli.trading import offered, rules
from krakencli.trading.numbers import number, plain
from krakencli.trading.order import Conditional, Order, Triggers, client_id, named

PAIR = Pair(
    "XXBTZUSD", "XBTUSD", "XBT/USD", "BTC/USD", "BTC", "USD", "XXBT", "ZUSD", "online",
    1, 8, "0.5", "0.00005", "0.5",
)  # fmt: skip
N = Number
LIMIT = Order(side="buy", qty=N("0.01"), symbol="BTC/USD", limit_price=N("67310.0"))
MARKET = replace(LIMIT, order_type="market", limit_price=None)
STOP = replace(MARKET, order_type="stop-loss", triggers=Triggers(price=N("60000.0")))
TRAIL = replace(MARKET, order_type="trailing-stop", triggers=Triggers(price=N("1.0"), price_type="pct"))
ICEBERG = replace(LIMIT, order_type="iceberg", display_qty=N("0.001"))
CLOSE = Conditional(order_type="limit", limit_price=N("1"))
UUID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"


@pytest.mark.parametrize("text", ["0.01", "67310.0", "1", "0.00000001", "100.00"])
def test_numbers_keep_their_text(text: str) -> None:
    assert number(text, "it") == text


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        (".5", "write 0.5"), ("5.", "write 5"), ("+5", "write 5"), ("007", "write 7"), ("1e-8", "such as"),
        ("1,000", "such as 0.01"), ("nan", "such as 0.01"), ("", "such as 0.01"), ("0", "greater than 0"),
        ("-1", "greater than 0"), ("0.000", "greater than 0"), ("½", "such as"), ("1" * 30, "such as"),
    ],
)  # fmt: skip
def test_what_is_no_number(text: str, advice: str) -> None:
    with pytest.raises(UsageError) as caught:
        number(text, "it")
    assert advice in caught.value.suggestion


def test_offsets_may_be_below_zero() -> None:
    assert number("-150", "it", signed=True) == "-150"
    assert plain(Decimal("1.2E-7")) == "0.00000012"
    assert plain(Decimal(100)) == "100"


GOOD = [
    LIMIT, MARKET, STOP, TRAIL, ICEBERG,
    replace(LIMIT, time_in_force="fok"),
    replace(LIMIT, time_in_force="gtd", expire_time="2026-12-01T00:00:00Z"),
    replace(LIMIT, post_only=True, cl_ord_id=UUID),
    replace(LIMIT, order_userref=5, conditional=Conditional(order_type="limit", limit_price=N("70000"))),
    replace(MARKET, cash=True, qty=N("100")),
    replace(STOP, triggers=Triggers(price=N("-150"), price_type="quote")),
    replace(TRAIL, order_type="trailing-stop-limit", limit_price=N("-5"), limit_price_type="quote"),
]  # fmt: skip


@pytest.mark.parametrize("order", GOOD)
def test_what_is_offered(order: Order) -> None:
    offered.check(order)


BAD: list[tuple[Order, str]] = [
    (replace(LIMIT, limit_price=None), "needs a price"),
    (replace(LIMIT, limit_price=N("-5")), "greater than 0"),
    (replace(MARKET, limit_price=N("5")), "no limit price"),
    (replace(LIMIT, limit_price_type="pct"), "trailing-stop-limit orders only"),
    (replace(STOP, triggers=Triggers()), "needs a trigger"),
    (replace(LIMIT, triggers=Triggers(price=N("5"))), "not triggered"),
    (replace(STOP, triggers=Triggers(price=N("-5"))), "below 0"),
    (replace(TRAIL, triggers=Triggers(price=N("-5"), price_type="pct")), "distance"),
    (replace(MARKET, time_in_force="fok"), "limit orders only"),
    (replace(ICEBERG, time_in_force="fok"), "limit orders only"),
    (replace(LIMIT, time_in_force="gtd"), "--tif gtd needs"),
    (replace(LIMIT, expire_time="2026-12-01T00:00:00Z"), "good till a date"),
    (replace(MARKET, post_only=True), "orders with a limit price"),
    (replace(LIMIT, post_only=True, time_in_force="ioc"), "never does"),
    (replace(LIMIT, cash=True), "buying at the market"),
    (replace(MARKET, cash=True, side="sell"), "buying at the market"),
    (replace(MARKET, cash=True, margin=True), "on margin"),
    (replace(ICEBERG, display_qty=None), "the quantity that it shows"),
    (replace(LIMIT, display_qty=N("0.01")), "iceberg orders"),
    (replace(ICEBERG, display_qty=N("0.0006")), "1/15"),
    (replace(ICEBERG, display_qty=N("0.02")), "1/15"),
    (replace(LIMIT, cl_ord_id="a", order_userref=1), "exclude one another"),
    (replace(LIMIT, cl_ord_id="a", conditional=CLOSE), "no cl_ord_id"),
    (replace(LIMIT, cl_ord_id="much too long a name for it"), "not a cl_ord_id"),
    (replace(LIMIT, sender_sub_id="with space"), "not a sender_sub_id"),
    (replace(LIMIT, conditional=Conditional(limit_price=N("1"))), "type of the closing order"),
    (replace(LIMIT, conditional=Conditional(order_type="limit")), "needs a price"),
    (replace(LIMIT, conditional=Conditional(order_type="stop-loss")), "needs a trigger"),
    (replace(LIMIT, conditional=replace(CLOSE, order_type="stop-loss", trigger_price=N("1"))), "no limit"),
    (replace(LIMIT, conditional=replace(CLOSE, trigger_price=N("1"))), "not triggered"),
]  # fmt: skip


@pytest.mark.parametrize(("order", "words"), BAD)
def test_what_is_not_offered(order: Order, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        offered.check(order)
    assert words in caught.value.message + caught.value.suggestion
    assert caught.value.suggestion


@pytest.mark.parametrize("order", [one for one in GOOD if one.cash or one.order_type != "iceberg"])
def test_what_the_pair_allows(order: Order) -> None:
    rules.check(order, PAIR)


@pytest.mark.parametrize(
    ("changes", "words", "advice"),
    [
        ({"limit_price": N("67310.3")}, "no multiple of 0.5", "67310.5 is nearest, then 67310;"),
        ({"limit_price": N("67310.24")}, "no multiple of 0.5", "67310 is nearest, then 67310.5;"),
        ({"limit_price": N("0.1")}, "no multiple of 0.5", "0.5 is nearest;"),
        ({"qty": N("0.000012345")}, "more than the 8 decimals", "0.00001235 is nearest"),
        ({"qty": N("0.000000001")}, "more than the 8 decimals", "0.00000001 is nearest"),
        ({"qty": N("0.00004")}, "below 0.00005 BTC", "at least 0.00005"),
        ({"limit_price": N("0.5"), "qty": N("0.9")}, "the value 0.45 USD is below 0.5", "at least 1 BTC"),
        ({"limit_price": N("1.5"), "qty": N("0.3")}, "the value 0.45 USD", "at least 0.33333334 BTC"),
    ],
)
def test_what_breaks_a_rule_and_the_nearest_that_does_not(
    changes: dict[str, Any], words: str, advice: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        rules.check(replace(LIMIT, **changes), PAIR)
    assert caught.value.suggestion.startswith(advice) or advice in caught.value.suggestion
    assert "--no-check" in caught.value.suggestion


def test_other_prices_have_steps_too() -> None:
    for order in (
        replace(STOP, triggers=Triggers(price=N("60000.1"))),
        replace(LIMIT, conditional=Conditional(order_type="limit", limit_price=N("1.1"))),
        replace(LIMIT, conditional=Conditional(order_type="stop-loss", trigger_price=N("1.1"))),
    ):
        with pytest.raises(UsageError, match="no multiple"):
            rules.check(order, PAIR)
    rules.check(replace(TRAIL, triggers=Triggers(price=N("1.23"), price_type="pct")), PAIR)


def test_money_is_measured_as_money() -> None:
    with pytest.raises(UsageError, match=r"the value 0\.4 USD"):
        rules.check(replace(MARKET, cash=True, qty=N("0.4")), PAIR)


def test_rules_that_are_not_known_are_left_to_the_exchange() -> None:
    bare = replace(PAIR, price_precision=None, qty_precision=None, tick_size="", qty_min="", cost_min="")
    rules.check(replace(LIMIT, qty=N("0.000000000001"), limit_price=N("1.23456789")), bare)
    with pytest.raises(UsageError, match=r"no multiple of 0\.1"):
        rules.check(replace(LIMIT, limit_price=N("1.23")), replace(PAIR, tick_size=""))


@given(st.decimals(min_value="0.01", max_value="99999", places=4))
def test_the_nearest_price_is_valid_and_near(value: Decimal) -> None:
    try:
        rules.check_price(N(f"{value:f}"), PAIR, "it")
    except UsageError as error:
        nearest = error.suggestion.split()[0]
        assert abs(Decimal(nearest) - value) <= Decimal("0.5")
        rules.check_price(N(nearest), PAIR, "it")


def test_names_of_orders() -> None:
    assert named("OABCDE-FGHIJ-KLMNOP") == Id("order_id", "OABCDE-FGHIJ-KLMNOP")
    for text in (UUID, UUID.replace("-", ""), "strat-0001"):
        assert named(text) == Id("cl_ord_id", text)
    for text in ("", "two words", "x" * 19, "ümlaut"):
        with pytest.raises(UsageError, match="is not"):
            client_id(text)


def test_the_parameters_are_in_the_exchanges_words() -> None:
    order = replace(
        STOP, order_type="stop-loss-limit", limit_price=N("59999.50"), reduce_only=True,
        stp_type="cancel_both",
        triggers=Triggers(price=N("60000.0"), reference="index"), order_userref=0,
    )  # fmt: skip
    assert order.params() == {
        "order_type": "stop-loss-limit", "side": "buy", "order_qty": "0.01", "symbol": "BTC/USD",
        "limit_price": "59999.50", "triggers": {"reference": "index", "price": "60000.0"},
        "order_userref": 0, "reduce_only": True, "stp_type": "cancel_both",
    }  # fmt: skip
    assert "symbol" not in order.params(in_batch=True)
    spent = replace(MARKET, cash=True).params()
    assert spent["cash_order_qty"] == "0.01"
    assert "order_qty" not in spent
