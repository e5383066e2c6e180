"""BalanceEx in v2's names, with the digits that were sent and exact sums."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.errors import ProtocolError
from krakencli.rest.balances import Holding, holdings

ASSETS = {
    "XXBT": {"aclass": "currency", "altname": "XBT", "decimals": 10},
    "XBT.F": {"altname": "XBT.F"},
    "XXDG": {"altname": "XDG"},
    "ZUSD": {"altname": "USD"},
    "XTZ": {"altname": "XTZ"},
    "USDT": {"altname": "USDT"},
    "BROKEN": 5,
    "ODD": {"altname": "\x1b[2J"},
}


def held(entry: Any) -> Holding:
    (one,) = holdings({"ZUSD": entry}, ASSETS)
    return one


def test_digits_are_as_sent_and_what_is_held_is_not_available() -> None:
    answer = {
        "XXBT": {"balance": "0.5000000000", "hold_trade": "0.1000000000"},
        "ZUSD": {"balance": "200.0000", "hold_trade": "0.0000"},
    }
    assert holdings(answer, ASSETS) == [
        Holding("BTC", "0.5000000000", "0.1000000000", "0.4000000000"),
        Holding("USD", "200.0000", "0.0000", "200.0000"),
    ]


def test_a_credit_line_is_available_as_far_as_it_is_not_used() -> None:
    entry = {"balance": "1.0", "credit": "10.00", "credit_used": "2.5", "hold_trade": "0.125"}
    assert held(entry) == Holding("USD", "1.0", "0.125", "8.375", "10.00", "2.5")


@pytest.mark.parametrize(
    ("balance", "hold", "available"),
    [
        ("0.0000000100", "0.0000000000", "0.0000000100"),  # no exponent
        ("123456789012345678901234567.0000000001", "0.0000000002", "123456789012345678901234566.9999999999"),
        ("1.00", "1.00", "0.00"),
        ("0", "5.5", "-5.5"),
        ("-0.10", "0.0", "-0.10"),
    ],
)  # fmt: skip
def test_sums_are_exact(balance: str, hold: str, available: str) -> None:
    assert held({"balance": balance, "hold_trade": hold}).available == available


@given(st.decimals(-(10**15), 10**15, places=10), st.decimals(0, 10**15, places=10))
def test_what_is_available_and_what_is_held_are_the_balance(balance: Decimal, hold: Decimal) -> None:
    one = held({"balance": f"{balance:f}", "hold_trade": f"{hold:f}"})
    assert Decimal(one.available) + hold == balance
    assert "E" not in one.available


@pytest.mark.parametrize(
    ("asset_id", "name"),
    [
        ("XXBT", "BTC"), ("XBT", "BTC"), ("XBT.F", "BTC.F"), ("XBT.M", "BTC.M"), ("XXBT.F", "BTC.F"),
        ("XXDG", "DOGE"), ("ZUSD", "USD"), ("XTZ", "XTZ"), ("USDT.F", "USDT.F"), ("ETH2.S", "ETH2.S"),
        ("NEW", "NEW"), ("ODD", "ODD"), ("BROKEN", "BROKEN"),
    ],
)  # fmt: skip
def test_names_are_those_of_v2(asset_id: str, name: str) -> None:
    (one,) = holdings({asset_id: {"balance": "1"}}, ASSETS)
    assert one.asset == name


@pytest.mark.parametrize(
    ("entry", "empty"),
    [
        ({"balance": "0.0000", "hold_trade": "0.0000"}, True),
        ({"balance": "0"}, True),
        ({"balance": "0.0001"}, False),
        ({"balance": "0.0", "hold_trade": "0.1"}, False),
        ({"balance": "0.0", "credit": "5.0", "credit_used": "5.0"}, False),
    ],
)
def test_what_is_nothing(entry: Any, empty: bool) -> None:
    assert held(entry).is_empty is empty


def test_an_empty_account_and_bare_numbers() -> None:
    assert holdings({}, ASSETS) == holdings([], ASSETS) == holdings({}, None) == []
    assert held({"balance": Decimal("0.10"), "hold_trade": 0}).available == "0.10"


@pytest.mark.parametrize(
    "answer",
    [
        None, 7, [1], {"ZUSD": "5"}, {"ZUSD": {}}, {"ZUSD": {"balance": "1e5"}}, {"ZUSD": {"balance": None}},
        {"ZUSD": {"balance": "NaN"}}, {"ZUSD": {"balance": True}}, {"\x1b": {"balance": "1"}},
        {"ZUSD": {"balance": "1", "hold_trade": "?"}},
    ],
)  # fmt: skip
def test_another_shape_is_not_guessed_at(answer: Any) -> None:
    with pytest.raises(ProtocolError, match="BalanceEx"):
        holdings(answer, ASSETS)
