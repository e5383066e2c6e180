"""Digits and times of REST as v2 has them: nothing is lost but zeros, nothing is ever a binary float."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.rest.backfill_items import cut, nanoseconds, trade_item, trade_rows


@pytest.mark.parametrize(
    ("text", "precision", "expected"),
    [
        ("30100.10000", 1, "30100.1"),
        ("30100.00000", 1, "30100.0"),
        ("30100.12000", 1, "30100.12"),
        ("30100.10000", 0, "30100.1"),
        ("30100.00000", 0, "30100"),
        ("30100.10000", None, "30100.10000"),
        ("30100", 5, "30100"),
        ("0.00000012", 8, "0.00000012"),
    ],
)
def test_only_surplus_zeros_are_cut(text: str, precision: int | None, expected: str) -> None:
    assert cut(text, precision) == expected


@given(st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,12})?", fullmatch=True), st.none() | st.integers(0, 12))
def test_a_cut_number_is_the_same_number(text: str, precision: int | None) -> None:
    short = cut(text, precision)
    assert Decimal(short) == Decimal(text)
    assert text.startswith(short)


@pytest.mark.parametrize("text", ["", "-1.0", "1e5", "NaN", "1.", '1,"x":2', "1\n"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        cut(text, 2)


@pytest.mark.parametrize(
    ("seconds", "stamp"),
    [
        ("1750000142.557535", "2025-06-15T15:09:02.557535Z"),
        ("1750000142.5576112", "2025-06-15T15:09:02.557611Z"),
        ("1750000142.1", "2025-06-15T15:09:02.100000Z"),
        ("1750000142", "2025-06-15T15:09:02.000000Z"),
        ("1795366800.000003", "2026-11-22T17:00:00.000003Z"),
    ],
)
def test_a_row_is_an_item_of_trade(seconds: str, stamp: str) -> None:
    row: list[Any] = ["30100.10000", "0.01250000", Decimal(seconds), "s", "m", "", 61044952, "new"]
    (found,) = trade_rows({"XXBTZUSD": [row], "last": "1"}, (1, 8))
    text = trade_item('A"/USD', found).decode()
    assert text == (
        '{"symbol":"A\\"/USD","side":"sell","price":30100.1,"qty":0.01250000,"ord_type":"market",'
        f'"trade_id":61044952,"timestamp":"{stamp}","source":"backfill"}}'
    )
    assert json.loads(text)["symbol"] == 'A"/USD'


def test_times_are_counted_in_nanoseconds_since_1970() -> None:
    assert nanoseconds("2025-06-15T15:09:02.557611Z") == 1_750_000_142_557_611_000
    assert nanoseconds("2025-06-15T15:09:02") == 1_750_000_142_000_000_000
    assert (nanoseconds(""), nanoseconds("soon")) == (None, None)
