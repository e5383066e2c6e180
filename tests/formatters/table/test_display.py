"""A cell reads well, keeps its digits, and holds nothing that steers a terminal."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krakencli.formatters.table.display import age, clean, compare, heading, shown
from krakencli.model import Column, Kind


@pytest.mark.parametrize(
    ("kind", "wire", "cell"),
    [
        ("price", "64000.10", "64,000.10"),
        ("price", "0.00000012", "0.00000012"),
        ("price", "1E-8", "1E-8"),
        ("price", "-1234567", "-1,234,567"),
        ("price", "999.9", "999.9"),
        ("qty", "12345678901234567890", "12,345,678,901,234,567,890"),
        ("qty", "2814.60729311", "2,814.60729311"),
        ("count", "98214", "98,214"),
        ("price", "", ""),
        ("price", "none yet", "none yet"),
        ("change", "812.3", "+812.3"),
        ("change", "-4412.1", "-4,412.1"),
        ("percent", "0.00", "0.00"),
        ("percent", "-0.00", "-0.00"),
        ("change", "1E-8", "+1E-8"),
        ("text", "90635251", "90635251"),
        ("symbol", "BTC/USD", "BTC/USD"),
        ("time", "2026-03-02T14:05:06.120774Z", "14:05:06.120"),
        ("time", "2026-03-02T14:05:06Z", "14:05:06.000"),
        ("time", "2026-03-02T14:05:06.999999999Z", "14:05:06.999"),
        ("time", "2026-03-02T14:05:00.000000000Z", "03-02 14:05"),
        ("time", "yesterday", "yesterday"),
    ],
)
def test_a_cell_is_shown(kind: Kind, wire: str, cell: str) -> None:
    assert shown(kind, wire) == cell


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_separators_lose_no_digit(number: Decimal) -> None:
    wire = str(number)[:40]
    assert shown("price", wire).replace(",", "")[:39] == wire[:39] or len(shown("price", wire)) == 40


@settings(deadline=None)
@given(st.text())
def test_no_text_of_the_network_reaches_a_terminal_but_printable(text: str) -> None:
    cell = clean(text)
    assert len(cell) <= 40
    assert all(unicodedata.category(each) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for each in cell)


@pytest.mark.parametrize(
    "control", ["\x1b", "\x9b", "\x07", "\n", "\r", "\t", "\x7f", "\u202e", "\u2066", "\u200b", "\u2028"]
)
def test_a_control_character_is_replaced(control: str) -> None:
    assert clean(f"a{control}b") == "a\ufffdb"


def test_a_long_text_is_bounded_and_says_so() -> None:
    assert clean("x" * 41) == "x" * 39 + "…"
    assert clean("x" * 40) == "x" * 40


@pytest.mark.parametrize(
    ("new", "old", "order"),
    [
        ("64000.10", "64000.1", 0),
        ("9007199254740993", "9007199254740992", 1),
        ("0.00000001", "1E-8", 0),
        ("9.9", "10.0", -1),
        ("1", "", 0),
        ("nan", "1", 0),
        ("x", "1", 0),
    ],
)
def test_numbers_are_compared_as_decimals(new: str, old: str, order: int) -> None:
    assert compare(new, old) == order


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-0.3, "0.0s"),
        (0.44, "0.4s"),
        (9.94, "9.9s"),
        (9.96, "9s"),
        (12.9, "12s"),
        (60, "1m"),
        (3599, "59m"),
        (3600, "1h"),
        (90000, "1d"),
    ],
)
def test_an_age_is_short(seconds: float, text: str) -> None:
    assert age(seconds) == text


def test_times_say_that_they_are_utc() -> None:
    assert heading(Column("timestamp", "time", "time")) == "time UTC"
    assert heading(Column("bid_qty", "qty")) == "bid qty"
